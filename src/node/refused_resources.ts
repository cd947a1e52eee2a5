/**
 * What the kernel refuses of an instance's resources: one entry of the journal until that changes, an alarm, and, when a
 * master goes without it for longer than a lease, a fault, so that the other node serves.
 *
 * A fault is tried out again: after a while that doubles each time, or when something changed on the host. Then the first
 * refusal is enough. Nobody serves while both nodes are out of the election: a fault during which no other master is
 * heard ends, and the instance serves with what it has until another router is heard.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { automaticLeaseSeconds } from "../vip/lease.ts";
import { centisecondsToMs } from "../vrrp/timers.ts";
import type { Alarms } from "./alarms.ts";
import type { CancelTimer, Host } from "./host.ts";
import type { Journal } from "./journal.ts";
import type { JournalCode } from "./journal_codes.ts";

/** How long a fault lasts at first and at most, in milliseconds. */
export const FIRST_FAULT_MS = 30_000;
export const LONGEST_FAULT_MS = 600_000;
/** How long a master that is on trial goes without what is refused: its first advert has arrived by then. */
const TRIAL_MS = 100;
/** A change of the host ends a fault that has lasted this part of its time. */
const CHANGE_ENDS_AFTER = 1 / 6;
/** How many times Master_Down_Interval, roughly, another master has to speak up. */
const ALONE_AFTER_INTERVALS = 2;

const HINT = "remove the cause that it names; vipd tries again by itself";

/** What was refused: to put it is missing; to take it stays where it must not be. */
export type RefusedAction = "put" | "take";

interface Refused {
  readonly action: RefusedAction;
  readonly message: string;
  readonly sinceMs: number;
}

interface Fault {
  readonly text: string;
  readonly sinceMs: number;
  readonly lastsMs: number;
}

export class RefusedResources {
  #config: InstanceConfig;
  readonly #host: Host;
  readonly #journal: Journal;
  readonly #alarms: Alarms;
  readonly #changed: () => void;
  readonly #refused = new Map<string, Refused>();
  /** What the journal has of each, until the kernel does it. */
  readonly #recorded = new Map<string, string>();
  #fault: Fault | null = null;
  #nextFaultMs = FIRST_FAULT_MS;
  /** True after a fault, until nothing is refused any more. */
  #onTrial = false;
  /** True when nobody else serves. */
  #alone = false;
  #heardMs = -Infinity;
  #cancelLimit: CancelTimer = () => {};
  #cancelEnd: CancelTimer = () => {};
  #cancelAlone: CancelTimer = () => {};

  /** `changed` is told when `fault` may say something else than before. */
  constructor(
    config: InstanceConfig,
    host: Host,
    journal: Journal,
    alarms: Alarms,
    changed: () => void,
  ) {
    this.#config = config;
    this.#host = host;
    this.#journal = journal;
    this.#alarms = alarms;
    this.#changed = changed;
  }

  reconfigure(config: InstanceConfig): void {
    this.#config = config;
  }

  /** Why the instance must not be master; `null` when nothing speaks against it. */
  get fault(): string | null {
    return this.#fault?.text ?? null;
  }

  /** The kernel refused `resource`; `message` says what, and what the kernel answered. */
  refused(action: RefusedAction, resource: string, code: JournalCode, message: string): void {
    const before = this.#refused.get(resource);
    const same = before?.action === action;
    const sinceMs = same ? before.sinceMs : this.#host.nowMs();
    this.#refused.set(resource, { action, message, sinceMs });
    if (same && before.message === message) return;
    if (this.#recorded.get(resource) !== message) {
      this.#recorded.set(resource, message);
      this.#journal.record("error", code, `${this.#config.name}: ${message}`, this.#config.name);
    }
    this.#raise();
    if (action === "take") return;
    this.#awaitLimit();
  }

  /** The kernel did what it had refused, or it is not asked for any more. */
  settled(resource: string): void {
    this.#recorded.delete(resource);
    if (!this.#refused.delete(resource)) return;
    if (this.#missing().length === 0) {
      this.#cancelLimit();
      this.#onTrial = false;
      this.#nextFaultMs = FIRST_FAULT_MS;
    }
    this.#raise();
  }

  /** The instance lets go of its resources: nothing is asked for any more, and what must go still must. */
  released(): void {
    this.#cancelLimit();
    for (const [resource, { action }] of this.#refused) {
      if (action === "put") this.#refused.delete(resource);
    }
    this.#raise();
  }

  /** Another master was heard. */
  masterHeard(): void {
    this.#heardMs = this.#host.nowMs();
    if (!this.#alone) return;
    this.#alone = false;
    if (this.#missing().length > 0) this.#awaitLimit();
  }

  /** Something changed on the host, by which the kernel may refuse no longer. */
  hostChanged(): void {
    if (!this.#fault) return;
    const { sinceMs, lastsMs } = this.#fault;
    if (this.#host.nowMs() >= sinceMs + lastsMs * CHANGE_ENDS_AFTER) this.#endFault();
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelLimit();
    this.#cancelEnd();
    this.#cancelAlone();
  }

  #missing(): Refused[] {
    return Array.from(this.#refused.values()).filter(({ action }) => action === "put");
  }

  #awaitLimit(): void {
    const [first] = this.#missing();
    if (!first || this.#fault) return;
    this.#cancelLimit();
    this.#cancelLimit = this.#host.setTimer(
      first.sinceMs + this.#limitMs(),
      () => this.#limitReached(),
    );
  }

  #limitReached(): void {
    const [first] = this.#missing();
    if (!first || this.#alone || this.#fault) return;
    const nowMs = this.#host.nowMs();
    const lastsMs = this.#nextFaultMs;
    this.#nextFaultMs = Math.min(2 * lastsMs, LONGEST_FAULT_MS);
    this.#onTrial = true;
    this.#fault = { text: first.message, sinceMs: nowMs, lastsMs };
    this.#cancelEnd = this.#host.setTimer(nowMs + lastsMs, () => this.#endFault());
    this.#cancelAlone = this.#host.setTimer(nowMs + this.#aloneAfterMs(), () => {
      if (this.#heardMs >= nowMs) return;
      this.#alone = true;
      this.#endFault();
    });
    this.#raise();
    this.#changed();
  }

  #endFault(): void {
    this.#cancelEnd();
    this.#cancelAlone();
    this.#fault = null;
    this.#raise();
    this.#changed();
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
    const [first, ...more] = this.#refused.values();
    const message = first?.message ?? this.#fault?.text;
    if (message === undefined) return this.#alarms.clear("resource_refused", name);
    const others = more.length > 0 ? `, and ${more.length} more` : "";
    this.#alarms.raise("resource_refused", name, { message: `${message}${others}`, hint: HINT });
  }
}
