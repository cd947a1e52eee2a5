/** A process that is kept for break after break, and replaced when it cannot be used any more. */

import type { Bench } from "./bench.ts";

export class WarmBench {
  readonly #start: () => Promise<Bench>;
  #current: Promise<Bench> | undefined;

  /** @param start starts a process in which the tests are loaded */
  constructor(start: () => Promise<Bench>) {
    this.#start = start;
  }

  bench(): Promise<Bench> {
    return this.#current ??= this.#start();
  }

  /** Ends the process: the next one knows nothing of what was tried. */
  async end(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await (await current)?.end();
  }
}
