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

/** What came of comparing; `unavailable` says why the token could not be compared. */
export type Judgement = TokenRight | "wrong" | { readonly unavailable: string };

/** Compares tokens. Neither call throws: who cannot be asked answers `unavailable`. */
export interface TokenJudge {
  /** Takes the same time for each wrong token. */
  judge(token: string): Promise<Judgement>;
  /** True where reading needs a token on this machine too. */
  readingNeedsToken(): Promise<boolean>;
}
