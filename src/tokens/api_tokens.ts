/**
 * The tokens of the files in force, and the comparison of shown tokens with them. A reload may name other files.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiConfig } from "../config/model.ts";
import { type BoundedToken, boundedToken } from "./bounded_token.ts";
import { TokenFileError, type TokenFileReport } from "./token_file.ts";
import type { Judgement, TokenRight } from "./token_judge.ts";

/**
 * How often vipd checks whether a file was lost, in milliseconds, because a client that reads the token asks nobody
 * first.
 */
const LOOK_MS = 5000;

type TokenPaths = Pick<ApiConfig, "tokenFile" | "readTokenFile">;

interface Opened {
  readonly path: string;
  readonly right: TokenRight;
  readonly file: BoundedToken;
}

export class ApiTokens {
  #now: readonly Opened[];

  private constructor(now: readonly Opened[]) {
    this.#now = now;
  }

  /** Opens both files. One that cannot be opened now disables only its own token, until it can: see `problem`. */
  static async open(paths: TokenPaths, report: TokenFileReport): Promise<ApiTokens> {
    const tokens = new ApiTokens(filesOf(paths, report, []));
    await tokens.problem();
    return tokens;
  }

  /** Why a token cannot be compared with its file now, with the remedy; `null` if each can. */
  async problem(): Promise<string | null> {
    let problem: string | null = null;
    for (const { file } of this.#now) {
      try {
        await file.token();
      } catch (error) {
        problem ??= error instanceof Error ? error.message : String(error);
      }
    }
    return problem;
  }

  /** A file that cannot be read disables only its own token. */
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

  /** From now on creates lost files again, and reports `problem`; returns a function that stops this. */
  keep(report: (problem: string | null) => void, lookMs = LOOK_MS): () => void {
    let stopped = false;
    let looking = false;
    const look = async () => {
      if (looking) return;
      looking = true;
      const problem = await this.problem();
      looking = false;
      if (!stopped) report(problem);
    };
    void look();
    const timer = setInterval(look, lookMs);
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }

  /** Opens other files, which take effect with `commit`. Throws a TokenFileError; then the old ones stay in force. */
  async prepare(paths: TokenPaths, report: TokenFileReport): Promise<{ commit(): void }> {
    const next = filesOf(paths, report, this.#now);
    // A problem of a file that is already in use must not refuse other settings.
    for (const opened of next) if (!this.#now.includes(opened)) await opened.file.token();
    return { commit: () => void (this.#now = next) };
  }
}

/** Keeps files that `known` has already open. */
function filesOf(
  { tokenFile, readTokenFile }: TokenPaths,
  report: TokenFileReport,
  known: readonly Opened[],
): Opened[] {
  const open = (path: string, right: TokenRight): Opened =>
    known.find((old) => old.path === path && old.right === right) ??
      { path, right, file: boundedToken(path, right, report) };
  const full = open(tokenFile, "change");
  return readTokenFile === undefined ? [full] : [full, open(readTokenFile, "read")];
}

/** Compares digests of equal length, so that the time reveals nothing about the token. */
function isToken(shown: Uint8Array, token: string): boolean {
  const hashed = /^sha256:([0-9a-f]{64})$/i.exec(token)?.[1];
  const wanted = hashed === undefined ? sha256(token) : Uint8Array.fromHex(hashed);
  return timingSafeEqual(shown, wanted);
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
