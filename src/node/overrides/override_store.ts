/**
 * Keeps the standing overrides from one run to the next. Changes are written in the background, one write at a
 * time; a caller that has to know that it is on disk waits for `kept()`.
 *
 * @module
 */

import { atMostOn, type Clock } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import {
  type FoundState,
  stateDirRemedy,
  type StateStore,
  unansweredDisk,
} from "../../host/state_store.ts";
import type { Alarms } from "../journal/alarms.ts";
import type { OverrideOrigins } from "./override_origins.ts";
import {
  decodeOverrides,
  encodeOverrides,
  type StoredOverride,
  type StoredOverrides,
} from "./stored_override.ts";

/** How long to wait before a disk that refused is asked again, in milliseconds. */
const WRITE_RETRY_MS = 10_000;
/** How long a command waits for the disk at most: it is in force already, and a dead disk must not hide that. */
const WRITE_LIMIT_MS = 5000;

export class OverrideStore {
  readonly #store: StateStore;
  readonly #origins: OverrideOrigins;
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  readonly #standing: () => readonly StoredOverride[];
  /** Counts changes; those up to `#writtenChange` have reached the disk or were refused by it. */
  #change = 0;
  #writtenChange = 0;
  #writing: Promise<void> | null = null;
  /** Why what stands is not on the disk; `null` when it is. */
  #problem: HostError | null = null;
  #closed = false;

  /** `standing`: the overrides as they are now. */
  constructor(
    store: StateStore,
    origins: OverrideOrigins,
    clock: Clock,
    alarms: Alarms,
    standing: () => readonly StoredOverride[],
  ) {
    this.#store = store;
    this.#origins = origins;
    this.#clock = clock;
    this.#alarms = alarms;
    this.#standing = standing;
  }

  /**
   * The overrides of the last run, to be put in force in the same turn. A file that cannot be read is reported and set aside; then
   * there are none. Writes at once, so that a disk which refuses is known before the first command.
   */
  take(): readonly StoredOverride[] {
    const { found, path } = this.#store;
    const decoded = foundOverrides(found);
    this.#change++;
    this.#writing = decoded.ok
      ? this.#writeAll()
      : this.#setAside(`the overrides in ${path} are lost: ${decoded.problem}`);
    return decoded.ok
      ? decoded.overrides.map((kept) => ({ ...kept, origin: this.#origins.of(kept) }))
      : [];
  }

  /** An override was given or has ended: it is written soon. */
  changed(): void {
    this.#alarms.withdraw("state_damaged", null);
    this.#origins.changed(this.#standing());
    this.#write();
  }

  /**
   * Resolves when what changed so far is on disk, was refused by it, or has waited long enough: with `null`, or with why
   * it would not outlive a restart.
   */
  async kept(): Promise<HostError | null> {
    if (this.#writing) await this.#written(this.#writing);
    return this.#problem;
  }

  async #written(writing: Promise<void>): Promise<void> {
    const written = Promise.all([writing, this.#origins.written()]);
    if (await atMostOn(this.#clock, written, WRITE_LIMIT_MS, "late") !== "late") return;
    this.#unwritable(unansweredDisk(WRITE_LIMIT_MS));
  }

  /** Writes what is not written yet, and nothing afterwards. */
  async close(): Promise<void> {
    await this.kept();
    this.#closed = true;
  }

  #write(): void {
    if (this.#closed) return;
    this.#change++;
    this.#writing ??= this.#writeAll();
  }

  async #setAside(problem: string): Promise<void> {
    const cancel = this.#clock.setTimer(this.#clock.nowMs() + WRITE_LIMIT_MS, () => {
      this.#damaged(problem, "it is not set aside yet, because the disk does not answer");
    });
    const aside = await this.#store.setAside();
    cancel();
    const where = typeof aside === "string"
      ? `it is set aside as ${aside}`
      : `it could not be set aside: ${aside.message}`;
    this.#damaged(problem, where);
    await this.#writeAll();
  }

  #damaged(problem: string, where: string): void {
    this.#alarms.raise("state_damaged", null, {
      message: `${problem}; ${where}`,
      hint: "look at vipd status on both nodes and give the commands again that should stand; " +
        "the alarm ends with the next command",
    });
  }

  async #writeAll(): Promise<void> {
    // Changes of one turn are written together.
    await Promise.resolve();
    while (this.#writtenChange < this.#change) {
      const change = this.#change;
      const error = await this.#store.write(encodeOverrides(this.#standing()));
      this.#writtenChange = change;
      if (error) this.#refused(error);
      else this.#writable();
    }
    this.#writing = null;
  }

  #refused(error: HostError): void {
    this.#unwritable(error);
    this.#clock.setTimer(this.#clock.nowMs() + WRITE_RETRY_MS, () => this.#write());
  }

  #writable(): void {
    this.#problem = null;
    this.#alarms.clear("state_unwritable", null);
  }

  #unwritable(problem: HostError): void {
    this.#problem = problem;
    this.#alarms.raise("state_unwritable", null, {
      message: `overrides would not outlive this run: ${this.#store.path} cannot be written: ` +
        problem.message,
      hint: stateDirRemedy(problem),
    });
  }
}

function foundOverrides(found: FoundState): StoredOverrides {
  switch (found.kind) {
    case "nothing":
      return { ok: true, overrides: [] };
    case "text":
      return decodeOverrides(found.text);
    case "unreadable":
      return { ok: false, problem: `it cannot be read: ${found.message}` };
  }
}
