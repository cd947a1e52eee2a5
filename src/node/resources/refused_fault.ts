/**
 * A master that has gone without a resource for longer than a lease: a fault, so that the other node serves.
 *
 * A fault is tried out again: after a while that doubles each time, when something changed on the host, or when an
 * operator changes the configuration or promotes the instance. Then the first rejection is enough. Nobody serves while both
 * nodes are out of the election: a fault during which no other master is heard ends, and the instance serves with what it
 * has, as a last resort: the first node that has everything takes over, and the fault continues. One that could have none
 * of its addresses serves nothing: as master it would only keep nodes that do not preempt from serving. It stays in fault,
 * and asks the kernel every second as long as no other master is heard.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import { RETRY_MS } from "./reconciler.ts";

/** How long a fault lasts at first and at most, in milliseconds. */
export const FIRST_FAULT_MS = 30_000;
const LONGEST_FAULT_MS = 600_000;
/** A change of the host ends a fault that has lasted this part of its time. */
const CHANGE_ENDS_AFTER = 1 / 6;
/** How many times Master_Down_Interval, roughly, another master has to speak up. */
const ALONE_AFTER_INTERVALS = 2;

interface Fault {
  readonly text: string;
  readonly sinceMs: number;
  readonly lastsMs: number;
  /** The instance was on trial, and failed. */
  readonly ofTrial: boolean;
}

/** The part of the instance, and of its resources, that a fault needs. */
export interface RefusedFaultContext {
  readonly clock: Clock;
  /** Is called when `text` or `alone` may say something else than before. */
  readonly changed: () => void;
  /** True if no member of its sync group could have any of its addresses. */
  readonly nothingToServe: () => boolean;
  /** Asks the kernel whether it takes one of the addresses, which is on the host for that moment alone. */
  readonly takesAddress: () => boolean;
  /** Raises the alarm, or ends it. */
  readonly raise: () => void;
  /** True if the kernel refuses every address of the instance. */
  readonly hasNoAddress: () => boolean;
}

export class RefusedFault {
  #config: InstanceConfig;
  readonly #context: RefusedFaultContext;
  #fault: Fault | null = null;
  #nextFaultMs = FIRST_FAULT_MS;
  /** True if the kernel refused it every address before the last fault, and has taken none since. */
  #bare = false;
  /** True while the kernel is asked every second, because nobody serves. */
  #asksKernel = false;
  /** True after a fault, until nothing was refused of a master for a while. */
  #onTrial = false;
  /** Why it serves only because nobody else does; `null` while another node may. */
  #alone: string | null = null;
  #heardMs = -Infinity;
  #cancelEnd: CancelTimer = () => {};
  #cancelAlone: CancelTimer = () => {};

  constructor(config: InstanceConfig, context: RefusedFaultContext) {
    this.#config = config;
    this.#context = context;
  }

