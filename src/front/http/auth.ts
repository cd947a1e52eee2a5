/**
 * Access to the API (RFC 6750 section 2.1). The full token allows changes. It or the read-only token allows reading; on
 * this machine reading needs a token only if the configuration names a read-only one.
 *
 * @module
 */

import { Problem } from "../../api/problem.ts";
import type { Right, TokenJudge, TokenRight } from "../../tokens/token_judge.ts";
import { guesserOf, type Requester } from "./requester.ts";
import type { TokenGuesses } from "./token_guesses.ts";

/** RFC 6750 section 3. */
const CHALLENGE = 'Bearer realm="vipd"';

/** The token of an Authorization header, RFC 6750 section 2.1; `null` without one. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? null;
}

export class Access {
  readonly #judge: TokenJudge;
  readonly #guesses: TokenGuesses;

  constructor(judge: TokenJudge, guesses: TokenGuesses) {
    this.#judge = judge;
    this.#guesses = guesses;
  }

  /** Throws a problem unless the requester may make changes. */
  async toChange(requester: Requester): Promise<void> {
    const shown = await this.#shown(requester, "change");
    if (shown === "change") return;
    if (shown === "none") throw missing("This call changes something");
    throw shown === "read" ? wrong("This token may only read") : shown;
  }

  /** The requester's right. Throws a problem unless the requester may read. */
  async toRead(requester: Requester): Promise<Right> {
    const open = !requester.remote && !await this.#judge.readingNeedsToken();
    const shown = await this.#shown(requester, "read");
    if (shown === "change" || shown === "read") return shown;
    // A wrong token does not take away the reading that needs no token.
    if (open) return "none";
    throw shown === "none" ? missing("Reading needs a token") : shown;
  }

  /** The right that the shown token gives: `none` without a token, a problem if the token does not count. */
  async #shown(requester: Requester, purpose: TokenRight): Promise<Right | Problem> {
    const { authorization, trusted } = requester;
    const token = bearerToken(authorization);
    if (token === null) return "none";
    const source = guesserOf(requester);
    const heldUpMs = this.#guesses.waitMs(source);
    if (!this.#guesses.mayCompare(source, token)) return heldUp(heldUpMs);
    const judgement = await this.#judge.judge(token, purpose);
    if (isRight(judgement)) {
      this.#guesses.right(token);
      trusted?.();
      return judgement;
    }
    if (judgement !== "wrong") {
      const code = judgement.engineGone ? "engine_unreachable" : "token_unavailable";
      return new Problem(code, `No token can be compared: ${judgement.unavailable}`);
    }
    this.#guesses.wrong(source, token);
    return heldUpMs > 0 ? heldUp(heldUpMs) : wrong(
      "The token is not the one in the token file; it may have been replaced: read the file again",
    );
  }
}

function isRight(judgement: unknown): judgement is TokenRight {
  return judgement === "change" || judgement === "read";
}

function missing(why: string): Problem {
  return new Problem(
    "token_missing",
    `${why}: send the header 'Authorization: Bearer <token>' with the token of the token file`,
    { headers: { "www-authenticate": CHALLENGE } },
  );
}

function wrong(why: string): Problem {
  return new Problem("token_wrong", why, {
    headers: { "www-authenticate": `${CHALLENGE}, error="invalid_token"` },
  });
}

function heldUp(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1000);
  return new Problem(
    "too_many_failures",
    "This token is wrong, or one of too many that are shown from here; " +
      `try again in ${seconds} s with the right one`,
    { headers: { "retry-after": String(seconds) } },
  );
}
