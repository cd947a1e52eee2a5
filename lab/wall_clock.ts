/**
 * A separate wall clock for one program, which can be stepped while it runs (libfaketime).
 *
 * The real one is the machine's: a time namespace has only clocks that never step (time_namespaces(7)).
 *
 * @module
 */

import type { LabHost } from "./host.ts";

/** How many seconds it is ahead; libfaketime reads this again each second. */
const FILE = "/run/lab/wall-clock";

/** The loader replaces $LIB by the folder of this machine's libraries, ld.so(8). */
const LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/** The wall clock of programs that are started on one host with {@link before}. */
export class WallClock {
  readonly #host: LabHost;

  /** Put before a command whose program should have this clock. Its monotonic clock and its files' times are real. */
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

  /** Within a second the clock shows the machine's time and `seconds` more; less if it is negative. */
  async setAhead(seconds: number): Promise<void> {
    const sign = seconds < 0 ? "-" : "+";
    await this.#host.write(`${FILE}.new`, `${sign}${Math.abs(seconds)}\n`);
    await this.#host.run(["mv", `${FILE}.new`, FILE]);
  }
}
