/**
 * The journal on disk, so that it outlives the daemon: one JSON object a line, in two files of bounded size.
 *
 * Writing never holds up the daemon. While the disk does not take what is recorded, the newest entries wait for it
 * in a bounded queue and an alarm tells.
 *
 * @module
 */

import { join } from "node:path";
import { unansweredDisk } from "../../host/disk_problem.ts";
import type { HostError } from "../../host/errors.ts";
import { answersOpening } from "../../runtime/file_system.ts";
import { requireRegular } from "../../runtime/regular_file.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";
import type { JournalEntry, Severity } from "../../status/journal.ts";
import { DISK_BUSY, diskError } from "./disk_error.ts";
import { writeAll } from "./fresh_file.ts";
import { openToAppend } from "./own_file.ts";

/** A file that has grown beyond this becomes the old one, in octets. */
const ROTATE_OCTETS = 1024 * 1024;
/** So much of each file is read, from its end, in octets. */
const READ_OCTETS = 2 * ROTATE_OCTETS;
/** So many entries are taken over from an earlier run; so many wait for the disk. */
const MAX_ENTRIES = 1000;
/** After so long a write counts as refused until it ends, in milliseconds. */
const WRITE_LIMIT_MS = 5000;
const RETRY_MS = 5000;
/** A start waits no longer for what an earlier run has left, in milliseconds. */
const READ_LIMIT_MS = 5000;

const SEVERITIES: readonly Severity[] = ["error", "warning", "notice", "info", "debug"];

export interface JournalFileOptions {
  /** Is told why the disk does not take entries, as often as that is found. */
  readonly refused: (why: HostError) => void;
  /** Is told after every batch that the disk has taken. */
  readonly taken: () => void;
  /** @default {ROTATE_OCTETS} */
  readonly rotateOctets?: number;
  /** @default {RETRY_MS} */
  readonly retryMs?: number;
}

/** What an earlier run has left. */
export interface FoundJournal {
  /** The newest, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** What was wrong with it, for a person; empty when nothing was. */
  readonly problems: readonly string[];
}

/** Where the journal is below `stateDir`: the file that is written, and the one before it. */
export function journalPaths(stateDir: string): { readonly current: string; readonly old: string } {
  return { current: join(stateDir, "journal.jsonl"), old: join(stateDir, "journal.old.jsonl") };
}

/** Reads what an earlier run has left. Lines that are damaged are left out and reported. Never throws. */
export async function readJournal(stateDir: string): Promise<FoundJournal> {
  const reading = threadPool.run("state", () => readBoth(stateDir));
  const turn = await atMost(reading, READ_LIMIT_MS, { ok: false } as const);
  if (turn.ok) return turn.value;
  const problem = `${stateDir} has not answered for ${READ_LIMIT_MS / 1000} s: ` +
    "what an earlier run has recorded there is not shown";
  return { entries: [], problems: [problem] };
}

async function readBoth(stateDir: string): Promise<FoundJournal> {
  const { current, old } = journalPaths(stateDir);
  const entries: JournalEntry[] = [];
  const problems: string[] = [];
  for (const path of [old, current]) {
    try {
      const damaged = collect(await readEnd(path), entries);
      if (damaged > 0) problems.push(`${path}: ${damaged} damaged lines are left out`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      problems.push(`${path} cannot be read: ${(error as Error).message}`);
    }
  }
  return { entries: entries.slice(-MAX_ENTRIES), problems };
}

export class JournalFile {
  readonly #folder: string;
  readonly #options: JournalFileOptions;
  readonly #queue: string[] = [];
  #writing: Promise<void> | null = null;
  /** A crash may have left a line without its end. */
  #fresh = true;
  #closed = false;
  #wake: () => void = () => {};

  constructor(stateDir: string, options: JournalFileOptions) {
    this.#folder = stateDir;
    this.#options = options;
  }

  add(entry: JournalEntry): void {
    this.#queue.push(`${JSON.stringify(entry)}\n`);
    if (this.#queue.length > MAX_ENTRIES) this.#queue.shift();
    this.#writing ??= this.#writeAll();
  }

  /** Writes what waits, for at most `limitMs`; nothing is written afterwards. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    this.#wake();
    if (this.#writing) await atMost(this.#writing, limitMs, undefined);
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0);
      const problem = await this.#write(batch.join(""));
      if (problem === null) {
        this.#options.taken();
        continue;
      }
      // What came meanwhile is newer; of the older ones as many stay as there is room for.
      this.#queue.unshift(...batch.slice(Math.min(batch.length, this.#surplus(batch.length))));
      this.#options.refused(problem);
      if (this.#closed) break;
      await this.#pause();
    }
    this.#writing = null;
  }

  #surplus(more: number): number {
    return Math.max(0, this.#queue.length + more - MAX_ENTRIES);
  }

  /** `null` when the disk has taken it, else why not. */
  async #write(text: string): Promise<HostError | null> {
    const { current, old } = journalPaths(this.#folder);
    const timer = setTimeout(() => {
      this.#options.refused(unansweredDisk(WRITE_LIMIT_MS));
    }, WRITE_LIMIT_MS);
    try {
      const turn = await threadPool.run("state", async () => {
        await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
        // A blank line is nothing to a reader, and ends what a crash has cut.
        const size = await append(current, this.#fresh ? `\n${text}` : text);
        if (size > (this.#options.rotateOctets ?? ROTATE_OCTETS)) await Deno.rename(current, old);
      });
      if (!turn.ok) return DISK_BUSY;
      this.#fresh = false;
      return null;
    } catch (error) {
      return diskError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, this.#options.retryMs ?? RETRY_MS);
    await promise;
    clearTimeout(timer);
  }
}

/** On the disk itself, so that a power cut leaves no hole in the file. Resolves to the size of the file, in octets. */
async function append(path: string, text: string): Promise<number> {
  using file = await openToAppend(path, 0o600);
  await writeAll(file, text);
  await file.syncData();
  return (await file.stat()).size;
}

async function readEnd(path: string): Promise<string> {
  // A pipe would be waited for.
  requireRegular(await Deno.stat(path), Infinity);
  await answersOpening(path);
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  const begin = Math.max(0, size - READ_OCTETS);
  await file.seek(begin, Deno.SeekMode.Start);
  const text = await new Response(file.readable).text();
  // What begins in the middle begins with half a line.
  return begin === 0 ? text : text.slice(text.indexOf("\n") + 1);
}

/** Adds the lines' entries; returns how many lines are none. */
function collect(text: string, entries: JournalEntry[]): number {
  let damaged = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const entry = parseEntry(line);
    if (entry !== null && entry.id > (entries.at(-1)?.id ?? 0)) entries.push(entry);
    else damaged++;
  }
  return damaged;
}

function parseEntry(line: string): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== "object" || value === null) return false;
  const { id, time, severity, code, message, subject } = value as Partial<JournalEntry>;
  return Number.isSafeInteger(id) && id! > 0 && typeof time === "string" &&
    !Number.isNaN(Date.parse(time)) && SEVERITIES.some((known) => known === severity) &&
    typeof code === "string" && typeof message === "string" &&
    (subject === undefined || typeof subject === "string");
}
