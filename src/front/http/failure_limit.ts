/**
 * Slows down guessing of tokens: each source may show a number of wrong ones, and gets one back every few seconds.
 *
 * @module
 */

/** How many wrong tokens in a row a source may show. */
const BURST = 10;
/** How long it takes until one more is forgiven, in milliseconds. */
const FORGIVE_MS = 3000;
/** A bound, so that many addresses cannot fill the memory; the limit forgets the source that failed longest ago. */
const MAX_SOURCES = 1024;

interface Failures {
  count: number;
  /** Monotonic: since when `count` has its value. */
  atMs: number;
}

export class FailureLimit {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** How long the source must wait before it may show a token again, in milliseconds; 0 if it need not wait. */
  waitMs(source: string): number {
    const count = this.#count(source);
    return count < BURST
      ? 0
      : Math.ceil((count - BURST + 1) * FORGIVE_MS - this.#elapsedMs(source));
  }

  /** The source has shown a wrong token; true if it must wait from now on. */
  failed(source: string): boolean {
    const count = this.#count(source) + 1;
    const atMs = this.#nowMs() - this.#elapsedMs(source);
    this.#failures.delete(source);
    this.#failures.set(source, { count, atMs });
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= MAX_SOURCES) break;
      this.#failures.delete(oldest);
    }
    return count >= BURST;
  }

  /** The failures that are not forgiven yet. */
  #count(source: string): number {
    const known = this.#failures.get(source);
    if (!known) return 0;
    const forgiven = Math.floor((this.#nowMs() - known.atMs) / FORGIVE_MS);
    known.count -= forgiven;
    known.atMs += forgiven * FORGIVE_MS;
    if (known.count > 0) return known.count;
    this.#failures.delete(source);
    return 0;
  }

  /** Time since the last one was forgiven. */
  #elapsedMs(source: string): number {
    const known = this.#failures.get(source);
    return known ? this.#nowMs() - known.atMs : 0;
  }
}
