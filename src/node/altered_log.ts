/**
 * What other programs do to an instance's resources, for the journal: one entry for each kind, and when a program does it
 * again and again, one a minute with how often.
 *
 * @module
 */

import type { Journal } from "./journal.ts";
import type { JournalCode } from "./journal_codes.ts";

/** How long the same is counted instead of recorded, in milliseconds. */
export const SILENCE_MS = 60_000;

interface Silenced {
  readonly sinceMs: number;
  count: number;
}

export class AlteredLog {
  readonly #instance: string;
  readonly #journal: Journal;
  readonly #nowMs: () => number;
  readonly #recorded = new Map<string, Silenced>();

  constructor(instance: string, journal: Journal, nowMs: () => number) {
    this.#instance = instance;
    this.#journal = journal;
    this.#nowMs = nowMs;
  }

  /** `resource` and `code` say whether it is the same as before. */
  record(code: JournalCode, resource: string, message: string): void {
    const key = `${code} ${resource}`;
    const nowMs = this.#nowMs();
    const before = this.#recorded.get(key);
    if (before && nowMs < before.sinceMs + SILENCE_MS) {
      before.count++;
      return;
    }
    this.#forgetOld(nowMs);
    this.#recorded.set(key, { sinceMs: nowMs, count: 0 });
    const again = before && before.count > 0
      ? `, ${before.count} times more since the last entry`
      : "";
    this.#journal.record(
      "warning",
      code,
      `${this.#instance}: ${message}${again}`,
      this.#instance,
    );
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { sinceMs }] of this.#recorded) {
      if (nowMs >= sinceMs + SILENCE_MS) this.#recorded.delete(key);
    }
  }
}
