/**
 * Adverts that do not leave. A master whose adverts do not leave is none to the others, who take over after
 * Master_Down_Interval: it must not hold the addresses any longer than that. After a while it may try again, but then an
 * advert leaves before the addresses are added.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../../host/clock.ts";
import type { HostError } from "../../../host/errors.ts";
import { type Alarms, HOLD_DOWN_MS } from "../../journal/alarms.ts";
import { dropsBehindRemedy, ruleRemedy } from "../../../status/remedies/remedies.ts";
import type { DroppedBy } from "../../../status/status.ts";
import type { InstanceLog } from "../instance_log.ts";
import { PASSING, type SendOutcome } from "./advert_sender.ts";

/** How long the first fault of a series lasts until the instance may try again, in milliseconds; the next twice as long. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** How often the journal has an error that passes, at most, in milliseconds: a busy queue drops an advert now and then. */
const PASSING_GAP_MS = 60_000;

/** Whose adverts they are, and who hears of it. */
export interface StallContext {
  readonly host: Clock;
  readonly alarms: Alarms;
  readonly log: InstanceLog;
  /** Name of the instance. */
  readonly instance: string;
  /** The rules of this machine's firewall that drop them; `null` if vipd does not know them. */
  readonly droppedBy: () => DroppedBy | null;
  /** `fault` begins or ends by the time, not by a call from outside. */
  readonly changed: () => void;
}

export class SendStall {
  readonly #context: StallContext;
  /** Why the last advert did not leave; `null` when it did. */
  #error: HostError | null = null;
  /** The last entry in the journal about it, once until it is something else; empty when all is well. */
  #recorded = "";
  #passingMs = -Infinity;
  #lastLeftMs = 0;
  #stalled = false;
  /** It was a fault since an advert last left. */
  #lasts = false;
  #retryMs = FIRST_RETRY_MS;
  #cancel: CancelTimer = () => {};

  constructor(context: StallContext) {
    this.#context = context;
  }

  /** True from an advert that did not leave until one does, even if that is much later. */
  get suspect(): boolean {
    return this.#error !== null;
  }

  /** When an advert last left, or the mastership began, in monotonic milliseconds. */
  get lastLeftMs(): number {
    return this.#lastLeftMs;
  }

  /** The reason why the instance does not run, one sentence; `null` if there is none. */
  get fault(): string | null {
    return this.#stalled && this.#error ? faultText(this.#error) : null;
  }

  /** Why the adverts do not get past the interface, and have not for a while, one sentence; `null` if they do. */
  get blocked(): string | null {
    const dropped = this.#lasts && this.#error?.code === NO_ROOM;
    return dropped ? this.#error!.message : null;
  }

  /** A mastership begins: adverts are to leave from now on. */
  begin(): void {
    this.#lastLeftMs = this.#context.host.nowMs();
  }

  /** The mastership is over: no advert is to leave any more. */
  end(): void {
    if (!this.#stalled) this.#cancel();
  }

  /** The outcome of an advert that is to be heard; if none has left by `deadlineMs`, in monotonic milliseconds, it is a fault. */
  sent({ left, error }: SendOutcome, deadlineMs: number): void {
    this.#record(error);
    if (left) this.#left();
    else if (error) this.#failed(error, deadlineMs);
  }

  /**
   * The kernel says that adverts would leave now. `noticed` looks at the instance again: the alarm about its fault ends
   * there, and must not begin because this one ends.
   */
  opened(noticed: () => void): void {
    this.#record(null);
    const isOver = this.#forget();
    noticed();
    if (isOver) this.#withdraw();
  }

  /** An interface that is gone would say so with every advert. */
  #record(error: HostError | null): void {
    const problem = error?.message ?? "";
    if (problem === this.#recorded) return;
    if (error && PASSING.has(error.code)) {
      const nowMs = this.#context.host.nowMs();
      if (nowMs - this.#passingMs < PASSING_GAP_MS) return;
      this.#passingMs = nowMs;
    }
    this.#recorded = problem;
    if (problem === "") return;
    this.#context.log.recordRarely("error", "send_failed", `advert not sent: ${problem}`);
  }

  #left(): void {
    this.#lastLeftMs = this.#context.host.nowMs();
    if (this.#forget()) this.#withdraw();
  }

  /** True if there was an error. */
  #forget(): boolean {
    if (!this.#error) return false;
    this.#error = null;
    this.#stalled = false;
    this.#lasts = false;
    this.#retryMs = FIRST_RETRY_MS;
    this.#cancel();
    return true;
  }

  #withdraw(): void {
    const { alarms, instance } = this.#context;
    alarms.withdraw("adverts_not_sent", instance);
  }

  #failed(error: HostError, deadlineMs: number): void {
    const { host, changed } = this.#context;
    this.#error = error;
    if (this.#stalled || deadlineMs === Infinity) return;
    this.#cancel();
    this.#cancel = host.setTimer(deadlineMs, () => {
      this.stall();
      changed();
    });
  }

  /** It has lasted too long, or the try failed: `fault` holds until it is time to try again. */
  stall(): void {
    if (this.#stalled || !this.#error) return;
    const { host, changed } = this.#context;
    this.#stalled = true;
    this.#lasts = true;
    this.#raise(this.#error, Infinity);
    this.#cancel();
    this.#cancel = host.setTimer(host.nowMs() + this.#retryMs, () => {
      this.#stalled = false;
      changed();
    });
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  /** It may try again within `patienceMs`; an instance that has no reason to ends the alarm in time. */
  mayTryWithin(patienceMs: number): void {
    if (this.#error && !this.#stalled) this.#raise(this.#error, patienceMs + HOLD_DOWN_MS);
  }

  #raise(error: HostError, lastsMs: number): void {
    const { alarms, instance, droppedBy } = this.#context;
    const rules = DROPPED.has(error.code) ? droppedBy() : null;
    const hint = (rules && ruleRemedy(rules)) ?? HINTS[error.code] ??
      "ip -s link and ip route show what is wrong with the way out";
    alarms.raise("adverts_not_sent", instance, { message: faultText(error), hint }, lastsMs);
  }
}

function faultText(error: HostError): string {
  return `adverts do not leave: ${error.message}`;
}

/** The error of an advert that an egress chain drops, or a full queue. */
const NO_ROOM = "ENOBUFS";
/** The errors of adverts that a firewall may drop. */
const DROPPED: ReadonlySet<string> = new Set(["EPERM", NO_ROOM]);

/** By the name of the error. */
const HINTS: Readonly<Record<string, string>> = {
  EPERM: "`vipd doctor` here names the rule that drops protocol 112 on its way out (nft or " +
    "iptables, table, chain) and the command that helps; the other node is master meanwhile",
  [NO_ROOM]: `${dropsBehindRemedy("here")}; the other node is master meanwhile`,
  EMSGSIZE:
    "make the MTU larger, write advertise: false at addresses that need not be advertised, " +
    "or spread them over several instances",
  ENETUNREACH: "give the interface a way to the peers: ip route get PEER",
  EHOSTUNREACH: "give the interface a way to the peers: ip route get PEER",
  ENETDOWN: "ip link shows whether the interface is up and has a carrier",
};
