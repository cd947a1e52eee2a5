/**
 * The time between two tries of the front to be served by the engine: it grows, and one that is refused has less reason
 * to come again than one whose engine is being started.
 *
 * @module
 */

/** The first pause, and the longest, in milliseconds; each is twice the one before. */
const FIRST_MS = 100;
const LONGEST_MS = 1000;
const LONGEST_REFUSED_MS = 5000;

export class RetryPause {
  #nextMs = FIRST_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: () => void = () => {};

  /** Resolves after the pause, or when `end` is called. */
  async wait(refused: boolean): Promise<void> {
    const ms = Math.min(this.#nextMs, refused ? LONGEST_REFUSED_MS : LONGEST_MS);
    this.#nextMs = 2 * ms;
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }

  /** It was served: should it lose the engine, the next try comes soon. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#resolve();
  }
}
