/**
 * The resources of an instance that the kernel refuses: one entry of the journal until that changes, an alarm, and, when a
 * master goes without it for longer than a lease, a fault, so that the other node serves. One that the kernel takes and
 * another program undoes again and again is as good as refused.
 *
 * Entry and alarm come when the kernel refuses it at the next try, too: the link may go down at this moment, or what it
 * needs may be on its way back.
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
import type { PlacedAddress } from "../../vip/addresses.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { Journal } from "../../status/journal.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import { automaticLeaseSeconds } from "../../vip/lease.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { Alarms } from "../journal/alarms.ts";
import { RETRY_MS } from "./reconciler.ts";

/** How long a fault lasts at first and at most, in milliseconds. */
export const FIRST_FAULT_MS = 30_000;
export const LONGEST_FAULT_MS = 600_000;
/** How long a master that is on trial goes without what is refused: its first advert has arrived by then. */
const TRIAL_MS = 100;
/** A change of the host ends a fault that has lasted this part of its time. */
const CHANGE_ENDS_AFTER = 1 / 6;
/**
 * A resource that another program has undone counts as refused until it has stayed for so long, in milliseconds: a program that
 * undoes it at once does that whenever it is put back, which is every `RETRY_MS`.
 */
export const STAYS_MS = RETRY_MS + 250;
/**
 * A resource that was undone so many times is fought over: the first time it is put back at once, the second time a little later, and
 * that it does not stay then either is what no repair cures.
 */
const UNDONE_AGAIN_AND_AGAIN = 3;
/** How many times Master_Down_Interval, roughly, another master has to speak up. */
const ALONE_AFTER_INTERVALS = 2;

/** The refused action: after `add` it is missing, after `remove` it is still there. */
export type RefusedAction = "add" | "remove";

interface Refused {
  /** `keep`: another program undoes it again and again. */
  readonly action: RefusedAction | "keep";
  readonly message: string;
  readonly sinceMs: number;
  /** False until the next try has shown that it is no matter of a moment. */
  readonly counts: boolean;
}

interface Fault {
  readonly text: string;
  readonly sinceMs: number;
  readonly lastsMs: number;
  /** The instance was on trial, and failed. */
  readonly ofTrial: boolean;
}

/** A resource that another program has undone. */
interface Undone {
  readonly sinceMs: number;
  readonly times: number;
  /** Ends the wait for it to have stayed. */
  readonly cancel: CancelTimer;
}

/** The rest of an instance as its refused resources need it. */
export interface RefusedResourcesContext {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly alarms: Alarms;
  /** Is called when `fault` may say something else than before. */
  readonly changed: () => void;
  /** True if no member of its sync group could have any of its addresses. */
  readonly nothingToServe: () => boolean;
  /** Asks the kernel whether it takes one of the addresses, which is on the host for that moment alone. */
  readonly takesAddress: () => boolean;
}

/** The name of an address among the resources. */
export function addressName({ address, device }: PlacedAddress): string {
  return `${address} on ${device}`;
}

export class RefusedResources {
  #config: InstanceConfig;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #alarms: Alarms;
  readonly #changed: () => void;
  readonly #nothingToServe: () => boolean;
  readonly #takesAddress: () => boolean;
  readonly #refused = new Map<string, Refused>();
  /** The last entry about each in the journal, until the kernel does it. */
  readonly #recorded = new Map<string, string>();
  /** The resources that other programs have undone. */
  readonly #undone = new Map<string, Undone>();
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
  /** True between `acquired` and `released`. */
  #asked = false;
  #heardMs = -Infinity;
  #cancelLimit: CancelTimer = () => {};
  #cancelEnd: CancelTimer = () => {};
  #cancelAlone: CancelTimer = () => {};
  #cancelTrial: CancelTimer = () => {};

  constructor(config: InstanceConfig, context: RefusedResourcesContext) {
    this.#config = config;
    this.#clock = context.clock;
    this.#journal = context.journal;
    this.#alarms = context.alarms;
    this.#changed = context.changed;
    this.#nothingToServe = context.nothingToServe;
    this.#takesAddress = context.takesAddress;
  }

