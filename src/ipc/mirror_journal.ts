/**
 * The front's copy of the engine's journal. The front's own entries go to the engine and return with an id.
 *
 * @module
 */

import { Journal, type JournalEntry, type Severity } from "../status/journal.ts";
import type { JournalCode } from "../status/codes/journal_codes.ts";
import type { FrontJournalCode, FrontMessage } from "./messages.ts";

type Recorded = Extract<FrontMessage, { type: "record" }>;

/** Longest message that the engine accepts. */
const MAX_CHARS = 4000;

export class MirrorJournal extends Journal {
  readonly #send: (
    severity: Recorded["severity"],
    code: FrontJournalCode,
    message: string,
  ) => void;
  #run = "";
  #firstEntryId = 0;
  #engineLastId = 0;

  constructor(
    send: (severity: Recorded["severity"], code: FrontJournalCode, message: string) => void,
  ) {
    super(() => 0);
    this.#send = send;
  }

  /** The first entry of the engine's run. */
  get firstEntryId(): number {
    return this.#firstEntryId;
  }

  /** While the engine still sends its journal, readers may know entries of it that are not here yet. */
  override get newestId(): number {
    return Math.max(this.lastId, this.#engineLastId);
  }

  /**
   * An engine sends its journal from the beginning; `firstEntryId` is the first entry of its own run, `lastEntryId` the
   * newest of all. An older engine does not say the latter.
   */
  begin(run: string, firstEntryId: number, lastEntryId = 0): void {
    // An engine that has lost its journal counts from 1 again.
    if (run !== this.#run && firstEntryId <= this.lastId) this.clear();
    this.#run = run;
    this.#firstEntryId = firstEntryId;
    this.#engineLastId = lastEntryId;
  }

  /** Takes entries of the engine; skips those that are known already. Only this run's entries are new. */
  take(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.id > this.lastId) this.adopt(entry, entry.id >= this.#firstEntryId);
    }
  }

  override record(severity: Severity, code: JournalCode, message: string): void {
    if (severity === "debug") return;
    this.#send(severity, code as FrontJournalCode, message.slice(0, MAX_CHARS));
  }
}
