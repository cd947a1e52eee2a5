/**
 * The `exec` check: a program whose exit code is the result.
 *
 * @module
 */

import type { ExecCheckConfig } from "../check_config.ts";
import { runProgram } from "../programs/run_program.ts";
import type { Probe } from "../probe.ts";

/** Runs the program with `VIPD_CHECK`, the check's name. No process of its group outlives the probe. */
export function execProbe(check: ExecCheckConfig): Probe {
  const environment = { VIPD_CHECK: check.name };
  return {
    late: `not finished within ${check.timeoutMs} ms, killed`,
    run: (signal) => runProgram({ program: check, environment, descendants: "end" }, signal),
  };
}
