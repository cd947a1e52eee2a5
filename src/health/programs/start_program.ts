/**
 * One run of a program within a time limit, which reports its end to a callback.
 *
 * @module
 */

import type { ProbeResult } from "../check.ts";
import { TimedProber } from "../timed_prober.ts";
import type { TimedProgramRun } from "./run_program.ts";
import { runProgram } from "./run_program.ts";

/**
 * Starts a program. Calls `ended` once, at the latest when its time is over; vipd then ends it with its whole group.
 *
 * @returns what ends the program early; it reports nothing afterwards
 */
export function startProgram(
  run: TimedProgramRun,
  ended: (result: ProbeResult) => void,
): () => void {
  const prober = new TimedProber(
    {
      late: `not finished within ${run.timeoutMs} ms, killed`,
      run: (signal) => runProgram(run, signal),
    },
    run.timeoutMs,
    ended,
  );
  prober.probe();
  return () => prober.close();
}
