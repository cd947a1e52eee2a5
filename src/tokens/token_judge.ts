/**
 * The right of a token that a request shows. The process that can read the token files compares them; the API asks that
 * process and never sees the right tokens.
 *
 * @module
 */

/** The right that a valid token gives: `change` everything, or only `read`. */
export type TokenRight = "change" | "read";

/** The right of a requester: `none` for one without a valid token. */
export type Right = TokenRight | "none";

/** The token could not be compared. */
export interface Uncompared {
  /** Why, in a sentence. */
  readonly unavailable: string;
  /** The engine, which compares, does not answer; without it the token file is the cause. */
  readonly engineGone?: true;
}

/** The result of comparing. */
export type Judgement = TokenRight | "wrong" | Uncompared;

/** Compares tokens. Neither call throws: the answer is `unavailable` if the other process does not answer. */
export interface TokenJudge {
  /**
   * Takes the same time for each wrong token.
   *
   * @param purpose a change is worth a longer wait for the other process than a reading, which can be repeated.
   */
  judge(token: string, purpose: TokenRight): Promise<Judgement>;
  /** True if reading needs a token on this machine too. */
  readingNeedsToken(): Promise<boolean>;
}
