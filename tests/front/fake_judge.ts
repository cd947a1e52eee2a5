/** Compares with tokens that a test names, without files. */

import type { Judgement, TokenJudge } from "../../src/tokens/token_judge.ts";

/** `readToken`: the one that may only read; without it reading needs none on this machine. */
export function judgeOf(token: string, readToken?: string): TokenJudge {
  const judgementOf = (shown: string): Judgement => {
    if (shown === token) return "change";
    return shown === readToken ? "read" : "wrong";
  };
  return {
    judge: (shown) => Promise.resolve(judgementOf(shown)),
    readingNeedsToken: () => Promise.resolve(readToken !== undefined),
  };
}
