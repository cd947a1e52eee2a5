/**
 * Timers that fire when they did in the field. One that was not set there fires when its time has come.
 *
 * @module
 */

import type { CancelTimer, Timer } from "../../src/host/clock.ts";

interface Setting {
  readonly fire: () => void;
  dueMs: number;
}

/** How late a timer may have fired in the field that nobody has recorded, in milliseconds. */
const LATE_MS = 50;

export class ReplayingTimers {
  /** Those that are set, in the order in which they were. */
  readonly #set = new Set<Setting>();
  /** How often a timer of each time is still to fire as recorded. */
  readonly #recorded: Map<number, number>;

  /** `recorded`: the times of all timers that fired in the field. */
  constructor(recorded: readonly number[]) {
    this.#recorded = new Map();
    for (const dueMs of recorded) {
      this.#recorded.set(dueMs, (this.#recorded.get(dueMs) ?? 0) + 1);
    }
  }

  set(atMs: number, fire: () => void): CancelTimer {
    const setting = { dueMs: atMs, fire };
    this.#set.add(setting);
    return () => void this.#set.delete(setting);
  }

  make(fire: () => void): Timer {
    const setting: Setting = { dueMs: 0, fire };
    return {
      set: (atMs) => {
        this.#set.delete(setting);
        setting.dueMs = atMs;
        this.#set.add(setting);
      },
      cancel: () => void this.#set.delete(setting),
    };
  }

  /** As recorded: the `nth` of those that are set to this time; nothing where this engine set none. */
  fire(dueMs: number, nth: number): void {
    this.#recorded.set(dueMs, (this.#recorded.get(dueMs) ?? 1) - 1);
    const setting = Array.from(this.#set).filter((other) => other.dueMs === dueMs)[nth];
    if (setting) this.#fire(setting);
  }

  /** The earliest that is due well before `untilMs` and fires in no later turn; `null` when there is none. */
  unrecorded(untilMs: number): { readonly dueMs: number; readonly fire: () => void } | null {
    const [first] = Array.from(this.#set)
      .filter(({ dueMs }) => dueMs + LATE_MS < untilMs && !this.#recorded.get(dueMs))
      .sort((a, b) => a.dueMs - b.dueMs);
    return first ? { dueMs: first.dueMs, fire: () => this.#fire(first) } : null;
  }

  #fire(setting: Setting): void {
    this.#set.delete(setting);
    setting.fire();
  }
}
