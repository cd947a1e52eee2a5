/**
 * Turns of the event loop, for work that others could make endless: reading what they send.
 *
 * The runtime continues a read that is ready at once before any timer fires, so a peer that sends without a pause would
 * stop the adverts. All such work together has one millisecond of a turn.
 *
 * @module
 */

/** How long all of them together may work in one turn, in milliseconds. */
const WORK_MS = 1;
/** How many of the waiting ones continue in the next turn: each of them does at least one step. */
const RESUMED_AT_ONCE = 8;

export class Turns {
  readonly #nowMs: () => number;
  readonly #waiting: (() => void)[] = [];
  /** When work began in this turn; `null` before. */
  #beganMs: number | null = null;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /**
   * The caller awaits this between two steps of work. It resolves at once while this turn has time left, else in a
   * later one.
   */
  next(): Promise<void> {
    const nowMs = this.#nowMs();
    this.#beganMs ??= this.#begin(nowMs);
    if (this.#waiting.length === 0 && nowMs - this.#beganMs < WORK_MS) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #begin(nowMs: number): number {
    setTimeout(() => {
      this.#beganMs = null;
      const resumed = this.#waiting.splice(0, RESUMED_AT_ONCE);
      if (this.#waiting.length > 0) this.#beganMs = this.#begin(this.#nowMs());
      for (const resume of resumed) resume();
    }, 0);
    return nowMs;
  }
}

/** The turns of this process, which has one event loop. */
export const turns = new Turns();
