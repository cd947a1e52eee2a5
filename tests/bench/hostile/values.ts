/**
 * The runs of hostile loads as JSON, which a later measurement goes on from.
 *
 * @module
 */

import { LabError } from "../../../lab/error.ts";
import type { Measured } from "../scenario.ts";
import type { HostileResult } from "./runner.ts";
import type { RowOutcome } from "./row.ts";

/** A row's part of the JSON. */
export interface RowValues {
  readonly name: string;
  readonly title: string;
  readonly durationMs: number;
  readonly outcomes: readonly RowOutcome[];
}

export function rowValues({ row, durationMs, outcomes }: HostileResult): RowValues {
  return { name: row.name, title: row.title, durationMs, outcomes };
}

/**
 * The outcomes in a text that an earlier measurement wrote, by the row's name.
 *
 * @throws {LabError} if a row's runs lasted otherwise: their figures do not belong in one line.
 */
export function readOutcomes(
  text: string,
  durationMs: number,
): Map<string, readonly RowOutcome[]> {
  const { hostile } = JSON.parse(text) as { hostile: readonly RowValues[] };
  const other = hostile.find((row) => row.durationMs !== durationMs);
  if (other !== undefined) {
    throw new LabError(`The earlier runs of ${other.name} lasted ${other.durationMs} ms`);
  }
  return new Map(hostile.map(({ name, outcomes }) => [name, outcomes.map(revived)]));
}

/** The rows in a text that an earlier measurement wrote, but for those with these names. */
export function otherRows(text: string, names: readonly string[]): RowValues[] {
  const { hostile } = JSON.parse(text) as { hostile: readonly RowValues[] };
  return hostile.filter(({ name }) => !names.includes(name));
}

/** JSON has neither NaN nor Infinity: `null` stands for a moment that did not come, or memory of a process that ended. */
function revived(outcome: RowOutcome): RowOutcome {
  if (outcome.kind === "impossible") return outcome;
  const { elections, gapMs, controlGapMs, memory } = outcome.common;
  return {
    kind: "taken",
    common: {
      elections,
      gapMs: gapMs ?? Infinity,
      controlGapMs: controlGapMs ?? Infinity,
      memory: withoutNull(memory, NaN),
    },
    besides: withoutNull(outcome.besides, Infinity),
    controlBesides: withoutNull(outcome.controlBesides, Infinity),
  };
}

function withoutNull<T extends Measured>(values: T, instead: number): T {
  const entries = Object.entries(values).map(([id, value]) => [id, value ?? instead]);
  return Object.fromEntries(entries) as T;
}
