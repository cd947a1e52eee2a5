/**
 * What a token is good for that a request shows. The tokens are compared where their files can be read; the API asks
 * there and never sees the right ones.
 *
 * @module
 */

/** What a right token allows: `change` everything, `read` reading alone. */
export type TokenRight = "change" | "read";

/** What somebody may do: `none` stands for one who has shown no right token. */
export type Right = TokenRight | "none";

/** The token could not be compared. */
export interface Uncompared {
  /** Why, in a sentence. */
  readonly unavailable: string;
  /** The engine, which compares, does not answer; without it the token file is the cause. */
  readonly engineGone?: true;
}

/** What came of comparing. */
export type Judgement = TokenRight | "wrong" | Uncompared;

/** Compares tokens. Neither call throws: who cannot be asked answers `unavailable`. */
export interface TokenJudge {
  /** Takes the same time for each wrong token. */
  judge(token: string): Promise<Judgement>;
  /** True where reading needs a token on this machine too. */
  readingNeedsToken(): Promise<boolean>;
}
