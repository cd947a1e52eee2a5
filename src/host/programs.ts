/**
 * The port to what checks run on the host: probes and programs.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import type { TimedProgramRun } from "../health/programs/run_program.ts";

/** Probes, and runs programs. */
export interface Programs {
  /** Prepares a check's probe; `report` may also be called unasked, as when a watched process dies. */
  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober;

  /**
   * Runs a program once. `ended` is called once and never during the call, at the latest when the program's time
   * is over; what keeps it from running is a result that is not ok.
   *
   * @returns what ends the program early; nothing is reported afterwards
   */
  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void;
}
