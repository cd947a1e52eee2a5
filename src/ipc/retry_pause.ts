/**
 * The time between two attempts of the front to connect to the engine. It grows. It grows further if the engine refused
 * the front than if the engine is only being restarted.
 *
 * @module
 */

import { Pause } from "../runtime/waiting.ts";

/** The first pause, and the longest, in milliseconds; each is twice the previous one. */
const FIRST_MS = 100;
const LONGEST_MS = 1000;
const LONGEST_REFUSED_MS = 5000;

export class RetryPause {
  #nextMs = FIRST_MS;
  readonly #pause = new Pause();

  /** Resolves after the pause, or when `end` is called. */
  async wait(refused: boolean): Promise<void> {
    const ms = Math.min(this.#nextMs, refused ? LONGEST_REFUSED_MS : LONGEST_MS);
    this.#nextMs = 2 * ms;
    await this.#pause.wait(ms);
  }

  /** The front was served: if it loses the engine, the next attempt comes soon. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  end(): void {
    this.#pause.end();
  }
}
