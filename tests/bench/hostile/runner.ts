/**
 * Takes rows of the hostile table and keeps what every run came to.
 *
 * @module
 */

import { LabError } from "../../../lab/error.ts";
import { formatValue } from "../report.ts";
import { missed } from "./report.ts";
import type { HostileRow, RowOutcome } from "./row.ts";

/** How the rows are taken. */
export interface HostileOptions {
  readonly binary: string | undefined;
  readonly runs: number;
  readonly durationMs: number;
  /** Told what comes next and what came of it, a line each. */
  readonly tell: (line: string) => void;
}

/** What came of all runs of one row. */
export interface HostileResult {
  readonly row: HostileRow;
  readonly durationMs: number;
  readonly outcomes: readonly RowOutcome[];
  readonly notes: readonly string[];
  /** The runs that yielded nothing. */
  readonly failures: readonly string[];
}

export async function takeRow(row: HostileRow, options: HostileOptions): Promise<HostileResult> {
  const { binary, durationMs, runs, tell } = options;
  const outcomes: RowOutcome[] = [];
  const notes: string[] = [];
  const failures: string[] = [];
  tell(`\n${row.title}`);
  for (let run = 1; run <= runs; run++) {
    const note = (text: string) => {
      notes.push(`hostile-${row.name}, run ${run}: ${text}`);
      tell(`  note  ${text}`);
    };
    try {
      const outcome = await row.take({ binary, durationMs, note });
      outcomes.push(outcome);
      tell(`  run ${run}  ${told(row, outcome)}`);
      if (outcome.kind === "impossible") break;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      failures.push(`hostile-${row.name}, run ${run}: ${error.message}`);
      tell(`  run ${run}  yielded nothing: ${error.message}`);
    }
  }
  return { row, durationMs, outcomes, notes, failures };
}

function told(row: HostileRow, outcome: RowOutcome): string {
  if (outcome.kind === "impossible") return `not taken: ${outcome.why}`;
  const { elections, gapMs, controlGapMs, memory } = outcome.common;
  const mebibytes = (octets: number) => formatValue(octets / (1024 * 1024), "MB");
  const besides = row.besides.map(({ id, unit, watched }) => {
    const control = outcome.controlBesides[id];
    const beside = control === undefined ? "" : `, control ${formatValue(control, unit, watched)}`;
    return `${id} ${formatValue(outcome.besides[id] ?? NaN, unit, watched)}${beside}`;
  });
  const misses = missed(row, outcome);
  return [
    `elections ${elections}`,
    `gap ${formatValue(gapMs, "ms")}, control ${formatValue(controlGapMs, "ms")}`,
    `memory ${mebibytes(memory.before)}, ${mebibytes(memory.half)} half-way, ` +
    `${mebibytes(memory.after)} after, ` +
    `${mebibytes(memory.peak)} at most`,
    ...besides,
    misses.length === 0 ? "all met" : `misses ${misses.join(", ")}`,
  ].join("; ");
}
