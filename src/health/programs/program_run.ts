/**
 * The parameters of a program run.
 *
 * @module
 */

import type { ProgramConfig } from "../check_config.ts";

export interface ProgramRun {
  readonly program: ProgramConfig;
  /** Added to `PATH` and `LANG`; the program gets no other variables. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The treatment of processes that the program leaves in its group. vipd ends those of a check with it; those of a
   * command that starts a service may stay.
   */
  readonly descendants: "end" | "keep";
}

/** A program that runs once. */
export interface TimedProgramRun extends ProgramRun {
  readonly timeoutMs: number;
}
