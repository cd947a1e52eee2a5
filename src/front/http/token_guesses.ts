/**
 * Wrong tokens: which sources have shown too many, which of their tokens the engine still compares, and what the
 * journal reports.
 *
 * A right token counts at once, however many wrong ones come from the same place. So the engine first compares what is
 * shown, and only a wrong token is delayed. Comparing is bounded: for all sources over their limit together, so many
 * tokens a second. A token that was right before is compared in any case.
 *
 * @module
 */

import { createHmac, randomBytes } from "node:crypto";
import { FailureLimit } from "./failure_limit.ts";

/** How many tokens a second are compared for all sources that are over their limit. */
const COMPARED_PER_SECOND = 100;
/** The journal must keep its other entries, so it gets at most one about wrong tokens in this time, in milliseconds. */
const REPORT_EVERY_MS = 60_000;
/** Two tokens are right at a time; the others were replaced. */
const MAX_KNOWN = 8;

export class TokenGuesses {
  readonly #nowMs: () => number;
  readonly #report: (message: string) => void;
  readonly #failures: FailureLimit;
  readonly #known = new KnownTokens();
  #second = { index: -1, compared: 0 };
  /** Wrong tokens since the last report. */
  #unreported = 0;
  #reportedMs = -Infinity;

  /** `nowMs`: monotonic milliseconds. `report` gets an entry for the journal. */
  constructor(nowMs: () => number, report: (message: string) => void) {
    this.#nowMs = nowMs;
    this.#report = report;
    this.#failures = new FailureLimit(nowMs);
  }

  /** How long it takes until another wrong token of `source` is forgiven, in milliseconds; 0 below its limit. */
  waitMs(source: string): number {
    return this.#failures.waitMs(source);
  }

  /** Whether to compare the token; the caller asks once for each that is shown. */
  mayCompare(source: string, token: string): boolean {
    if (this.waitMs(source) === 0 || this.#known.has(token)) return true;
    const index = Math.floor(this.#nowMs() / 1000);
    if (index !== this.#second.index) this.#second = { index, compared: 0 };
    return ++this.#second.compared <= COMPARED_PER_SECOND;
  }

  right(token: string): void {
    this.#known.add(token);
  }

  wrong(source: string, token: string): void {
    this.#known.delete(token);
    this.#unreported++;
    // Those over the limit do not prolong the wait: forgiving continues meanwhile.
    const over = this.waitMs(source) > 0 || this.#failures.failed(source);
    if (!over || this.#nowMs() - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#report(`too many wrong tokens from ${source}; ${this.#unreported} since the last report`);
    this.#unreported = 0;
    this.#reportedMs = this.#nowMs();
  }
}

/** Tokens that were right when they were last shown, stored as marks with a secret of this process. */
class KnownTokens {
  readonly #secret = randomBytes(32);
  readonly #marks = new Set<string>();

  has(token: string): boolean {
    return this.#marks.size > 0 && this.#marks.has(this.#mark(token));
  }

  add(token: string): void {
    const mark = this.#mark(token);
    this.#marks.delete(mark);
    this.#marks.add(mark);
    const [oldest] = this.#marks;
    if (this.#marks.size > MAX_KNOWN) this.#marks.delete(oldest!);
  }

  delete(token: string): void {
    if (this.#marks.size > 0) this.#marks.delete(this.#mark(token));
  }

  /** The time of a look-up reveals nothing about a token, because nobody else can compute a mark. */
  #mark(token: string): string {
    return createHmac("sha256", this.#secret).update(token).digest("base64");
  }
}
