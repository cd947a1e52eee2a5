/**
 * The token files that count now; a reload may name others.
 *
 * @module
 */

import type { ApiConfig } from "../config/model.ts";
import { type BoundedToken, openBoundedToken } from "./bounded_token.ts";

type TokenPaths = Pick<ApiConfig, "tokenFile" | "readTokenFile">;
type Warn = (message: string) => void;

interface Opened {
  readonly path: string;
  readonly file: BoundedToken;
}

interface OpenedPair {
  readonly full: Opened;
  readonly readOnly: Opened | null;
}

export class ApiTokens {
  #now: OpenedPair;

  private constructor(now: OpenedPair) {
    this.#now = now;
  }

  /** As {@link openBoundedToken}, of both files. */
  static async open(paths: TokenPaths, warn: Warn): Promise<ApiTokens> {
    return new ApiTokens(await openPair(paths, warn, null));
  }

  /** The token that may do everything. */
  readonly full = { token: (): Promise<string> => this.#now.full.file.token() };

  /** The token that may read; `null` where none is configured. */
  readonly readOnly = {
    token: async (): Promise<string | null> => await this.#now.readOnly?.file.token() ?? null,
  };

  /** Opens other files; they count from `commit` on. Throws a TokenFileError; then the old ones count. */
  async prepare(paths: TokenPaths, warn: Warn): Promise<{ commit(): void }> {
    const next = await openPair(paths, warn, this.#now);
    return { commit: () => void (this.#now = next) };
  }
}

/** What `known` has open already is kept. */
async function openPair(
  { tokenFile, readTokenFile }: TokenPaths,
  warn: Warn,
  known: OpenedPair | null,
): Promise<OpenedPair> {
  const open = async (path: string, old: Opened | null | undefined): Promise<Opened> =>
    old?.path === path ? old : { path, file: await openBoundedToken(path, warn) };
  return {
    full: await open(tokenFile, known?.full),
    readOnly: readTokenFile === undefined ? null : await open(readTokenFile, known?.readOnly),
  };
}
