/**
 * A wall clock of its own for one program, which can be stepped while it runs (libfaketime).
 *
 * The real one is the machine's: a time namespace has only clocks of its own that never step (time_namespaces(7)).
 *
 * @module
 */

import type { LabHost } from "./host.ts";

/** How many seconds it is ahead, which libfaketime reads anew each second. */
const FILE = "/run/lab/wall-clock";

/** The loader puts the folder of this machine's libraries for $LIB, ld.so(8). */
const LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/** The wall clock of what is started on one host behind {@link before}. */
export class WallClock {
  readonly #host: LabHost;

  /** Stands before a command whose program is to have this clock. Its monotonic clock and its files' times are real. */
  readonly before: readonly string[] = [
    "env",
    `LD_PRELOAD=${LIBRARY}`,
    `FAKETIME_TIMESTAMP_FILE=${FILE}`,
    "FAKETIME_CACHE_DURATION=1",
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
    "NO_FAKE_STAT=1",
  ];

  private constructor(host: LabHost) {
    this.#host = host;
  }

  /** A clock that shows the machine's time. */
  static async on(host: LabHost): Promise<WallClock> {
    const clock = new WallClock(host);
    await clock.setAhead(0);
    return clock;
  }

  /** Within a second the clock shows the machine's time and so many seconds more; less where it is negative. */
  async setAhead(seconds: number): Promise<void> {
    const sign = seconds < 0 ? "-" : "+";
    await this.#host.write(`${FILE}.new`, `${sign}${Math.abs(seconds)}\n`);
    await this.#host.run(["mv", `${FILE}.new`, FILE]);
  }
}
