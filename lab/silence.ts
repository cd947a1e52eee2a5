/**
 * Finds the times when an address did not answer, from probes at a steady beat, each of which was answered or was not.
 *
 * @module
 */

import type { Span } from "./holders.ts";

/** A probe without an answer after this long counts as lost, in milliseconds, because a late answer helps no client. */
export const PROBE_TIMEOUT_MS = 20;

interface Probe {
  readonly sentAtMs: number;
  answered: boolean;
}

/**
 * Turns probes into spans of silence. A span lasts from the sending of the first lost probe to the sending of the next
 * answered one, so that a delayed prober does not look like a silent address.
 */
export class SilenceJudge {
  readonly #probes = new Map<number, Probe>();
  #silentSinceMs: number | null = null;
  #judgedUntilMs = 0;

  /** A probe was sent, or could not be. */
  sent(sequence: number, atMs: number): void {
    this.#probes.set(sequence, { sentAtMs: atMs, answered: false });
  }

  /** An answer arrived; one that is too late or belongs to no probe changes nothing. */
  answered(sequence: number, atMs: number): void {
    const probe = this.#probes.get(sequence);
    if (probe !== undefined && atMs - probe.sentAtMs <= PROBE_TIMEOUT_MS) probe.answered = true;
  }

  /** When the running silence began; `null` if the last judged probe was answered. */
  get silentSinceMs(): number | null {
    return this.#silentSinceMs;
  }

  /** Every probe sent before this moment has been judged. */
  get judgedUntilMs(): number {
    return this.#judgedUntilMs;
  }

  /** Judges the probes sent before `untilMs`, oldest first; returns the silences that ended among them. */
  judge(untilMs: number): Span[] {
    const ended: Span[] = [];
    for (const [sequence, { sentAtMs, answered }] of this.#probes) {
      if (sentAtMs >= untilMs) break;
      this.#probes.delete(sequence);
      if (!answered) this.#silentSinceMs ??= sentAtMs;
      else if (this.#silentSinceMs !== null) {
        ended.push({ fromMs: this.#silentSinceMs, untilMs: sentAtMs });
        this.#silentSinceMs = null;
      }
    }
    this.#judgedUntilMs = untilMs;
    return ended;
  }
}
