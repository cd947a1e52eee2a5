/**
 * How late the event loop is: adverts and answers wait in the same queue.
 *
 * @module
 */

import type { CancelTimer } from "../host/clock.ts";
import type { Host } from "../host/host.ts";

/** How often it is measured, in milliseconds. */
const EVERY_MS = 1000;
/** How much earlier, to share a wake with another timer. */
const EARLY_MS = 500;
/** The worst of the last minute is kept. */
const KEPT_MS = 60_000;

/** The host's timers, all of which wait for the event loop. */
export interface LaggingTimers extends Pick<Host, "nowMs" | "setTimer"> {
  /** How late timers have fired at most since this was last asked, in milliseconds. */
  takeLateMs(): number;
}

interface Measured {
  readonly atMs: number;
  readonly lateMs: number;
}

export class LoopLag {
  readonly #timers: LaggingTimers;
  #measured: Measured[] = [];
  #cancelTimer: CancelTimer = () => {};

  constructor(timers: LaggingTimers) {
    this.#timers = timers;
    this.#measureNext();
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
    this.#cancelTimer();
  }

  /** Its own timer is one of those that are late, so that there is one even where nothing else happens. */
  #measureNext(): void {
    const nextMs = this.#timers.nowMs() + EVERY_MS;
    this.#cancelTimer = this.#timers.setTimer(nextMs, () => this.#measure(), EARLY_MS);
  }

  #measure(): void {
    const nowMs = this.#timers.nowMs();
    this.#measured = this.#measured.filter(({ atMs }) => atMs > nowMs - KEPT_MS);
    this.#measured.push({ atMs: nowMs, lateMs: this.#timers.takeLateMs() });
    this.#measureNext();
  }
}
