/**
 * The engine's care of its run directory: a sign of life twice a second, and what somebody has removed is made again.
 * Without the lock another engine would start in the same place, without the socket no front would come.
 *
 * @module
 */

import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";

/** How often, in milliseconds. */
export const SIGN_EVERY_MS = 500;
/** A stop waits no longer for a file, in milliseconds. */
const CLOSE_LIMIT_MS = 1000;

/** Something in the run directory that only this process can make again. */
export interface MaintainedPart {
  /** Its name in the run directory. */
  readonly name: string;
  /** Whether its name still leads to it. */
  isThere(): Promise<boolean>;
  makeAgain(): Promise<void>;
}

export interface RunDirKeeperOptions {
  readonly runDir: string;
  /** Gives the sign of life. */
  readonly sign: () => Promise<void>;
  /** In the order in which they are made. */
  readonly parts: readonly MaintainedPart[];
  /** What was lost, and that it is there again or why it is not; the same is not told twice in a row. */
  readonly lost: (message: string) => void;
  /** These were lost, and are there again, or why they are not. */
  readonly looked: (names: readonly string[], problem: string | null) => void;
  readonly everyMs?: number;
}

export class RunDirKeeper {
  readonly #options: RunDirKeeperOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #looking: Promise<unknown> | null = null;
  /** Why something cannot be made again. */
  #failure: string | null = null;
  #closed = false;

  constructor(options: RunDirKeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.everyMs ?? SIGN_EVERY_MS);
    this.#look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await atMost(this.#looking ?? Promise.resolve(), CLOSE_LIMIT_MS, undefined);
  }

  /** A disk that does not answer is asked once. */
  #look(): void {
    this.#looking ??= threadPool.run("file", () => this.#keep())
      // The sign is given by who can.
      .catch(() => {})
      .finally(() => this.#looking = null);
  }

  async #keep(): Promise<void> {
    const { sign, parts } = this.#options;
    await sign();
    const gone: MaintainedPart[] = [];
    for (const part of parts) if (!await part.isThere()) gone.push(part);
    if (gone.length === 0) this.#failure = null;
    else await this.#makeAgain(gone);
  }

  async #makeAgain(gone: readonly MaintainedPart[]): Promise<void> {
    const { runDir, lost, looked } = this.#options;
    const names = gone.map(({ name }) => name);
    const what = `of run_dir ${runDir} was lost: ${names.join(", ")}`;
    try {
      for (const part of gone) {
        if (this.#closed) return;
        await part.makeAgain();
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#failure) lost(`${what}; it cannot be made again: ${why}`);
      this.#failure = why;
      return looked(names, why);
    }
    this.#failure = null;
    lost(`${what}; it is made again: see who removes it`);
    looked(names, null);
  }
}
