/**
 * Measures how late the event loop is, because adverts and answers wait in the same queue.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../host/clock.ts";
import { repeat } from "../host/regular_work.ts";

/** How often it measures, in milliseconds. */
const EVERY_MS = 1000;
/** How long the worst value is kept. */
const KEPT_MS = 60_000;

/** The host's timers, all of which wait for the event loop. */
export interface LaggingTimers extends Pick<Clock, "nowMs" | "setTimer"> {
  /** The greatest delay of a timer since the last call, in milliseconds. */
  takeLateMs(): number;
}

interface Measured {
  readonly atMs: number;
  readonly lateMs: number;
}

export class LoopLag {
  readonly #timers: LaggingTimers;
  #measured: Measured[] = [];
  readonly #cancel: CancelTimer;

  constructor(timers: LaggingTimers) {
    this.#timers = timers;
    // Its own timer counts too, so that there is one even if nothing else happens.
    this.#cancel = repeat(timers, EVERY_MS, () => this.#measure());
  }

  /** The worst since the measurement before the last, in milliseconds. */
  get lastMs(): number {
    return this.#measured.at(-1)?.lateMs ?? 0;
  }

  /** The worst of the last minute, in milliseconds. */
  get worstMs(): number {
    return Math.max(0, ...this.#measured.map(({ lateMs }) => lateMs));
  }

  stop(): void {
    this.#cancel();
  }

  #measure(): void {
    const nowMs = this.#timers.nowMs();
    this.#measured = this.#measured.filter(({ atMs }) => atMs > nowMs - KEPT_MS);
    this.#measured.push({ atMs: nowMs, lateMs: this.#timers.takeLateMs() });
  }
}
