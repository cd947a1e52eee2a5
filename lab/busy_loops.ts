/**
 * Programs that never rest, so that the machine has no processor to spare.
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";

export class BusyLoops implements AsyncDisposable {
  readonly #processes: readonly LabProcess[];

  /** Starts `count` of them on the host; they end with this, or with the host. */
  constructor(host: LabHost, count: number) {
    this.#processes = Array.from(
      { length: count },
      () => host.start("busy loop", ["sh", "-c", "while :; do :; done"]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((it) => it.stop()));
  }
}
