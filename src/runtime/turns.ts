/**
 * Turns of the event loop, for work that others could make endless: to read what they send.
 *
 * A read that is ready at once is continued before any timer fires, so that a peer that sends without a pause would stop
 * the adverts. All such work together has one millisecond of a turn.
 *
 * @module
 */

/** How long all of them may work in one turn, in milliseconds. */
const WORK_MS = 1;
/** How many of those that wait go on in the next turn: each of them does at least one step. */
const RESUMED_AT_ONCE = 8;

export class Turns {
  readonly #waiting: (() => void)[] = [];
  /** When work began in this turn; `null` before. */
  #beganMs: number | null = null;

  /** To be awaited between two steps of work: resolves at once while this turn has time left, else in a later one. */
  next(): Promise<void> {
    const nowMs = performance.now();
    this.#beganMs ??= this.#begin(nowMs);
    if (this.#waiting.length === 0 && nowMs - this.#beganMs < WORK_MS) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #begin(nowMs: number): number {
    setTimeout(() => {
      this.#beganMs = null;
      const resumed = this.#waiting.splice(0, RESUMED_AT_ONCE);
      if (this.#waiting.length > 0) this.#beganMs = this.#begin(performance.now());
      for (const resume of resumed) resume();
    }, 0);
    return nowMs;
  }
}

/** The turns of this process, which has one event loop. */
export const turns = new Turns();
