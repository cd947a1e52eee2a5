/** The run directory of an engine that runs, as far as others see that. */

import { RunDirKeeper } from "../../src/daemon/files/run_dir_keeper.ts";
import { takeRunLock } from "../../src/daemon/files/run_lock.ts";
import { REAL_TIMERS } from "../real_timers.ts";

/** Locks the directory and gives signs of life until it is released; one that `hangs` gives none. */
export async function engineIn(
  runDir: string,
  hangs = false,
): Promise<{ release(): Promise<void> }> {
  const lock = await takeRunLock(runDir);
  const keeper = hangs ? null : new RunDirKeeper({
    timers: REAL_TIMERS,
    runDir,
    sign: () => lock.sign(),
    parts: [],
    lost: () => {},
    looked: () => {},
    everyMs: 20,
  });
  return {
    release: async () => {
      await keeper?.close();
      lock.release();
    },
  };
}
