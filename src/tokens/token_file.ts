/**
 * The file with the bearer token. vipd creates it if it is missing, reads it again whenever it changes, so that a new
 * token needs no restart, and creates it again if it is lost.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { userName } from "../health/programs/accounts.ts";
import { trustedUsers } from "../health/programs/safe_path.ts";
import { answersMaking } from "../runtime/file_system.ts";
import { readRegular } from "../runtime/regular_file.ts";
import { exposureRemedy } from "./token_exposure.ts";
import type { TokenRight } from "./token_judge.ts";

const TOKEN_OCTETS = 32;
/** Longest token that vipd reads; a longer file is something else. */
const TOKEN_MAX_CHARS = 1024;
const FILE_MAX_OCTETS = 64 * 1024;

/** Why there is no token to compare with. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
}

/** Gives the text of a file. */
type ReadFile = (path: string) => Promise<string>;
const readText: ReadFile = (path) => readRegular(path, FILE_MAX_OCTETS);

/** The prefix of a hashed token. */
const HASHED = "sha256:";

/** The token to show to vipd, from its file; throws {@link TokenFileError} naming the file and the remedy. */
export async function readToken(path: string, readFile: ReadFile = readText): Promise<string> {
  const token = await readStoredToken(path, readFile);
  if (!token.startsWith(HASHED)) return token;
  throw new TokenFileError(
    `the token file ${path} holds only the digest of the token: name the file with the token itself, --token-file`,
  );
}

/** The first line of a token file: the token, or `sha256:` and its digest. */
async function readStoredToken(path: string, readFile: ReadFile = readText): Promise<string> {
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    throw new TokenFileError(`cannot read the token file ${path}: ${reasonOf(error)}`);
  }
  const token = text.split("\n", 1)[0]!.trim();
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > TOKEN_MAX_CHARS) {
    throw new TokenFileError(
      `the token file ${path} holds no token: write one line of printable ASCII without spaces, ` +
        "or remove the file: a running vipd makes it again, with a random token",
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
    return "it does not exist; vipd makes it when it starts, and within seconds when it is lost";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "permission denied; run as root or name a file that you may read";
  }
  return error instanceof Error ? error.message : String(error);
}

/** Reports a problem of a token file, by the journal's code. */
export type TokenFileReport = (
  code: "token_file_open" | "token_file_lost",
  message: string,
) => void;

export class TokenFile {
  readonly #path: string;
  readonly #report: TokenFileReport;
  #cached: { readonly stamp: string; readonly token: string } | null = null;
  /** True while the file is lost and could not be created again. */
  #lost = false;

  private constructor(path: string, report: TokenFileReport) {
    this.#path = path;
    this.#report = report;
  }

  /**
   * Creates the file with a random token, mode 0600, if it is missing (its folder too, mode 0755). `report` gets now a
   * problem with the permissions of an existing one, and later the loss of the file. Throws {@link TokenFileError}.
   */
  static async open(path: string, right: TokenRight, report: TokenFileReport): Promise<TokenFile> {
    const file = new TokenFile(path, report);
    try {
      await createIfMissing(path);
      const daemon = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
      const remedy = exposureRemedy(path, await Deno.stat(path), right, daemon);
      if (remedy !== null) {
        const message = `the token file ${path} is open to others than its owner: ${remedy}`;
        report("token_file_open", message);
      }
    } catch (error) {
      throw new TokenFileError(`cannot use the token file ${path}: ${reasonOf(error)}`);
    }
    await file.token();
    return file;
  }

  /**
   * The token now, or `sha256:` and its digest. Creates a lost file again, as `open` does. Throws {@link
   * TokenFileError} while that is not possible, or the file contains no token.
   */
  async token(): Promise<string> {
    const stamp = await this.#stamp();
    if (this.#cached?.stamp !== stamp) {
      await requireOwner(this.#path);
      this.#cached = { stamp, token: await readStoredToken(this.#path) };
    }
    this.#lost = false;
    return this.#cached.token;
  }

  /** Changes when the file is written or replaced. */
  async #stamp(): Promise<string> {
    try {
      return await stampOf(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        throw new TokenFileError(`cannot read the token file ${this.#path}: ${reasonOf(error)}`);
      }
    }
    return await this.#makeAgain();
  }

  async #makeAgain(): Promise<string> {
    const lost = `the token file ${this.#path} was lost`;
    try {
      // If another caller looks at the same time, only one of them creates the file.
      if (await createIfMissing(this.#path)) {
        this.#report("token_file_lost", `${lost}; it is made again with a new random token`);
      }
      return await stampOf(this.#path);
    } catch (error) {
      const message = `${lost} and cannot be made again: ${reasonOf(error)}`;
      if (!this.#lost) this.#report("token_file_lost", message);
      this.#lost = true;
      throw new TokenFileError(message);
    }
  }
}

/** The creator of the file knows the token, so it must be vipd's user or root. The same for a link that leads to it. */
async function requireOwner(path: string): Promise<void> {
  const trusted = await trustedUsers();
  for (const { uid, isSymlink } of [await Deno.lstat(path), await Deno.stat(path)]) {
    if (uid === null || trusted.has(uid)) continue;
    const [other, own] = [await userName(uid), await userName(Deno.uid() ?? 0)];
    throw new TokenFileError(
      `the token file ${path} is user ${other}'s, who knows what is in it: if that user may, ` +
        `chown ${
          isSymlink ? "-h " : ""
        }${own} ${path}; else remove it, and a running vipd makes another one, which all who use ` +
        "this one need, as the other node of the pair does",
    );
  }
}

async function stampOf(path: string): Promise<string> {
  const { ino, size, mtime, ctime } = await Deno.stat(path);
  return [ino, size, mtime?.getTime(), ctime?.getTime()].join(":");
}

/** True if it was missing. */
async function createIfMissing(path: string): Promise<boolean> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await answersMaking(path);
  try {
    // O_EXCL with the mode at creation: never readable by others, not even for a moment.
    const token = randomBytes(TOKEN_OCTETS).toString("base64url");
    await Deno.writeTextFile(path, `${token}\n`, { createNew: true, mode: 0o600 });
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return false;
  }
}
