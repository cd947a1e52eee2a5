/**
 * The journal on disk, so that it outlives the daemon: one JSON object for each line, in two files of bounded size.
 *
 * Writing never blocks the daemon. While the disk accepts no entries, the newest wait for it in a bounded queue, and an
 * alarm reports this.
 *
 * @module
 */

import { join } from "node:path";
import { unansweredDisk } from "../../host/state_store.ts";
import type { HostError } from "../../host/errors.ts";
import { answersOpening } from "../../runtime/file_system.ts";
import { requireRegular } from "../../runtime/regular_file.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost, Pause } from "../../runtime/waiting.ts";
import { Journal, type JournalEntry, SEVERITIES } from "../../status/journal.ts";
import { span } from "../../status/text/span.ts";
import { DISK_BUSY, diskError } from "./disk_error.ts";
import { writeAll } from "./fresh_file.ts";
import { openToAppend } from "./own_file.ts";

/** When a file exceeds this size it becomes the old one, in octets. */
const ROTATE_OCTETS = 1024 * 1024;
/** How much of each file vipd reads, from its end, in octets. */
const READ_OCTETS = 2 * ROTATE_OCTETS;
/** How many entries of an earlier run vipd loads; also how many may wait for the disk. */
const MAX_ENTRIES = 1000;
/** A write that takes longer than this counts as refused until it ends, in milliseconds. */
const WRITE_LIMIT_MS = 5000;
const RETRY_MS = 5000;
/** How long a start waits for the files of an earlier run, in milliseconds. */
const READ_LIMIT_MS = 5000;

export interface JournalFileOptions {
  /** Called with the reason each time that the disk accepts no entries. */
  readonly refused: (why: HostError) => void;
  /** Called after every batch that the disk has accepted. */
  readonly taken: () => void;
  /** @default {ROTATE_OCTETS} */
  readonly rotateOctets?: number;
  /** @default {RETRY_MS} */
  readonly retryMs?: number;
}

/** The journal of an earlier run. */
export interface FoundJournal {
  /** The newest, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Its problems, for a person; empty if there were none. */
  readonly problems: readonly string[];
}

/** The paths of the journal below `stateDir`: the file that vipd writes, and the one before it. */
export function journalPaths(stateDir: string): { readonly current: string; readonly old: string } {
  return { current: join(stateDir, "journal.jsonl"), old: join(stateDir, "journal.old.jsonl") };
}

/** Reads the journal of an earlier run. Omits damaged lines and reports them. Never throws. */
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

/** Adds what `record` records to the journal of an engine that has ended; why the disk has not taken it, or `null`. */
export async function addToJournal(
  stateDir: string,
  record: (journal: Journal) => void,
): Promise<HostError | null> {
  const { entries } = await readJournal(stateDir);
  let problem: HostError | null = unansweredDisk(WRITE_LIMIT_MS);
  const file = new JournalFile(stateDir, {
    refused: (why) => problem = why,
    taken: () => problem = null,
  });
  const journal = new Journal(() => Date.now());
  journal.restore(entries);
  journal.listen((entry) => file.add(entry));
  record(journal);
  await file.close(WRITE_LIMIT_MS);
  return problem;
}

/** A difference that the correction of a clock at boot explains, in milliseconds. */
const CORRECTION_MS = 60_000;

/** For a person: the newest entry of an earlier run is later than this machine's clock; `null` if it is not. */
export function futureText(entries: readonly JournalEntry[], nowMs: number): string | null {
  const newest = entries.at(-1);
  const aheadMs = newest === undefined ? 0 : Date.parse(newest.time) - nowMs;
  if (aheadMs <= CORRECTION_MS) return null;
  return `the last event of the run before is of ${newest!.time}, ${
    span(aheadMs)
  } later than this machine's ` +
    "clock: the clock was set back since, or was wrong then; if it is wrong now, correct it (date; timedatectl). " +
    "vipd events keeps the sequence in which events came, not that of their times";
}

export class JournalFile {
  readonly #folder: string;
  readonly #options: JournalFileOptions;
  readonly #queue: string[] = [];
  #writing: Promise<void> | null = null;
  /** A crash may have left a line without its end. */
  #fresh = true;
  #closed = false;
  readonly #pause = new Pause();

  constructor(stateDir: string, options: JournalFileOptions) {
    this.#folder = stateDir;
    this.#options = options;
  }

  add(entry: JournalEntry): void {
    this.#queue.push(`${JSON.stringify(entry)}\n`);
    if (this.#queue.length > MAX_ENTRIES) this.#queue.shift();
    this.#writing ??= this.#writeAll();
  }

  /** Writes the entries that wait, for at most `limitMs`; writes nothing afterwards. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    this.#pause.end();
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
      // Entries that came meanwhile are newer; as many of the older ones stay as there is room for.
      this.#queue.unshift(...batch.slice(Math.min(batch.length, this.#surplus(batch.length))));
      this.#options.refused(problem);
      if (this.#closed) break;
      await this.#pause.wait(this.#options.retryMs ?? RETRY_MS);
    }
    this.#writing = null;
  }

  #surplus(more: number): number {
    return Math.max(0, this.#queue.length + more - MAX_ENTRIES);
  }

  /** `null` if the disk has accepted it, else the reason. */
  async #write(text: string): Promise<HostError | null> {
    const { current, old } = journalPaths(this.#folder);
    const timer = setTimeout(() => {
      this.#options.refused(unansweredDisk(WRITE_LIMIT_MS));
    }, WRITE_LIMIT_MS);
    try {
      const turn = await threadPool.run("state", async () => {
        await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
        // Readers ignore a blank line, and it ends a line that a crash has cut.
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
}

/** On the disk itself, so that a power cut leaves no hole in the file. Resolves to the size of the file, in octets. */
async function append(path: string, text: string): Promise<number> {
  using file = await openToAppend(path, 0o600);
  await writeAll(file, text);
  await file.syncData();
  return (await file.stat()).size;
}

async function readEnd(path: string): Promise<string> {
  // Opening a pipe would wait.
  requireRegular(await Deno.stat(path), Infinity);
  await answersOpening(path);
  using file = await Deno.open(path, { read: true });
  const { size } = await file.stat();
  const begin = Math.max(0, size - READ_OCTETS);
  await file.seek(begin, Deno.SeekMode.Start);
  const text = await new Response(file.readable).text();
  // A part from the middle begins with half a line.
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
