/**
 * Work that is done again and again and may be somewhat early or late. All of it happens at whole multiples of its interval,
 * and up to half an interval earlier if the program is awake anyway: a wake costs more than most of that work. And work that others ask for,
 * however often.
 *
 * @module
 */

import type { CancelTimer, Clock } from "./clock.ts";

/** How much earlier it may be done, as part of its interval. */
const EARLY = 0.5;

/** When work is done next that is done about every `everyMs`, and was done at `nowMs`. */
function nextTurnMs(nowMs: number, everyMs: number): number {
  // The nearest multiple, because it was done a little early or late.
  return Math.round((nowMs + everyMs) / everyMs) * everyMs;
}

/** Does `work` once, about `everyMs` from now. */
export function setTurn(
  clock: Pick<Clock, "nowMs" | "setTimer">,
  everyMs: number,
  work: () => void,
): CancelTimer {
  return clock.setTimer(nextTurnMs(clock.nowMs(), everyMs), work, everyMs * EARLY);
}

/** Does `work` about every `everyMs`; returns how to end that. */
export function repeat(
  clock: Pick<Clock, "nowMs" | "setTimer">,
  everyMs: number,
  work: () => void,
): CancelTimer {
  let cancel: CancelTimer;
  const next = () => {
    cancel = setTurn(clock, everyMs, () => {
      next();
      work();
    });
  };
  next();
  return () => cancel();
}

/**
 * Does something at once when it is asked for, and then at most once in a while: other programs decide how often it is
 * asked for.
 */
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
