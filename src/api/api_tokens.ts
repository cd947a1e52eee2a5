/**
 * The tokens of the files that count now, and what is shown compared with them. A reload may name other files.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiConfig } from "../config/model.ts";
import { type BoundedToken, openBoundedToken } from "./bounded_token.ts";
import { TokenFileError, type TokenFileReport } from "./token_file.ts";
import type { Judgement, TokenJudge, TokenRight } from "./token_judge.ts";

/** How often it is looked whether a file was lost, in milliseconds: who reads the token from it asks nobody first. */
const LOOK_MS = 5000;

type TokenPaths = Pick<ApiConfig, "tokenFile" | "readTokenFile">;

interface Opened {
  readonly path: string;
  readonly right: TokenRight;
  readonly file: BoundedToken;
}

export class ApiTokens implements TokenJudge {
  #now: readonly Opened[];

  private constructor(now: readonly Opened[]) {
    this.#now = now;
  }

  /** As {@link openBoundedToken}, of both files. */
  static async open(paths: TokenPaths, report: TokenFileReport): Promise<ApiTokens> {
    return new ApiTokens(await openAll(paths, report, []));
  }

  /** A file that cannot be read keeps only its own token out. */
  async judge(token: string): Promise<Judgement> {
    const shown = sha256(token);
    let unavailable: string | null = null;
    for (const { right, file } of this.#now) {
      try {
        if (isToken(shown, await file.token())) return right;
      } catch (error) {
        if (!(error instanceof TokenFileError)) throw error;
        unavailable ??= error.message;
      }
    }
    return unavailable === null ? "wrong" : { unavailable };
  }

  readingNeedsToken(): Promise<boolean> {
    return Promise.resolve(this.#now.some(({ right }) => right === "read"));
  }

  /** From now on makes files again that are lost; returns how to stop that. */
  keep(lookMs = LOOK_MS): () => void {
    let looking = false;
    const timer = setInterval(async () => {
      if (looking) return;
      looking = true;
      // What is wrong with a file is reported by the file, and to who shows a token.
      for (const { file } of this.#now) await file.token().catch(() => {});
      looking = false;
    }, lookMs);
    return () => clearInterval(timer);
  }

  /** Opens other files; they count from `commit` on. Throws a TokenFileError; then the old ones count. */
  async prepare(paths: TokenPaths, report: TokenFileReport): Promise<{ commit(): void }> {
    const next = await openAll(paths, report, this.#now);
    return { commit: () => void (this.#now = next) };
  }
}

/** What `known` has open already is kept. */
async function openAll(
  { tokenFile, readTokenFile }: TokenPaths,
  report: TokenFileReport,
  known: readonly Opened[],
): Promise<Opened[]> {
  const open = async (path: string, right: TokenRight): Promise<Opened> =>
    known.find((old) => old.path === path && old.right === right) ??
      { path, right, file: await openBoundedToken(path, right, report) };
  const full = await open(tokenFile, "change");
  return readTokenFile === undefined ? [full] : [full, await open(readTokenFile, "read")];
}

/** Compares digests of equal length, so that the time it takes says nothing about the token. */
function isToken(shown: Uint8Array, token: string): boolean {
  const hashed = /^sha256:([0-9a-f]{64})$/i.exec(token)?.[1];
  const wanted = hashed === undefined ? sha256(token) : Uint8Array.fromHex(hashed);
  return timingSafeEqual(shown, wanted);
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
