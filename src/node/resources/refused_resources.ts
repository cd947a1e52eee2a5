/**
 * The resources of an instance that the kernel refuses: one entry of the journal until that changes, an alarm, and, when a
 * master goes without it for longer than a lease, a fault, so that the other node serves. One that the kernel takes and
 * another program undoes again and again is as good as refused.
 *
 * Entry and alarm come when the kernel refuses it at the next try, too: the link may go down at this moment, or what it
 * needs may be on its way back.
 *
 * `refused_fault.ts` has the fault, its trials and its end.
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
import { RefusedFault, type RefusedFaultContext } from "./refused_fault.ts";

/** How long a master that is on trial goes without what is refused: its first advert has arrived by then. */
const TRIAL_MS = 100;
/**
 * A resource that another program has undone counts as refused until it has stayed for so long, in milliseconds: a program that
 * undoes it at once does that whenever it is put back, which is every `RETRY_MS`.
 */
const STAYS_MS = RETRY_MS + 250;
/**
 * A resource that was undone so many times is fought over: the first time it is put back at once, the second time a little later, and
 * that it does not stay then either is what no repair cures.
 */
const UNDONE_AGAIN_AND_AGAIN = 3;
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

/** A resource that another program has undone. */
interface Undone {
  readonly sinceMs: number;
  readonly times: number;
  /** Ends the wait for it to have stayed. */
  readonly cancel: CancelTimer;
}

/** The rest of an instance as its refused resources need it. */
export interface RefusedResourcesContext
  extends Omit<RefusedFaultContext, "raise" | "hasNoAddress"> {
  readonly journal: Journal;
  readonly alarms: Alarms;
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
  readonly #refused = new Map<string, Refused>();
  /** The last entry about each in the journal, until the kernel does it. */
  readonly #recorded = new Map<string, string>();
  /** The resources that other programs have undone. */
  readonly #undone = new Map<string, Undone>();
  readonly #fault: RefusedFault;
  /** True between `acquired` and `released`. */
  #asked = false;
  #cancelLimit: CancelTimer = () => {};
  #cancelTrial: CancelTimer = () => {};

  constructor(config: InstanceConfig, context: RefusedResourcesContext) {
    this.#config = config;
    this.#clock = context.clock;
    this.#journal = context.journal;
    this.#alarms = context.alarms;
    this.#fault = new RefusedFault(config, {
      ...context,
      raise: () => this.#raise(),
      hasNoAddress: () => this.#hasNoAddress(),
    });
  }

  /** It is tried out with another configuration; the conditions are to be looked at afterwards. */
  reconfigure(config: InstanceConfig): void {
    this.#config = config;
    this.#fault.reconfigure(config);
  }

  /** Why the instance must not be master; `null` when nothing speaks against it. */
  get fault(): string | null {
    return this.#fault.text;
  }

  /** Why the instance serves only if no other node does; `null` when nothing speaks against it. */
  get unwell(): string | null {
    return this.#fault.alone;
  }

  /** True if the kernel lets it have none of its addresses, as far as it was asked. */
  get bare(): boolean {
    return this.#fault.bare;
  }

  /** True while the fault is no more than that the kernel still refuses what it refused before. */
  get trialFailed(): boolean {
    return this.#fault.ofTrial;
  }

  /** The kernel refused `resource`; `message` says what, and what the kernel answered. */
  refused(action: RefusedAction, resource: string, code: JournalCode, message: string): void {
    const before = this.#refused.get(resource);
    const same = before?.action === action;
    const nowMs = this.#clock.nowMs();
    const sinceMs = same ? before.sinceMs : nowMs;
    const counts = this.#fault.onTrial || nowMs - sinceMs >= RETRY_MS;
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
    if (!this.#fault.onTrial) return;
    this.#cancelTrial();
    this.#cancelTrial = this.#clock.setTimer(this.#clock.nowMs() + STAYS_MS, () => {
      if (this.#missing().length === 0) this.#fault.trialPassed();
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
    this.#fault.masterHeard(() => this.#asked && this.#missing().length === 0);
  }

  /** Something changed on the host, by which the kernel may refuse no longer. */
  hostChanged(): void {
    this.#fault.hostChanged();
  }

  /** An operator wants to know whether the kernel still refuses it. */
  tryNow(): void {
    this.#fault.tryNow();
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelLimit();
    this.#cancelTrial();
    this.#fault.close();
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
      this.#fault.trialPassed();
    }
    this.#raise();
  }

  #awaitLimit(): void {
    const [first] = this.#missing();
    if (!first || this.#fault.text !== null) return;
    this.#cancelLimit();
    this.#cancelLimit = this.#clock.setTimer(
      first.sinceMs + this.#limitMs(),
      () => this.#limitReached(),
    );
  }

  #limitReached(): void {
    const [first] = this.#missing();
    if (first && this.#fault.alone === null && this.#fault.text === null) {
      this.#fault.begin(first.message);
    }
  }

  #hasNoAddress(): boolean {
    const { addresses } = this.#config;
    return addresses.length > 0 && addresses.every((address) => {
      const refused = this.#refused.get(addressName(address));
      return refused?.action === "add";
    });
  }

  /** A lease, or what it would be: so long a dead master's address stays, too. */
  #limitMs(): number {
    if (this.#fault.onTrial) return TRIAL_MS;
    const { leaseSeconds, advertIntervalCs, downTimerAdverts } = this.#config;
    const intervalMs = centisecondsToMs(advertIntervalCs);
    return (leaseSeconds ?? automaticLeaseSeconds(intervalMs, downTimerAdverts)) * 1000;
  }

  #raise(): void {
    const { name } = this.#config;
    const [first, ...more] = this.#refused.values().filter(({ counts }) => counts);
    const message = first?.message ?? this.#fault.text ?? undefined;
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
