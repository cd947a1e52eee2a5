/**
 * Maintains the engine's run directory: gives a sign of life twice a second, and creates again what somebody has
 * removed. Without the lock another engine would start in the same place, and without the socket no front would
 * connect.
 *
 * @module
 */

import type { CancelTimer, Clock } from "../../host/clock.ts";
import { repeat } from "../../host/regular_work.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";

/** How often, in milliseconds. */
export const SIGN_EVERY_MS = 500;
/** A folder that changed no longer ago may change again without another time to show for it, in milliseconds. */
const UNSURE_MS = 1000;
/** How long a stop waits for a file, in milliseconds. */
const CLOSE_LIMIT_MS = 1000;

/** A part of the run directory that only this process can create again. */
export interface MaintainedPart {
  /** Its name in the run directory. */
  readonly name: string;
  /** Whether its name still leads to it. */
  isThere(): Promise<boolean>;
  makeAgain(): Promise<void>;
}

export interface RunDirKeeperOptions {
  readonly timers: Pick<Clock, "nowMs" | "setTimer">;
  readonly runDir: string;
  /** Gives the sign of life. */
  readonly sign: () => Promise<void>;
  /** In the order in which they are created. */
  readonly parts: readonly MaintainedPart[];
  /** Called with what was lost, and that it exists again or why not; never twice in a row with the same text. */
  readonly lost: (message: string) => void;
  /** Called with the parts that were lost, and `null` or why they cannot be created again. */
  readonly looked: (names: readonly string[], problem: string | null) => void;
  readonly everyMs?: number;
}

export class RunDirKeeper {
  readonly #options: RunDirKeeperOptions;
  readonly #endLooks: CancelTimer;
  #looking: Promise<unknown> | null = null;
  /** The folder when all parts were last found in it; `null` if one was missing. */
  #complete: Deno.FileInfo | null = null;
  /** Why a part cannot be created again. */
  #failure: string | null = null;
  #closed = false;

  constructor(options: RunDirKeeperOptions) {
    this.#options = options;
    const everyMs = options.everyMs ?? SIGN_EVERY_MS;
    this.#endLooks = repeat(options.timers, everyMs, () => this.#look());
    this.#look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endLooks();
    await atMost(this.#looking ?? Promise.resolve(), CLOSE_LIMIT_MS, undefined);
  }

  /** One look at a time, also if the disk does not answer. */
  #look(): void {
    this.#looking ??= threadPool.run("file", () => this.#keep())
      // A sign of life that fails is simply missing.
      .catch(() => {})
      .finally(() => this.#looking = null);
  }

  async #keep(): Promise<void> {
    const { sign, parts } = this.#options;
    await sign();
    const folder = await Deno.lstat(this.#options.runDir).catch(() => null);
    if (folder !== null && this.#complete !== null && isUnchanged(folder, this.#complete)) return;
    const gone: MaintainedPart[] = [];
    for (const part of parts) if (!await part.isThere()) gone.push(part);
    this.#complete = gone.length === 0 ? folder : null;
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

/** Whether no name in the folder is another one than before: its modification time would be (inode(7)). */
function isUnchanged({ dev, ino, mtime }: Deno.FileInfo, before: Deno.FileInfo): boolean {
  const changedMs = mtime?.getTime() ?? Infinity;
  return dev === before.dev && ino === before.ino && changedMs === before.mtime?.getTime() &&
    Date.now() - changedMs > UNSURE_MS;
}
