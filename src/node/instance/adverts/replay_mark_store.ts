/**
 * Keeps the marks of `replay: monotonic` from one run to the next, so that adverts which were recorded before a restart
 * are refused after it. They are written now and then in the background, and when vipd stops: no advert waits for the
 * disk. After a crash the marks are at most {@link WRITE_EVERY_MS} old, and adverts of that time alone can be sent again.
 *
 * @module
 */

import { atMostOn, type Clock } from "../../../host/clock.ts";
import type { StateStore } from "../../../host/state_store.ts";
import type { Journal } from "../../../status/journal.ts";
import { decodeReplayMarks, encodeReplayMarks, type ReplayMark } from "./replay_marks.ts";

/** How often marks that have changed are written, in milliseconds. */
export const WRITE_EVERY_MS = 10_000;
/** A stop waits no longer for the disk, in milliseconds. */
const CLOSE_LIMIT_MS = 2000;

export interface ReplayMarkStoreOptions {
  readonly store: StateStore;
  readonly host: Clock;
  readonly journal: Journal;
  /** The marks as they are now, of the instances that need them. */
  readonly marks: () => readonly ReplayMark[];
  /** Takes over what the last run has left. */
  readonly restore: (marks: readonly ReplayMark[]) => void;
}

export class ReplayMarkStore {
  readonly #options: ReplayMarkStoreOptions;
  /** The marks on the disk, as far as is known. */
  #written: string;
  #writing: Promise<void> | null = null;
  #cancel: () => void = () => {};

  constructor(options: ReplayMarkStoreOptions) {
    this.#options = options;
    this.#written = encodeReplayMarks([]);
  }

  /** Puts the marks of the last run in force, in this turn. */
  start(): void {
    const { store: { found, path }, journal, restore } = this.#options;
    const marks = found.kind === "text" ? decodeReplayMarks(found.text) : [];
    if (marks !== null && found.kind !== "unreadable") {
      restore(marks);
    } else {
      const why = found.kind === "unreadable" ? found.message : "it is damaged";
      const message = `the sequence numbers in ${path} cannot be read: ${why}; until a sender is ` +
        "heard, its recorded adverts are accepted";
      journal.record("warning", "replay_marks_lost", message);
    }
    this.#schedule();
  }

  /** Writes what is not written yet, if the disk answers in time. */
  async close(): Promise<void> {
    this.#cancel();
    const { host } = this.#options;
    const last = (this.#writing ?? Promise.resolve()).then(() => this.#write());
    await atMostOn(host, last, CLOSE_LIMIT_MS, undefined);
  }

  #schedule(): void {
    const { host } = this.#options;
    this.#cancel = host.setTimer(host.nowMs() + WRITE_EVERY_MS, () => {
      // A disk that does not answer is not asked again meanwhile.
      this.#writing ??= this.#write().finally(() => this.#writing = null);
      this.#schedule();
    });
  }

  /** The alarm about the state next to it says that the folder cannot be written. */
  async #write(): Promise<void> {
    const text = encodeReplayMarks(this.#options.marks());
    if (text === this.#written) return;
    if (await this.#options.store.write(text) === null) this.#written = text;
  }
}
