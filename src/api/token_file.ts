/**
 * The file with the bearer token: made where it is missing, read again whenever it changes, so that a new token
 * needs no restart.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { dirname } from "node:path";

const TOKEN_OCTETS = 32;
/** Longest token that is read; a longer file is something else. */
const TOKEN_MAX_CHARS = 1024;

/** Why there is no token to compare with. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
}

/** What a hashed token begins with. */
const HASHED = "sha256:";

/** The token to show to vipd, from its file; throws {@link TokenFileError} naming the file and the remedy. */
export async function readToken(path: string): Promise<string> {
  const token = await readStoredToken(path);
  if (!token.startsWith(HASHED)) return token;
  throw new TokenFileError(
    `the token file ${path} holds only the digest of the token: name the file with the token itself, --token-file`,
  );
}

/** The first line of a token file: the token, or `sha256:` and its digest. */
async function readStoredToken(path: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new TokenFileError(`cannot read the token file ${path}: ${reasonOf(error)}`);
  }
  const token = text.split("\n", 1)[0]!.trim();
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > TOKEN_MAX_CHARS) {
    throw new TokenFileError(
      `the token file ${path} holds no token: write one line of printable ASCII without spaces, ` +
        "or remove the file and restart vipd to get a random one",
    );
  }
  if (token.startsWith(HASHED) && !/^sha256:[0-9a-f]{64}$/i.test(token)) {
    throw new TokenFileError(
      `the token file ${path} holds no digest of 64 hexadecimal digits after "sha256:"; make it with: ` +
        "printf %s TOKEN | sha256sum",
    );
  }
  return token;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return "it does not exist; vipd makes it when it starts";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; run as root or name a file that you may read";
  }
  return error instanceof Error ? error.message : String(error);
}

export class TokenFile {
  readonly #path: string;
  #cached: { readonly stamp: string; readonly token: string } | null = null;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Makes the file with a random token, mode 0600, where it is missing (its folder too, mode 0755).
   * `warn` is told when others than the owner may read an existing one. Throws {@link TokenFileError}.
   */
  static async open(path: string, warn: (message: string) => void): Promise<TokenFile> {
    const file = new TokenFile(path);
    try {
      await createIfMissing(path);
      const { mode } = await Deno.stat(path);
      if (((mode ?? 0) & 0o077) !== 0) {
        warn(`the token file ${path} is open to others than its owner: chmod 600 ${path}`);
      }
    } catch (error) {
      throw new TokenFileError(`cannot use the token file ${path}: ${reasonOf(error)}`);
    }
    await file.token();
    return file;
  }

  /** The token now, or `sha256:` and its digest. Throws {@link TokenFileError} while the file is missing or holds none. */
  async token(): Promise<string> {
    const stamp = await this.#stamp();
    if (this.#cached?.stamp !== stamp) {
      this.#cached = { stamp, token: await readStoredToken(this.#path) };
    }
    return this.#cached.token;
  }

  /** Differs when the file was written or replaced. */
  async #stamp(): Promise<string> {
    try {
      const { ino, size, mtime, ctime } = await Deno.stat(this.#path);
      return [ino, size, mtime?.getTime(), ctime?.getTime()].join(":");
    } catch (error) {
      throw new TokenFileError(`cannot read the token file ${this.#path}: ${reasonOf(error)}`);
    }
  }
}

async function createIfMissing(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  try {
    // O_EXCL with the mode at creation: never readable by others, not even for a moment.
    const token = randomBytes(TOKEN_OCTETS).toString("base64url");
    await Deno.writeTextFile(path, `${token}\n`, { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
