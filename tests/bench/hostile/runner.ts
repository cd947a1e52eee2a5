/**
 * Takes rows of the hostile table, round after round, and keeps what every run came to.
 *
 * @module
 */

import { LabError } from "../../../lab/error.ts";
import { formatValue } from "../report.ts";
import { missed } from "./report.ts";
import type { Control, HostileRow, RowOutcome } from "./row.ts";

/** How the rows are taken. */
export interface HostileOptions {
  readonly binary: string | undefined;
  readonly runs: number;
  readonly durationMs: number;
  /** The outcomes of earlier runs, which count as runs, by the row's name. */
  readonly earlier: ReadonlyMap<string, readonly RowOutcome[]>;
  /** Told what comes next and what came of it, a line each. */
  readonly tell: (line: string) => void;
  /** Keeps what all of them came to, after each run. */
  readonly keep: (results: readonly HostileResult[]) => Promise<void>;
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

/** A result that still grows. */
interface Taking extends HostileResult {
  readonly outcomes: RowOutcome[];
  readonly notes: string[];
  readonly failures: string[];
}

/** Each round takes once every row that has fewer runs. Rows of one round share controls. */
export async function takeRows(
  rows: readonly HostileRow[],
  options: HostileOptions,
): Promise<readonly HostileResult[]> {
  const takings: Taking[] = rows.map((row) => ({
    row,
    durationMs: options.durationMs,
    outcomes: [...options.earlier.get(row.name) ?? []],
    notes: [],
    failures: [],
  }));
  for (let run = 1; run <= options.runs; run++) {
    const controls = new Map<string, Control>();
    for (const taking of takings) {
      const { outcomes } = taking;
      if (outcomes.length >= run || outcomes.some(({ kind }) => kind === "impossible")) continue;
      await takeOnce(taking, run, controls, options);
      await options.keep(takings);
    }
  }
  return takings;
}

async function takeOnce(
  { row, outcomes, notes, failures }: Taking,
  run: number,
  controls: Map<string, Control>,
  { binary, durationMs, tell }: HostileOptions,
): Promise<void> {
  const which = `hostile-${row.name}, run ${run}`;
  const note = (text: string) => {
    notes.push(`${which}: ${text}`);
    tell(`  note  ${text}`);
  };
  tell(`\n${row.title}`);
  try {
    const outcome = await row.take({ binary, durationMs, controls, note });
    outcomes.push(outcome);
    tell(`  run ${run}  ${told(row, outcome)}`);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    failures.push(`${which}: ${error.message}`);
    tell(`  run ${run}  yielded nothing: ${error.message}`);
  }
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
