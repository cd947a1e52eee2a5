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

/** A timer as it fired in the field. */
export interface Firing {
  readonly dueMs: number;
  readonly atMs: number;
}

/** A timer that fires in no turn of the field. */
export interface Unrecorded {
  readonly dueMs: number;
  readonly atMs: number;
  readonly fire: () => void;
}

/** How late a timer may have fired in the field that nobody has recorded, in milliseconds. */
const LATE_MS = 50;

export class ReplayingTimers {
  /** Those that are set, in the order in which they were. */
  readonly #set = new Set<Setting>();
  /** How often a timer of each time is still to fire as recorded. */
  readonly #recorded: Map<number, number>;
  readonly #standstills: readonly Firing[];

  /**
   * @param recorded all timers that fired in the field
   * @param turnsMs when the field had a turn, in order
   */
  constructor(recorded: readonly Firing[], turnsMs: readonly number[]) {
    this.#recorded = new Map();
    for (const { dueMs } of recorded) {
      this.#recorded.set(dueMs, (this.#recorded.get(dueMs) ?? 0) + 1);
    }
    this.#standstills = standstillsOf(recorded, turnsMs);
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

  /**
   * The earliest that is due well before `untilMs` and fires in no later turn; `null` if there is none. If it had no turn
   * because the process stood still, it fires at `sinceMs`, after the turn that was last.
   */
  unrecorded(sinceMs: number, untilMs: number): Unrecorded | null {
    const [first] = Array.from(this.#set)
      .filter(({ dueMs }) => dueMs + LATE_MS < untilMs && !this.#recorded.get(dueMs))
      .filter(({ dueMs }) => !this.#standstills.some((it) => isHeldBack(dueMs, untilMs, it)))
      .sort((a, b) => a.dueMs - b.dueMs);
    if (!first) return null;
    const { dueMs } = first;
    const atMs = dueMs + LATE_MS < sinceMs ? sinceMs : dueMs;
    return { dueMs, atMs, fire: () => this.#fire(first) };
  }

  #fire(setting: Setting): void {
    this.#set.delete(setting);
    setting.fire();
  }
}

/** Of the timers of the field that were late because there was no turn when they were due. */
function standstillsOf(recorded: readonly Firing[], turnsMs: readonly number[]): Firing[] {
  return recorded.filter(({ dueMs, atMs }) => {
    if (dueMs + LATE_MS >= atMs) return false;
    const nextMs = turnsMs.find((turnMs) => turnMs >= dueMs) ?? atMs;
    return dueMs + LATE_MS < nextMs;
  });
}

/** True of a timer that was due after one that waits for the end of a standstill. */
function isHeldBack(timerMs: number, untilMs: number, { dueMs, atMs }: Firing): boolean {
  return dueMs <= timerMs && untilMs <= atMs;
}
