/**
 * The hostile table: every row's runs, made into a line that a person reads.
 *
 * @module
 */

import { type Cells, type Markers, tableText } from "../markdown_table.ts";
import { cell } from "../report.ts";
import type { Figure } from "../scenario.ts";
import { summary } from "../statistics.ts";
import type { HostileRow, RowOutcome } from "./row.ts";

/** Begins and ends the table in docs/performance.md. */
export const HOSTILE_MARKERS: Markers = {
  begin: "<!-- written by deno task bench --only hostile --write -->",
  end: "<!-- end of what is hostile -->",
};

export const HOSTILE_HEAD: Cells = [
  "load",
  "runs",
  "elections",
  "longest gap",
  "control",
  "engine's own memory before, half-way, after",
  "besides",
  "met",
];

/** A gap may be so much longer than the control's, in milliseconds. */
const BEYOND_CONTROL_MS = 20;
/**
 * Memory is flat if it ends at most so much higher than it was at the start or half-way, in octets: V8 lets old objects grow by
 * 8 MB before it collects them. Nor may it ever be above the start by more than the runtime's own stores.
 */
const FLAT_OCTETS = 8 * 1024 * 1024;
const STORES_OCTETS = 32 * 1024 * 1024;
const MEBIBYTE = 1024 * 1024;

type Taken = Extract<RowOutcome, { kind: "taken" }>;

/**
 * The line of a row; without runs that could be taken it says so.
 *
 * @param durationMs how long each load and its control lasted
 */
export function hostileLine(
  row: HostileRow,
  outcomes: readonly RowOutcome[],
  durationMs: number,
): Cells {
  const taken = outcomes.filter((it) => it.kind === "taken");
  if (taken.length === 0) {
    const why = outcomes.find((it) => it.kind === "impossible")?.why ?? "not measured";
    return [row.title, "", "", "", "", "", why, ""];
  }
  const common = taken.map((it) => it.common);
  const ms = { unit: "ms", watched: NaN } as const;
  return [
    row.title,
    `${taken.length} of ${durationMs / 1000} s`,
    cell(summary(common.map(({ elections }) => elections)), { unit: "count" }),
    cell(summary(common.map(({ gapMs }) => gapMs)), ms),
    cell(summary(common.map(({ controlGapMs }) => controlGapMs)), ms),
    memoryText(taken),
    row.besides.map((figure) => besideText(figure, taken)).join("; "),
    metText(row, taken),
  ];
}

export function hostileTable(lines: readonly Cells[]): string {
  return tableText([HOSTILE_HEAD, ...lines]);
}

/** What a run misses of the row's targets, by name; empty when it meets them all. */
export function missed(row: HostileRow, { common, besides }: Taken): string[] {
  const { elections, gapMs, controlGapMs, memory } = common;
  // A control that heard no advert any more excuses nothing.
  const likeControlMs = Number.isFinite(controlGapMs) ? controlGapMs + BEYOND_CONTROL_MS : 0;
  const onTimeMs = Math.max(row.onTimeMs, likeControlMs);
  const flat = memory.after - Math.max(memory.before, memory.half) <= FLAT_OCTETS &&
    memory.peak - memory.before <= STORES_OCTETS;
  return [
    ...(elections > 0 ? ["elections"] : []),
    ...(gapMs > onTimeMs ? ["gap"] : []),
    // NaN, of an engine that has ended, is not flat.
    ...(flat ? [] : ["memory"]),
    ...row.besides.filter(({ id, target }) => target?.met(besides[id] ?? NaN, NaN) === false)
      .map(({ id }) => id),
  ];
}

/** Every run has to meet every target: the worst one counts. */
function metText(row: HostileRow, taken: readonly Taken[]): string {
  const misses = taken.map((it) => missed(row, it));
  const runs = misses.filter(({ length }) => length > 0).length;
  if (runs === 0) return "yes";
  const what = [...new Set(misses.flat())].join(", ");
  return taken.length === 1 ? `no: ${what}` : `no (${runs} of ${taken.length}): ${what}`;
}

function memoryText(taken: readonly Taken[]): string {
  const median = (of: (it: Taken["common"]["memory"]) => number) => {
    const octets = summary(taken.map(({ common }) => of(common.memory))).median;
    return Number.isNaN(octets) ? "its end" : `${(octets / MEBIBYTE).toFixed(1)} MB`;
  };
  const [before, half] = [median((it) => it.before), median((it) => it.half)];
  return `${before}, ${half}, ${median((it) => it.after)}; at most ${median((it) => it.peak)}`;
}

function besideText(figure: Figure, taken: readonly Taken[]): string {
  const values = taken.map(({ besides }) => besides[figure.id] ?? NaN);
  const controls = taken.map(({ controlBesides }) => controlBesides[figure.id])
    .filter((it) => it !== undefined);
  const aside = [
    ...(controls.length > 0 ? [`control ${cell(summary(controls), figure)}`] : []),
    ...(figure.target !== undefined ? [figure.target.text] : []),
  ];
  const text = `${figure.title}: ${cell(summary(values), figure)}`;
  return aside.length === 0 ? text : `${text} (${aside.join("; ")})`;
}
