/**
 * Probes of checks, and the programs that they start.
 *
 * @module
 */

import { openProber, type ProbePorts } from "../../health/probers.ts";
import { startProgram } from "../../health/programs/run_program.ts";
import type { Programs } from "../../host/programs.ts";

export function linuxPrograms(ports: ProbePorts): Programs {
  return {
    openProber: (check, report) => openProber(check, ports, report),
    runProgram: (run, ended) => startProgram(run, ended),
  };
}
