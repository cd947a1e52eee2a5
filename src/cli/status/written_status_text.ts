/**
 * Text for a person if the API does not answer and only the engine's own status is available.
 *
 * @module
 */

import { processesOf } from "../../status/text/processes.ts";
import { span } from "../../status/text/span.ts";
import { printable } from "../../wire/printable.ts";
import { readWrittenStatus, type WrittenStatus } from "./written_status.ts";
import { type WhereToLook, whereToLook } from "../text/where_to_look.ts";

/** The line above a status that is not from the API: its age, and the reason. */
export function notLiveLine(ageMs: number, problem: string): string {
  return printable(`not live, ${span(ageMs)} old: ${problem}`);
}

/** The problem, if the API did not answer, and what to check. `why`: a few words. */
export function notLiveProblem(
  { locked, engineRuns }: WrittenStatus,
  why: string,
  { engine, front }: WhereToLook,
): string {
  if (engineRuns) return `the API does not answer (${why}), vipd itself runs; see ${front}`;
  return locked
    ? `vipd does not answer (${why}): it hangs or is stopped; see ${engine}`
    : `vipd does not run (${why}); see ${engine}`;
}

/** Why the API of a running vipd does not answer, and the remedy; `null` if none runs with this run directory. */
export async function apiDownText(runDir: string): Promise<string | null> {
  const kept = await readWrittenStatus(runDir);
  if (!kept?.engineRuns) return null;
  const { front } = await whereToLook(runDir);
  const problem = processesOf(kept.status)?.front.problem ?? null;
  return `vipd itself runs and serves the addresses, its API is down` +
    `${problem === null ? "" : ` (${problem})`}: see ${front}, and vipd status`;
}