  /** It is tried out with another configuration; the conditions are to be looked at afterwards. */
  reconfigure(config: InstanceConfig): void {
    this.#config = config;
    this.#alone = null;
    this.#bare = false;
    if (!this.#fault) return;
    this.#forgetFault();
    this.#raise();
  }

  /** Why the instance must not be master; `null` when nothing speaks against it. */
  get fault(): string | null {
    return this.#fault?.text ?? null;
  }

  /** Why the instance serves only if no other node does; `null` when nothing speaks against it. */
  get unwell(): string | null {
    return this.#alone;
  }

  /** True if the kernel lets it have none of its addresses, as far as it was asked. */
  get bare(): boolean {
    return this.#bare;
  }

  /** True while the fault is no more than that the kernel still refuses what it refused before. */
  get trialFailed(): boolean {
    return this.#fault?.ofTrial ?? false;
  }

  /** The kernel refused `resource`; `message` says what, and what the kernel answered. */
  refused(action: RefusedAction, resource: string, code: JournalCode, message: string): void {
    const before = this.#refused.get(resource);
    const same = before?.action === action;
    const nowMs = this.#clock.nowMs();
    const sinceMs = same ? before.sinceMs : nowMs;
    const counts = this.#onTrial || nowMs - sinceMs >= RETRY_MS;
    this.#refused.set(resource, { action, message, sinceMs, counts });
    if (counts && this.#recorded.get(resource) !== message) {
      this.#recorded.set(resource, message);
      this.#journal.record("error", code, `${this.#config.name}: ${message}`, this.#config.name);
    }
    if (same && before.message === message && before.counts === counts) return;
    this.#raise();
    if (action === "remove") return;
    this.#awaitLimit();
  }

  /** The kernel did what it had refused, or it is not asked for any more. */
  settled(resource: string): void {
    this.#recorded.delete(resource);
    if (this.#refused.get(resource)?.action !== "keep") this.#remove(resource);
  }

  /**
   * Another program has undone `resource`, which is put back, at once or in a moment. Once or twice is a repair that costs
   * nothing else; again and again is a node on which it does not serve. `message` says what.
   */
  undone(resource: string, message: string): void {
    const nowMs = this.#clock.nowMs();
    const before = this.#undone.get(resource);
    before?.cancel();
    const { sinceMs, times } = before ?? { sinceMs: nowMs, times: 0 };
    const cancel = this.#clock.setTimer(nowMs + STAYS_MS, () => this.#stayed(resource));
    this.#undone.set(resource, { sinceMs, times: times + 1, cancel });
    if (times + 1 < UNDONE_AGAIN_AND_AGAIN || this.#refused.has(resource)) return;
    this.#refused.set(resource, { action: "keep", message, sinceMs, counts: true });
    this.#raise();
    this.#awaitLimit();
  }

  /** The instance has asked for all of its resources. */
  acquired(): void {
    this.#asked = true;
    if (!this.#onTrial) return;
    this.#cancelTrial();
    this.#cancelTrial = this.#clock.setTimer(this.#clock.nowMs() + STAYS_MS, () => {
      if (this.#missing().length === 0) this.#trialPassed();
    });
  }

  /** The instance releases its resources: nothing is asked for any more, and what must go still must. */
  released(): void {
    this.#asked = false;
    this.#cancelLimit();
    this.#cancelTrial();
    for (const { cancel } of this.#undone.values()) cancel();
    this.#undone.clear();
    for (const [resource, { action }] of this.#refused) {
      if (action !== "remove") this.#refused.delete(resource);
    }
    this.#raise();
  }

  /** Another master was heard. */
  masterHeard(): void {
    this.#heardMs = this.#clock.nowMs();
    if (this.#alone === null) return;
    if (this.#asked && this.#missing().length === 0) this.#notAlone();
    else this.#beginFault(this.#alone);
  }

  /** Something changed on the host, by which the kernel may refuse no longer. */
  hostChanged(): void {
    if (!this.#fault) return;
    if (this.#asksKernel) return this.#askKernel();
    const { sinceMs, lastsMs } = this.#fault;
    if (this.#clock.nowMs() >= sinceMs + lastsMs * CHANGE_ENDS_AFTER) this.#endFault();
  }

  /** An operator wants to know whether the kernel still refuses it. */
  tryNow(): void {
    if (this.#fault) this.#endFault();
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelLimit();
    this.#cancelTrial();
    this.#cancelEnd();
    this.#cancelAlone();
    for (const { cancel } of this.#undone.values()) cancel();
  }

  #missing(): Refused[] {
    return Array.from(this.#refused.values()).filter(({ action }) => action !== "remove");
  }

  #stayed(resource: string): void {
    this.#undone.delete(resource);
    if (this.#refused.get(resource)?.action === "keep") this.#remove(resource);
  }

  #remove(resource: string): void {
    if (!this.#refused.delete(resource)) return;
    if (this.#missing().length === 0) {
      this.#cancelLimit();
      this.#trialPassed();
    }
    this.#raise();
  }

  #trialPassed(): void {
    this.#onTrial = false;
    this.#bare = false;
    this.#nextFaultMs = FIRST_FAULT_MS;
    this.#notAlone();
  }

  #notAlone(): void {
    if (this.#alone === null) return;
    this.#alone = null;
    this.#changed();
  }

  #awaitLimit(): void {
    const [first] = this.#missing();
    if (!first || this.#fault) return;
    this.#cancelLimit();
    this.#cancelLimit = this.#clock.setTimer(
      first.sinceMs + this.#limitMs(),
      () => this.#limitReached(),
    );
  }

  #limitReached(): void {
    const [first] = this.#missing();
    if (first && this.#alone === null && !this.#fault) this.#beginFault(first.message);
  }

  #beginFault(text: string): void {
    this.#alone = null;
    const nowMs = this.#clock.nowMs();
    const lastsMs = this.#nextFaultMs;
    this.#nextFaultMs = Math.min(2 * lastsMs, LONGEST_FAULT_MS);
    this.#fault = { text, sinceMs: nowMs, lastsMs, ofTrial: this.#onTrial };
    this.#onTrial = true;
    this.#bare = this.#hasNoAddress();
    this.#awaitEnd();
    this.#awaitSilence(nowMs);
    this.#raise();
    this.#changed();
  }

  /** As long as the fault lasts, the other node may die, too. */
  #awaitSilence(sinceMs: number): void {
    this.#cancelAlone = this.#clock.setTimer(sinceMs + this.#aloneAfterMs(), () => {
      if (this.#heardMs >= sinceMs) return this.#awaitSilence(Math.max(this.#heardMs, sinceMs + 1));
      if (this.#nothingToServe()) return this.#askKernelFrom(sinceMs);
      this.#alone = this.#fault!.text;
      this.#endFault();
    });
  }

  #hasNoAddress(): boolean {
    const { addresses } = this.#config;
    return addresses.length > 0 && addresses.every((address) => {
      const refused = this.#refused.get(addressName(address));
      return refused?.action === "add";
    });
  }

  /** Nobody serves since then: the fault ends when the kernel takes an address, and not before. */
  #askKernelFrom(silentSinceMs: number): void {
    this.#asksKernel = true;
    this.#cancelEnd();
    this.#cancelAlone = this.#clock.setTimer(this.#clock.nowMs() + RETRY_MS, () => {
      if (this.#heardMs < silentSinceMs && this.#nothingToServe()) {
        this.#askKernelFrom(silentSinceMs);
        return this.#askKernel();
      }
      this.#asksKernel = false;
      // A node that serves by now does so for as long as after any fault.
      this.#fault = { ...this.#fault!, sinceMs: this.#clock.nowMs() };
      this.#awaitEnd();
      this.#awaitSilence(silentSinceMs);
    });
  }

  #askKernel(): void {
    if (!this.#takesAddress()) return;
    this.#bare = false;
    this.#endFault();
  }

  #awaitEnd(): void {
    const { sinceMs, lastsMs } = this.#fault!;
    this.#cancelEnd = this.#clock.setTimer(sinceMs + lastsMs, () => this.#endFault());
  }

  #endFault(): void {
    this.#forgetFault();
    // The alarm about the fault ends first: it must not begin because this one ends.
    this.#changed();
    this.#raise();
  }

  #forgetFault(): void {
    this.#cancelEnd();
    this.#cancelAlone();
    this.#asksKernel = false;
    this.#fault = null;
  }

  /** A lease, or what it would be: so long a dead master's address stays, too. */
  #limitMs(): number {
    if (this.#onTrial) return TRIAL_MS;
    const { leaseSeconds, advertIntervalCs, downTimerAdverts } = this.#config;
    const intervalMs = centisecondsToMs(advertIntervalCs);
    return (leaseSeconds ?? automaticLeaseSeconds(intervalMs, downTimerAdverts)) * 1000;
  }

  #aloneAfterMs(): number {
    const { advertIntervalCs, downTimerAdverts } = this.#config;
    const downMs = (downTimerAdverts + 1) * centisecondsToMs(advertIntervalCs);
    return ALONE_AFTER_INTERVALS * downMs;
  }

  #raise(): void {
    const { name } = this.#config;
    const [first, ...more] = this.#refused.values().filter(({ counts }) => counts);
    const message = first?.message ?? this.#fault?.text;
    if (message === undefined) return this.#alarms.clear("resource_refused", name);
    const others = more.length > 0 ? `, and ${more.length} more` : "";
    this.#alarms.raise("resource_refused", name, {
      message: `${message}${others}`,
      hint:
        `remove the cause that it names; vipd tries again by itself, and at once after \`vipd ` +
        `promote ${name}\``,
    });
  }
}
