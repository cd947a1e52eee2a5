/**
 * How late the event loop is: adverts and answers wait in the same queue.
 *
 * @module
 */

/** How often it is measured, in milliseconds. */
const EVERY_MS = 500;
/** The worst of so many measurements is kept: a minute. */
const KEPT = 60_000 / EVERY_MS;

export class LoopLag {
  readonly #lagsMs: number[] = [];
  #dueMs = performance.now() + EVERY_MS;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.#measure(), EVERY_MS);
    // It must not keep a process alive that has nothing else to do.
    Deno.unrefTimer(Number(this.#timer));
  }

  /** The last measurement, in milliseconds. */
  get lastMs(): number {
    return this.#lagsMs.at(-1) ?? 0;
  }

  /** The worst of the last minute, in milliseconds. */
  get worstMs(): number {
    return Math.max(0, ...this.#lagsMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #measure(): void {
    const nowMs = performance.now();
    this.#lagsMs.push(Math.max(0, nowMs - this.#dueMs));
    if (this.#lagsMs.length > KEPT) this.#lagsMs.shift();
    this.#dueMs = nowMs + EVERY_MS;
  }
}
