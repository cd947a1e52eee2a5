/**
 * Wrong tokens: who has shown too many, which tokens of theirs are compared all the same, and what the journal says.
 *
 * A right token counts at once, however many wrong ones come from the same place. So what is shown is compared first, and
 * only a wrong one is held up. Comparing is bounded: for all that are over their limit together, so many tokens a second;
 * a token that was right before is compared in any case.
 *
 * @module
 */

import { createHmac, randomBytes } from "node:crypto";
import { FailureLimit } from "./failure_limit.ts";

/** So many tokens a second are compared for all who are over their limit. */
const COMPARED_PER_SECOND = 100;
/** The journal must keep its genuine entries: it has one about wrong tokens in so many milliseconds. */
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

  /** `nowMs`: monotonic milliseconds. `report` is given an entry for the journal. */
  constructor(nowMs: () => number, report: (message: string) => void) {
    this.#nowMs = nowMs;
    this.#report = report;
    this.#failures = new FailureLimit(nowMs);
  }

  /** How long it takes until another wrong token of `source` is forgiven, in milliseconds; 0 below its limit. */
  waitMs(source: string): number {
    return this.#failures.waitMs(source);
  }

  /** Whether the token is to be compared; to be asked once for each that is shown. */
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
    // Those over the limit make the wait no longer: forgiving goes on meanwhile.
    const over = this.waitMs(source) > 0 || this.#failures.failed(source);
    if (!over || this.#nowMs() - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#report(`too many wrong tokens from ${source}; ${this.#unreported} since the last report`);
    this.#unreported = 0;
    this.#reportedMs = this.#nowMs();
  }
}

/** Tokens that were right when they were last shown. Marks with a secret of this process stand for them. */
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

  /** The time that a look-up takes says nothing about a token: nobody else can compute a mark. */
  #mark(token: string): string {
    return createHmac("sha256", this.#secret).update(token).digest("base64");
  }
}
