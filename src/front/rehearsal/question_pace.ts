/**
 * How fast this node asks its nginx: one pace for all rehearsals, also for those that follow each other at once.
 *
 * @module
 */

/** Upper bound of the questions within so many milliseconds, and the least time between two of them. */
const AT_MOST = 50;
/** A little more than a second: one that arrives late does not make 51 in a second of nginx's. */
const WITHIN_MS = 1050;
const GAP_MS = 10;

export class QuestionPace {
  /** When the last questions were asked, monotonic; no more than limit the next one. */
  #askedMs: number[] = [];
  #turn: Promise<void> = Promise.resolve();

  /** Resolves when the caller may ask the next question. */
  turn(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#wait());
    return this.#turn;
  }

  async #wait(): Promise<void> {
    const dueMs = Math.max(
      (this.#askedMs.at(-1) ?? -Infinity) + GAP_MS,
      (this.#askedMs.at(-AT_MOST) ?? -Infinity) + WITHIN_MS,
    );
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
    this.#askedMs = [...this.#askedMs.slice(1 - AT_MOST), performance.now()];
  }
}
