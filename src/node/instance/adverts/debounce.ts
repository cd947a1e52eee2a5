/**
 * Distinguishes something that continues from something that happened once or twice.
 *
 * @module
 */

/** The least number of events. */
const TIMES = 3;

export class Debounce {
  readonly #spanMs: number;
  #times = 0;
  #firstMs = 0;
  #lastMs = -Infinity;

  /** It continues when it has happened three times over at least `spanMs`, with pauses no longer than twice that. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** It happened now; true while it continues. */
  happened(nowMs: number): boolean {
    if (nowMs - this.#lastMs > 2 * this.#spanMs) {
      this.#times = 0;
      this.#firstMs = nowMs;
    }
    this.#times++;
    this.#lastMs = nowMs;
    return this.#times >= TIMES && nowMs - this.#firstMs >= this.#spanMs;
  }
}
