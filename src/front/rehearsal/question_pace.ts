/**
 * How fast this node asks its nginx: one pace for all rehearsals, also for those that follow each other at once.
 *
 * @module
 */

/** Upper bound of the questions a second, and the least time between two of them, in milliseconds. */
const A_SECOND = 50;
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
      (this.#askedMs.at(-A_SECOND) ?? -Infinity) + 1000,
    );
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
    this.#askedMs = [...this.#askedMs.slice(1 - A_SECOND), performance.now()];
  }
}