  /** It is tried out with another configuration. */
  reconfigure(config: InstanceConfig): void {
    this.#config = config;
    this.#alone = null;
    this.#bare = false;
    if (!this.#fault) return;
    this.#forgetFault();
    this.#context.raise();
  }

  /** Why the instance must not be master; `null` when nothing speaks against it. */
  get text(): string | null {
    return this.#fault?.text ?? null;
  }

  /** Why it serves only because nobody else does; `null` while another node may. */
  get alone(): string | null {
    return this.#alone;
  }

  /** True if the kernel refused it every address before the last fault, and has taken none since. */
  get bare(): boolean {
    return this.#bare;
  }

  /** True while the fault is that of a failed trial. */
  get ofTrial(): boolean {
    return this.#fault?.ofTrial ?? false;
  }

  /** True after a fault, until nothing was refused of a master for a while. */
  get onTrial(): boolean {
    return this.#onTrial;
  }

  begin(text: string): void {
    this.#alone = null;
    const nowMs = this.#context.clock.nowMs();
    const lastsMs = this.#nextFaultMs;
    this.#nextFaultMs = Math.min(2 * lastsMs, LONGEST_FAULT_MS);
    this.#fault = { text, sinceMs: nowMs, lastsMs, ofTrial: this.#onTrial };
    this.#onTrial = true;
    this.#bare = this.#context.hasNoAddress();
    this.#awaitEnd();
    this.#awaitSilence(nowMs);
    this.#context.raise();
    this.#context.changed();
  }

  /** Nothing is missing any more, or nothing was for a while. */
  trialPassed(): void {
    this.#onTrial = false;
    this.#bare = false;
    this.#nextFaultMs = FIRST_FAULT_MS;
    this.#notAlone();
  }

  /** Another master was heard; `complete`: whether this node has everything that it asked for. */
  masterHeard(complete: () => boolean): void {
    this.#heardMs = this.#context.clock.nowMs();
    if (this.#alone === null) return;
    if (complete()) this.#notAlone();
    else this.begin(this.#alone);
  }

  /** Something changed on the host, by which the kernel may refuse no longer. */
  hostChanged(): void {
    if (!this.#fault) return;
    if (this.#asksKernel) return this.#askKernel();
    const { sinceMs, lastsMs } = this.#fault;
    if (this.#context.clock.nowMs() >= sinceMs + lastsMs * CHANGE_ENDS_AFTER) this.#endFault();
  }

  /** An operator wants to know whether the kernel still refuses it. */
  tryNow(): void {
    if (this.#fault) this.#endFault();
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelEnd();
    this.#cancelAlone();
  }

  #notAlone(): void {
    if (this.#alone === null) return;
    this.#alone = null;
    this.#context.changed();
  }

  /** As long as the fault lasts, the other node may die, too. */
  #awaitSilence(sinceMs: number): void {
    this.#cancelAlone = this.#context.clock.setTimer(sinceMs + this.#aloneAfterMs(), () => {
      if (this.#heardMs >= sinceMs) return this.#awaitSilence(Math.max(this.#heardMs, sinceMs + 1));
      if (this.#context.nothingToServe()) return this.#askKernelFrom(sinceMs);
      this.#alone = this.#fault!.text;
      this.#endFault();
    });
  }

  /** Nobody serves since then: the fault ends when the kernel takes an address, and not before. */
  #askKernelFrom(silentSinceMs: number): void {
    this.#asksKernel = true;
    this.#cancelEnd();
    this.#cancelAlone = this.#context.clock.setTimer(this.#context.clock.nowMs() + RETRY_MS, () => {
      if (this.#heardMs < silentSinceMs && this.#context.nothingToServe()) {
        this.#askKernelFrom(silentSinceMs);
        return this.#askKernel();
      }
      this.#asksKernel = false;
      // A node that serves by now does so for as long as after any fault.
      this.#fault = { ...this.#fault!, sinceMs: this.#context.clock.nowMs() };
      this.#awaitEnd();
      this.#awaitSilence(silentSinceMs);
    });
  }

  #askKernel(): void {
    if (!this.#context.takesAddress()) return;
    this.#bare = false;
    this.#endFault();
  }

  #awaitEnd(): void {
    const { sinceMs, lastsMs } = this.#fault!;
    this.#cancelEnd = this.#context.clock.setTimer(sinceMs + lastsMs, () => this.#endFault());
  }

  #endFault(): void {
    this.#forgetFault();
    // The alarm about the fault ends first: it must not begin because this one ends.
    this.#context.changed();
    this.#context.raise();
  }

  #forgetFault(): void {
    this.#cancelEnd();
    this.#cancelAlone();
    this.#asksKernel = false;
    this.#fault = null;
  }

  #aloneAfterMs(): number {
    const { advertIntervalCs, downTimerAdverts } = this.#config;
    const downMs = (downTimerAdverts + 1) * centisecondsToMs(advertIntervalCs);
    return ALONE_AFTER_INTERVALS * downMs;
  }
}
