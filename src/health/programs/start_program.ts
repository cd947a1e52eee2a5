/**
 * One run of a program within a time, with its end told to a callback.
 *
 * @module
 */

import type { ProbeResult } from "../check.ts";
import { TimedProber } from "../probes/timed_prober.ts";
import type { TimedProgramRun } from "./program_run.ts";
import { runProgram } from "./run_program.ts";

/**
 * Starts a program. `ended` is called once, at the latest when its time is over; it is then being ended with its
 * whole group.
 *
 * @returns what ends the program early; nothing is told afterwards
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
