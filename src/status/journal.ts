/**
 * All events, in order: the source of the log and of `GET /v1/events`.
 *
 * @module
 */

import type { CommandClient } from "./schemas/command_origin.ts";
import type { JournalCode } from "./codes/journal_codes.ts";
import type { Verdict } from "./status.ts";

/** How much a person should care, the most severe first; journald's and syslog's names. */
export const SEVERITIES = ["error", "warning", "notice", "info", "debug"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Details, in addition to the message, of the kinds of entries that programs act on. */
export interface EntryDetails {
  /** The alarm's code, in entries with the code `alarm_raised` or `alarm_cleared`. */
  readonly alarm?: string;
  /** The states and the stable reason, in entries with the code `state_changed`. */
  readonly transition?: { readonly from: string; readonly to: string; readonly reason: string };
  /** The effective priority, in the same and in those with the code `reasserted`. */
  readonly priority?: number;
  /** In entries with the code `state_changed`: the mastership that ends only tried out what the kernel still refuses. */
  readonly trial?: true;
  /** In entries with the code `verdict_changed`; `from` is `null` for the first verdict of a run. */
  readonly verdict?: { readonly from: Verdict | null; readonly to: Verdict };
  /** The person or program that gave or ended an override, as far as that is known; in entries about one. */
  readonly by?: CommandClient | undefined;
  readonly reason?: string | undefined;
}

export interface JournalEntry extends EntryDetails {
  /** Counts up from 1; where the journal is kept on disk, through all runs. */
  readonly id: number;
  /** RFC 3339. */
  readonly time: string;
  readonly severity: Severity;
  /** Stable: one of `JOURNAL_CODES`, or what another version of vipd has kept. */
  readonly code: string;
  readonly message: string;
  /** The instance or check it is about. */
  readonly subject?: string;
}

/** Keeps the last entries and gives listeners each new one. */
export class Journal {
  readonly #entries: JournalEntry[] = [];
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  readonly #wallClockMs: () => number;
  readonly #capacity: number;
  #nextId = 1;
  #epoch = 0;

  /** `capacity`: how many entries are kept. */
  constructor(wallClockMs: () => number, capacity = 1000) {
    this.#wallClockMs = wallClockMs;
    this.#capacity = capacity;
  }

  record(
    severity: Severity,
    code: JournalCode,
    message: string,
    subject?: string,
    details: EntryDetails = {},
  ): void {
    const time = new Date(this.#wallClockMs()).toISOString();
    const entry: JournalEntry = {
      id: this.#nextId++,
      time,
      severity,
      code,
      message,
      ...(subject === undefined ? {} : { subject }),
      ...details,
    };
    this.#keep(entry);
    this.#report(entry);
  }

  /** Takes a later entry of the journal that this one mirrors, with its id; listeners learn of it if it is `news`. */
  protected adopt(entry: JournalEntry, news: boolean): void {
    this.#nextId = entry.id + 1;
    this.#keep(entry);
    if (news) this.#report(entry);
  }

  /** Forgets all entries and counts from 1 again. */
  protected clear(): void {
    this.#entries.length = 0;
    this.#nextId = 1;
    this.#epoch++;
  }

  #keep(entry: JournalEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) this.#entries.shift();
  }

  #report(entry: JournalEntry): void {
    for (const listener of this.#listeners) listener(entry);
  }

  /**
   * Puts what an earlier run has kept before all that was recorded so far, whose ids continue from there. The caller
   * calls it before anyone has seen an id.
   */
  restore(kept: readonly JournalEntry[]): void {
    const lastId = kept.at(-1)?.id ?? 0;
    const own = this.#entries.map((entry) => ({ ...entry, id: entry.id + lastId }));
    this.#entries.splice(0, Infinity, ...[...kept, ...own].slice(-this.#capacity));
    this.#nextId += lastId;
  }

  /** The kept entries after the one with this id, oldest first. */
  since(id = 0): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.id > id);
  }

  /** The id of the newest entry, kept or not; 0 before the first. */
  get lastId(): number {
    return this.#nextId - 1;
  }

  /**
   * The id that a reader may have got from this journal at most. One who names a later id has it from another journal,
   * or is wrong: to them every entry is news.
   */
  get newestId(): number {
    return this.lastId;
  }

  /** Grows each time that the ids begin again. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Calls `listener` with every further entry; returns how to stop that. */
  listen(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
