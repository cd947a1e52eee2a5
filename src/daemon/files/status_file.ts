/**
 * The last status in the run directory, which `vipd status` shows while the API does not answer.
 *
 * @module
 */

import { join } from "node:path";
import { statusText } from "../../ipc/status_feed.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import type { Journal } from "../../status/journal.ts";
import type { StatusParts } from "../../status/status.ts";
import { replaceFile } from "./fresh_file.ts";
import { STATUS_FILE } from "./run_dir.ts";

/** The shortest time between two writes, and the longest; in milliseconds. */
const AT_MOST_EVERY_MS = 1000;
const AT_LEAST_EVERY_MS = 10_000;
/** How long a stop waits for the file, in milliseconds. */
const CLOSE_LIMIT_MS = 1000;

export interface StatusFileSource {
  readonly journal: Pick<Journal, "listen">;
  statusParts(): StatusParts;
}

export class StatusFile {
  readonly #path: string;
  readonly #source: StatusFileSource;
  readonly #unlisten: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = 0;
  #writing: Promise<void> | null = null;
  #writtenMs = -Infinity;
  #closed = false;

  constructor(runDir: string, source: StatusFileSource) {
    this.#path = join(runDir, STATUS_FILE);
    this.#source = source;
    this.#unlisten = source.journal.listen(() => this.#schedule(AT_MOST_EVERY_MS));
    this.#schedule(0);
  }

  /** A daemon that has ended has no status. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unlisten();
    clearTimeout(this.#timer);
    const removed = (this.#writing ?? Promise.resolve())
      .then(() => threadPool.run("file", () => Deno.remove(this.#path)));
    await atMost(removed.catch(() => {}), CLOSE_LIMIT_MS, undefined);
  }

  /** Schedules a write `afterMs` after the last one, or earlier if that is already scheduled. */
  #schedule(afterMs: number): void {
    if (this.#closed || this.#writing !== null) return;
    const dueMs = this.#writtenMs + afterMs;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#write();
    }, Math.max(0, dueMs - performance.now()));
  }

  async #write(): Promise<void> {
    const written_at = JSON.stringify(new Date().toISOString());
    try {
      const status = await statusText(this.#source.statusParts());
      await threadPool.run("file", async () => {
        const text = `{"written_at":${written_at},"status":${status}}\n`;
        await replaceFile(this.#path, text, 0o644);
      });
    } catch {
      // The file is for the case that the API fails; if both fail, the alarm reports it.
    }
    this.#writtenMs = performance.now();
    this.#writing = null;
    this.#schedule(AT_LEAST_EVERY_MS);
  }
}
