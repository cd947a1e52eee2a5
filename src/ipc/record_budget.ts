/**
 * Limits how many entries all fronts together may record in a minute, because a compromised front can connect again and
 * again.
 *
 * @module
 */

const RECORDS_A_MINUTE = 60;
const MINUTE_MS = 60_000;

export class RecordBudget {
  #fromMs = -Infinity;
  #records = 0;

  /** Whether one more entry may be recorded; `nowMs`: monotonic milliseconds. */
  take(nowMs: number): boolean {
    if (nowMs - this.#fromMs >= MINUTE_MS) {
      this.#fromMs = nowMs;
      this.#records = 0;
    }
    return ++this.#records <= RECORDS_A_MINUTE;
  }
}
