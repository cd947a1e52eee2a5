/**
 * Does something at once when it is asked for, and then at most once in a while: other programs decide how often it is
 * asked for.
 *
 * @module
 */

import type { CancelTimer, Clock } from "./clock.ts";

export class Throttle {
  readonly #clock: Pick<Clock, "nowMs" | "setTimer">;
  readonly #everyMs: number;
  readonly #act: () => void;
  #nextMs = -Infinity;
  #cancelTimer: CancelTimer = () => {};

  constructor(clock: Pick<Clock, "nowMs" | "setTimer">, everyMs: number, act: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#act = act;
  }

  /** Now, or, with all that is asked for until then, when the time is over: the last change counts. */
  ask(): void {
    this.#cancelTimer();
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#nextMs) {
      this.#cancelTimer = this.#clock.setTimer(this.#nextMs, () => this.ask());
      return;
    }
    this.#nextMs = nowMs + this.#everyMs;
    this.#act();
  }

  /** Nothing that was asked for is done any more. */
  cancel(): void {
    this.#cancelTimer();
  }
}
