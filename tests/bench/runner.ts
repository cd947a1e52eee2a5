/**
 * Takes the scenarios, each with both daemons in turn, and keeps what every run yields.
 *
 * @module
 */

import type { Brand } from "../../lab/daemon.ts";
import { LabError } from "../../lab/error.ts";
import { type FigureResult, formatValue } from "./report.ts";
import type { BenchContext, Measured, Scenario } from "./scenario.ts";

/** How the scenarios are run. */
export interface RunnerOptions {
  readonly binary: string | undefined;
  readonly runs: number;
  /** Told what comes next and what came of it, a line each. */
  readonly tell: (line: string) => void;
}

/** What came of all runs of one scenario. */
export interface ScenarioResult {
  readonly results: readonly FigureResult[];
  /** What the runs had to say, with whom and which. */
  readonly notes: readonly string[];
  /** The runs that yielded nothing. */
  readonly failures: readonly string[];
}

/** Whether `--only WANTED` means the scenario or row of this name: this one, or all that begin so. */
export function isNamed(name: string, wanted: string): boolean {
  return name === wanted || name.startsWith(`${wanted}-`);
}

/** Measures one scenario: the daemons change places from run to run, so that neither always has the fresher machine. */
export async function take(scenario: Scenario, options: RunnerOptions): Promise<ScenarioResult> {
  const { runs, binary, tell } = options;
  const yielded: Record<Brand, Measured[]> = { vipd: [], keepalived: [] };
  const notes: string[] = [];
  const failures: string[] = [];
  tell(`\n${scenario.title}`);
  for (let run = 0; run < runs; run++) {
    const order = run % 2 === 0 ? scenario.brands : scenario.brands.toReversed();
    for (const brand of order) {
      const which = `${scenario.name}, ${brand}, run ${run + 1}`;
      const note = (text: string) => {
        notes.push(`${which}: ${text}`);
        tell(`  note  ${text}`);
      };
      const context: BenchContext = { binary, run, runs, note };
      try {
        const measured = await scenario.measure(brand, context);
        yielded[brand].push(measured);
        tell(`  ${brand.padEnd(10)} run ${run + 1}  ${told(scenario, measured)}`);
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
        failures.push(`${which}: ${error.message}`);
        tell(`  ${brand.padEnd(10)} run ${run + 1}  yielded nothing: ${error.message}`);
      }
    }
  }
  const results = scenario.figures.map((figure) => ({
    figure,
    values: {
      vipd: yielded.vipd.flatMap((it) => it[figure.id] ?? []),
      keepalived: yielded.keepalived.flatMap((it) => it[figure.id] ?? []),
    },
  }));
  return { results, notes, failures };
}

function told({ figures }: Scenario, measured: Measured): string {
  return figures.flatMap(({ id, unit, watched }) => {
    const value = measured[id];
    return value === undefined ? [] : [`${id} ${formatValue(value, unit, watched)}`];
  }).join(", ");
}
