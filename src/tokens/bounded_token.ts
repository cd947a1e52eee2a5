/**
 * A token file that occupies at most one of the runtime's threads, however many requests want the token, and whether or
 * not its file system answers.
 *
 * @module
 */

import { PooledOperation } from "../runtime/pooled_operation.ts";
import { TokenFile, TokenFileError, type TokenFileReport } from "./token_file.ts";
import type { TokenRight } from "./token_judge.ts";

/** How long a request waits for the file system, in milliseconds. */
const LIMIT_MS = 1000;

/**
 * The token of a file that is opened, as by {@link TokenFile.open}, at the first request for the token that succeeds.
 */
export function boundedToken(
  path: string,
  right: TokenRight,
  report: TokenFileReport,
): BoundedToken {
  let opened: TokenFile | null = null;
  const token = async () => await (opened ??= await TokenFile.open(path, right, report)).token();
  return new BoundedToken(path, { token });
}

export class BoundedToken {
  readonly #path: string;
  readonly #look: PooledOperation<string>;
  readonly #limitMs: number;
  /** The file's last contents. */
  #last: string | null = null;

  /** @param path names the file in an error. */
  constructor(path: string, file: Pick<TokenFile, "token">, limitMs = LIMIT_MS) {
    this.#path = path;
    this.#look = new PooledOperation("file", () => file.token());
    this.#limitMs = limitMs;
  }

  /**
   * The token now, as {@link TokenFile.token}. While the file system does not answer, this is the last one; throws a
   * {@link TokenFileError} if there is none.
   */
  async token(): Promise<string> {
    const turn = await this.#look.run(AbortSignal.timeout(this.#limitMs));
    if (turn.ok) return this.#last = turn.value;
    if (this.#last === null) throw noAnswer(this.#path);
    return this.#last;
  }
}

function noAnswer(path: string): TokenFileError {
  return new TokenFileError(
    `the file system of the token file ${path} does not answer: put the file on a local disk`,
  );
}
