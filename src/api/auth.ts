/**
 * Who may change something: whoever shows the token (RFC 6750 section 2.1).
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { Problem } from "./problem.ts";
import { TokenFileError } from "./token_file.ts";

/** Gives the token to compare with; throws {@link TokenFileError} when there is none. */
export interface TokenSource {
  token(): Promise<string>;
}

/** Throws a problem (`token_missing`, `token_wrong`, `token_unavailable`) unless the header carries the token. */
export async function checkToken(
  authorization: string | undefined,
  source: TokenSource,
): Promise<void> {
  const given = /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) {
    throw new Problem(
      "token_missing",
      "This call changes something: send the header 'Authorization: Bearer <token>' with the token of the token file",
      { headers: { "www-authenticate": 'Bearer realm="vipd"' } },
    );
  }
  if (!sameText(given, await currentToken(source))) {
    throw new Problem(
      "token_wrong",
      "The token is not the one in the token file; it may have been replaced: read the file again",
      { headers: { "www-authenticate": 'Bearer realm="vipd", error="invalid_token"' } },
    );
  }
}

async function currentToken(source: TokenSource): Promise<string> {
  try {
    return await source.token();
  } catch (error) {
    if (!(error instanceof TokenFileError)) throw error;
    throw new Problem("token_unavailable", `Nobody can be let in: ${error.message}`);
  }
}

/** Compares digests of equal length, so that the time taken tells nothing about the token. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
