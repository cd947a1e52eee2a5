/**
 * The engine's record of its resources on the machine, in the run directory. `vipd goodbye` uses it after the engine's
 * death.
 *
 * The engine writes it in the background, because an advert waits for no file: first before the engine starts, with all
 * that its instances may add to the machine, then at each change, and now and then as a sign of life.
 *
 * @module
 */

import { join } from "node:path";
import {
  encodeResourceRecord,
  type InstanceToRecord,
  RECORD_EVERY_MS,
} from "../../node/resources/resource_record.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import type { Journal } from "../../status/journal.ts";
import { replaceFile } from "./fresh_file.ts";
import { HELD_FILE } from "./run_dir.ts";

/** Entries after which the machine has other resources, or another configuration is in force. */
const CHANGES = new Set(["state_changed", "reloaded", "address_left_behind"]);
/** How long a start, and a stop, wait for the file, in milliseconds. */
const WAIT_LIMIT_MS = 1000;

export interface ResourceRecordSource {
  readonly journal: Pick<Journal, "listen">;
  readonly recorded: readonly InstanceToRecord[];
}

export class ResourceRecordFile {
  readonly #path: string;
  readonly #boot: string;
  readonly #source: ResourceRecordSource;
  readonly #unlisten: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #writing: Promise<void> | null = null;
  /** True if something has changed since the text was made that is being written. */
  #changed = false;
  #closed = false;

  private constructor(runDir: string, boot: string, source: ResourceRecordSource) {
    this.#path = join(runDir, HELD_FILE);
    this.#boot = boot;
    this.#source = source;
    this.#unlisten = source.journal.listen(({ code }) => {
      if (CHANGES.has(code)) this.#write();
    });
    this.#timer = setInterval(() => this.#write(), RECORD_EVERY_MS);
  }

  /** Resolves when the file exists, or its time is over: an engine also starts without it. */
  static async open(
    runDir: string,
    boot: string,
    source: ResourceRecordSource,
  ): Promise<ResourceRecordFile> {
    const file = new ResourceRecordFile(runDir, boot, source);
    file.#write();
    await atMost(file.#written(), WAIT_LIMIT_MS, undefined);
    return file;
  }

  /** An engine that leaves no resources leaves no record. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unlisten();
    clearInterval(this.#timer);
    await atMost(this.#finish(), WAIT_LIMIT_MS, undefined);
  }

  async #finish(): Promise<void> {
    await this.#written();
    if (this.#source.recorded.some(({ held }) => held)) return;
    await threadPool.run("file", () => Deno.remove(this.#path)).catch(() => {});
  }

  async #written(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #write(): void {
    if (this.#closed) return;
    this.#changed = true;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    // Changes in one turn are written together.
    await Promise.resolve();
    while (this.#changed) {
      this.#changed = false;
      const text = encodeResourceRecord(this.#boot, Date.now(), this.#source.recorded);
      // Without the record the lease removes the addresses of a dead engine.
      await threadPool.run("file", () => replaceFile(this.#path, text, 0o600)).catch(() => {});
    }
    this.#writing = null;
  }
}
