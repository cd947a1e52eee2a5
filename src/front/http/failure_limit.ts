/**
 * Slows down who guesses tokens: each source has so many wrong ones, and gets one back every few seconds.
 *
 * @module
 */

/** How many wrong tokens in a row a source may show. */
const BURST = 10;
/** How long it takes until another one is forgiven, in milliseconds. */
const FORGIVE_MS = 3000;
/** Many addresses must not fill the memory: the one that failed longest ago is forgotten. */
const MAX_SOURCES = 1024;

interface Failures {
  count: number;
  /** Monotonic: since when `count` is as it is. */
  atMs: number;
}

export class FailureLimit {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** How long the source must wait before it may show a token again, in milliseconds; 0 when it need not. */
  waitMs(source: string): number {
    const count = this.#count(source);
    return count < BURST
      ? 0
      : Math.ceil((count - BURST + 1) * FORGIVE_MS - this.#elapsedMs(source));
  }

  /** The source has shown a wrong token; true when it must wait from now on. */
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

  /** Since the last one was forgiven. */
  #elapsedMs(source: string): number {
    const known = this.#failures.get(source);
    return known ? this.#nowMs() - known.atMs : 0;
  }
}
