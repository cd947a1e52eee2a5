/** A clock on which time passes only while somebody works or sleeps. */

import type { PaceClock } from "../../src/ipc/pace.ts";

export class WorkClock implements PaceClock {
  workedMs = 0;
  sleptMs = 0;
  /** The longest work without a sleep. */
  longestMs = 0;
  #turnMs = 0;

  nowMs(): number {
    return this.workedMs + this.sleptMs;
  }

  /** The event loop gets its turn meanwhile. */
  async sleep(ms: number): Promise<void> {
    this.#turnMs = 0;
    this.sleptMs += ms;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  work(ms: number): void {
    this.workedMs += ms;
    this.#turnMs += ms;
    this.longestMs = Math.max(this.longestMs, this.#turnMs);
  }
}
