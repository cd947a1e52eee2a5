/**
 * When an address did not answer: made of probes at a steady beat, each of which was answered or was not.
 *
 * @module
 */

import type { Span } from "./holders.ts";

/** A probe without an answer after this long counts as lost, in milliseconds: a late answer helps no client. */
export const PROBE_TIMEOUT_MS = 20;

interface Probe {
  readonly sentAtMs: number;
  answered: boolean;
}

/**
 * Turns probes into spans of silence. A span reaches from the sending of the first lost probe to the sending of
 * the next answered one, so that a prober that was held up itself does not look like a silent address.
 */
export class SilenceJudge {
  readonly #probes = new Map<number, Probe>();
  #silentSinceMs: number | null = null;
  #judgedUntilMs = 0;

  /** A probe went out, or tried to. */
  sent(sequence: number, atMs: number): void {
    this.#probes.set(sequence, { sentAtMs: atMs, answered: false });
  }

  /** An answer came in; one that is too late or belongs to no probe changes nothing. */
  answered(sequence: number, atMs: number): void {
    const probe = this.#probes.get(sequence);
    if (probe !== undefined && atMs - probe.sentAtMs <= PROBE_TIMEOUT_MS) probe.answered = true;
  }

  /** When the running silence began; `null` when the last judged probe was answered. */
  get silentSinceMs(): number | null {
    return this.#silentSinceMs;
  }

  /** Every probe sent before this moment has been judged. */
  get judgedUntilMs(): number {
    return this.#judgedUntilMs;
  }

  /** Judges the probes sent before `untilMs`, oldest first; the silences that ended among them. */
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
