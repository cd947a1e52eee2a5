/**
 * How long this machine lets its programs wait: what is late here is late in the daemons, too.
 *
 * @module
 */

const EVERY_MS = 100;

export class Pauses implements Disposable {
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);
  #lastMs = performance.now();
  #longestMs = 0;

  /** The longest wait since the last call, in milliseconds. */
  take(): number {
    this.#look();
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs - EVERY_MS);
    this.#lastMs = nowMs;
  }
}
