/**
 * The changes that other programs make to an instance's resources or to the host, for the journal: one entry for each kind,
 * and when a program does it again and again, one a minute with how often; of what happens to many of one kind, a few
 * entries a minute and how many more there were.
 *
 * @module
 */

import type { Journal, Severity } from "../../status/journal.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";

/** How long the same is counted instead of recorded, in milliseconds. */
export const SILENCE_MS = 60_000;

/** How many entries of one code there are in that time, whatever they are about. */
export const MOST_ENTRIES = 5;
/** How many things a message names. */
const SHOWN = 5;

interface Silenced {
  readonly sinceMs: number;
  count: number;
}

export class AlteredLog {
  readonly #instance: string | null;
  readonly #journal: Journal;
  readonly #nowMs: () => number;
  /** By code and resource. */
  readonly #recorded = new Map<string, Silenced>();
  /** How many changes of others had no entry, by code. */
  readonly #unrecorded = new Map<JournalCode, number>();

  /** `instance`: `null` for what is of no single one. */
  constructor(instance: string | null, journal: Journal, nowMs: () => number) {
    this.#instance = instance;
    this.#journal = journal;
    this.#nowMs = nowMs;
  }

  /** `resource` and `code` say whether it is the same as before. */
  record(
    code: JournalCode,
    resource: string,
    message: string,
    severity: Severity = "warning",
  ): void {
    const key = `${code} ${resource}`;
    const nowMs = this.#nowMs();
    const before = this.#recorded.get(key);
    if (before && nowMs < before.sinceMs + SILENCE_MS) {
      before.count++;
      return;
    }
    this.#forgetOld(nowMs);
    const unrecorded = this.#unrecorded.get(code) ?? 0;
    if (this.#entriesOf(code) >= MOST_ENTRIES) {
      this.#unrecorded.set(code, unrecorded + 1);
      return;
    }
    this.#recorded.set(key, { sinceMs: nowMs, count: 0 });
    this.#unrecorded.delete(code);
    const again = before && before.count > 0
      ? `, ${before.count} times more since the last entry`
      : "";
    const others = unrecorded > 0 ? `, and ${unrecorded} more of this kind before` : "";
    const name = this.#instance;
    const prefix = name === null ? "" : `${name}: `;
    const text = `${prefix}${message}${again}${others}`;
    this.#journal.record(severity, code, text, name ?? undefined);
  }

  #entriesOf(code: JournalCode): number {
    return this.#recorded.keys().filter((key) => key.startsWith(`${code} `)).toArray().length;
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { sinceMs }] of this.#recorded) {
      if (nowMs >= sinceMs + SILENCE_MS) this.#recorded.delete(key);
    }
  }
}

/** The first few of what happened together, and how many more there are. */
export function listText(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN).join(", ");
  return texts.length > SHOWN ? `${shown} and ${texts.length - SHOWN} more` : shown;
}
