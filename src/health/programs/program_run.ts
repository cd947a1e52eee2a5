/**
 * What is said to a program that is run.
 *
 * @module
 */

import type { ProgramConfig } from "../check_config.ts";

export interface ProgramRun {
  readonly program: ProgramConfig;
  /** Added to `PATH` and `LANG`; there is nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * What becomes of processes that the program leaves behind in its group: those of a check are ended with it,
   * those of a command that starts something may stay.
   */
  readonly leftBehind: "end" | "keep";
}

/** A program to be run once. */
export interface TimedProgramRun extends ProgramRun {
  readonly timeoutMs: number;
}
