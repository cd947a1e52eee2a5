/**
 * The files with the state that outlives the daemon. vipd replaces each as a whole: it writes a new file, flushes it to
 * the disk and renames it.
 *
 * @module
 */

import { join } from "node:path";
import type { HostError } from "../../host/errors.ts";
import type { FoundState, StateStore } from "../../host/state_store.ts";
import { readRegular } from "../../runtime/regular_file.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import { DISK_BUSY, diskError } from "./disk_error.ts";
import { openFresh, writeAll } from "./fresh_file.ts";

/** A larger file is something else, in octets. */
const MAX_OCTETS = 1024 * 1024;
/** How long a start waits for the disk, in milliseconds. */
const READ_LIMIT_MS = 5000;

/** The overrides in force. */
export const OVERRIDES_FILE = "state.json";
/** The clients that gave the overrides in force, and their reasons. */
export const ORIGINS_FILE = "override_origins.json";
/** The numbers of signed adverts. */
export const MARKS_FILE = "send_marks.json";
/** The last numbers of other nodes' signed adverts. */
export const REPLAY_FILE = "replay-marks.json";
/** The third routers that vipd has heard. */
export const ROUTERS_FILE = "third_routers.json";

/** A store whose content is there for a while only. */
export interface RemovableStore extends StateStore {
  /** Keeps nothing any more; has outlived a power cut when the promise resolves. Never rejects. */
  remove(): Promise<HostError | null>;
}

/** Opens a file in `stateDir`, which it creates if missing (mode 0700). The store reports errors. */
export async function openStateFile(
  stateDir: string,
  name = OVERRIDES_FILE,
): Promise<RemovableStore> {
  const path = join(stateDir, name);
  const found = await atMost(onThread(() => find(path)), READ_LIMIT_MS, null);
  return new StateFile(stateDir, path, found ?? unanswered());
}

function unanswered(): FoundState {
  const message = `the disk has not answered for ${READ_LIMIT_MS / 1000} s`;
  return { kind: "unreadable", message };
}

/** In sequence, and in turn with the journal, because both use the same disk. */
async function onThread<T>(operation: () => Promise<T>): Promise<T> {
  const turn = await threadPool.run("state", operation);
  if (turn.ok) return turn.value;
  throw Object.assign(new Error(DISK_BUSY.message), { code: DISK_BUSY.code });
}

class StateFile implements RemovableStore {
  readonly path: string;
  readonly found: FoundState;
  readonly #folder: string;

  constructor(folder: string, path: string, found: FoundState) {
    this.#folder = folder;
    this.path = path;
    this.found = found;
  }

  async write(text: string): Promise<HostError | null> {
    return await outcome(() => this.#replace(text));
  }

  async remove(): Promise<HostError | null> {
    return await outcome(() => this.#remove());
  }

  async #replace(text: string): Promise<void> {
    const temporary = `${this.path}.new`;
    await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFlushed(temporary, text);
    await Deno.rename(temporary, this.path);
    // The new name is on the disk only when the folder is (fsync(2)).
    await flush(this.#folder);
  }

  async #remove(): Promise<void> {
    try {
      await Deno.remove(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    await flush(this.#folder);
  }

  async setAside(): Promise<string | HostError> {
    const aside = `${this.path}.${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
    try {
      await onThread(() => Deno.rename(this.path, aside));
      return aside;
    } catch (error) {
      return diskError(error);
    }
  }
}

async function outcome(change: () => Promise<void>): Promise<HostError | null> {
  try {
    await onThread(change);
    return null;
  } catch (error) {
    return diskError(error);
  }
}

async function find(path: string): Promise<FoundState> {
  try {
    return { kind: "text", text: await readRegular(path, MAX_OCTETS) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "nothing" };
    return { kind: "unreadable", message: diskError(error).message };
  }
}

async function writeFlushed(path: string, text: string): Promise<void> {
  using file = await openFresh(path, 0o600);
  await writeAll(file, text);
  await file.sync();
}

async function flush(folder: string): Promise<void> {
  using file = await Deno.open(folder, { read: true });
  await file.sync();
}
