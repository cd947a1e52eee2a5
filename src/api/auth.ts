/**
 * Who may do what: whoever shows the token may order, whoever shows it or the read-only one may read
 * (RFC 6750 section 2.1).
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { FailureLimit } from "./failure_limit.ts";
import { Problem } from "./problem.ts";
import { TokenFileError } from "./token_file.ts";

/** Gives the token to compare with, or `sha256:` and its digest; throws {@link TokenFileError} when there is none. */
export interface TokenSource {
  token(): Promise<string>;
}

/** The same of a token that need not be: `null` where none is configured. */
export interface OptionalTokenSource {
  token(): Promise<string | null>;
}

/** Who asks. */
export interface Requester {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** Where the request comes from: an address, or `unix`. */
  readonly source: string;
  /** True when the listener is reached from other machines. */
  readonly remote: boolean;
}

export interface AccessOptions {
  /** Whoever shows this one may do everything. */
  readonly tokens: TokenSource;
  /** Whoever shows this one may read; without one, whoever is on this machine may. */
  readonly readTokens: OptionalTokenSource;
  readonly failures: FailureLimit;
  /** Told when a source has shown too many wrong tokens. */
  readonly blocked: (source: string) => void;
}

/** What anybody may read who reaches a listener: it tells nothing of this node but that vipd runs. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(["/", "/healthz", "/openapi.json"]);

export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Throws a problem unless the requester may change something. */
  async toChange(requester: Requester): Promise<void> {
    this.#check(requester, [await stored(this.#options.tokens)], "This call changes something");
  }

  /** Throws a problem unless the requester may read. */
  async toRead(requester: Requester): Promise<void> {
    const { tokens, readTokens } = this.#options;
    const readToken = await stored(readTokens);
    if (!requester.remote && readToken === null) return;
    this.#check(requester, [readToken, await stored(tokens)], "Reading needs a token");
  }

  #check(
    { authorization, source }: Requester,
    accepted: readonly (string | null)[],
    why: string,
  ): void {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) {
      throw new Problem(
        "token_missing",
        `${why}: send the header 'Authorization: Bearer <token>' with the token of the token file`,
        { headers: { "www-authenticate": 'Bearer realm="vipd"' } },
      );
    }
    const { failures, blocked } = this.#options;
    // Before the token is looked at, so that waiting tells nothing about it.
    const waitMs = failures.waitMs(source);
    if (waitMs > 0) throw tooMany(waitMs);
    if (accepted.some((token) => token !== null && isToken(given, token))) return;
    if (failures.failed(source)) blocked(source);
    throw new Problem(
      "token_wrong",
      "The token is not the one in the token file; it may have been replaced: read the file again",
      { headers: { "www-authenticate": 'Bearer realm="vipd", error="invalid_token"' } },
    );
  }
}

function tooMany(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1000);
  return new Problem(
    "too_many_failures",
    `Too many wrong tokens came from here; wait ${seconds} s, then try again with the right one`,
    { headers: { "retry-after": String(seconds) } },
  );
}

async function stored<T extends string | null>(source: { token(): Promise<T> }): Promise<T> {
  try {
    return await source.token();
  } catch (error) {
    if (!(error instanceof TokenFileError)) throw error;
    throw new Problem("token_unavailable", `Nobody can be let in: ${error.message}`);
  }
}

/** Compares digests of equal length, so that the time taken tells nothing about the token. */
function isToken(given: string, token: string): boolean {
  const hashed = /^sha256:([0-9a-f]{64})$/i.exec(token)?.[1];
  const wanted = hashed === undefined ? sha256(token) : Uint8Array.fromHex(hashed);
  return timingSafeEqual(sha256(given), wanted);
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
