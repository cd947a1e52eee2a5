/**
 * The table: figures of all runs, made into lines that a person reads.
 *
 * @module
 */

import type { Brand } from "../../lab/daemon.ts";
import { type Markers, tableText, updateTable } from "./markdown_table.ts";
import type { Figure, Unit } from "./scenario.ts";
import { type Summary, summary } from "./statistics.ts";

/** One figure, with the value of every run. */
export interface FigureResult {
  readonly figure: Figure;
  readonly values: Readonly<Record<Brand, readonly number[]>>;
}

/** The cells of one line. */
export interface Line {
  readonly title: string;
  readonly vipd: string;
  readonly keepalived: string;
  readonly ratio: string;
  readonly target: string;
  readonly met: "yes" | "no" | "";
}

const COLUMNS = ["title", "vipd", "keepalived", "ratio", "target", "met"] as const;

/** What stands above the columns; `keepalived` is its name with its version. */
function heads(keepalived: string): Record<typeof COLUMNS[number], string> {
  return {
    title: "figure",
    vipd: "vipd",
    keepalived,
    ratio: "ratio",
    target: "target",
    met: "met",
  };
}

/** Begins and ends the table in docs/performance.md. */
export const MARKERS: Markers = {
  begin: "<!-- written by deno task bench --write -->",
  end: "<!-- end of what is written -->",
};

/** The line of a figure; without runs of vipd it says so. */
export function lineOf({ figure, values }: FigureResult): Line {
  const [vipd, keepalived] = [summary(values.vipd), summary(values.keepalived)];
  const measured = values.vipd.length > 0;
  const judged = figure.target?.judged ?? "median";
  const met = figure.target?.met(vipd[judged], keepalived[judged]);
  return {
    title: figure.title,
    vipd: measured ? cell(vipd, figure) : "not measured",
    keepalived: values.keepalived.length > 0 ? cell(keepalived, figure) : "",
    ratio: ratio(vipd.median, keepalived.median),
    target: figure.target?.text ?? "",
    met: met === undefined || !measured ? "" : met ? "yes" : "no",
  };
}

/** Median, and in parentheses the least and the greatest where they are written differently. */
export function cell(
  { median, min, max }: Summary,
  { unit, watched }: Pick<Figure, "unit" | "watched">,
): string {
  const written = (value: number) => formatValue(value, unit, watched);
  const [middle, least, greatest] = [written(median), written(min), written(max)];
  if (least === greatest) return middle;
  return `${middle} (${withoutUnit(least, greatest)} to ${greatest})`;
}

/** "1.2 ms" beside "3.4 ms" is "1.2": the unit is said once. */
function withoutUnit(text: string, other: string): string {
  const unit = text.slice(text.lastIndexOf(" "));
  return text.includes(" ") && other.endsWith(unit) ? text.slice(0, -unit.length) : text;
}

/** A value as a person reads it: three digits at most after the first. */
export function formatValue(value: number, unit: Unit, watched?: number): string {
  if (value === Infinity && watched !== undefined) return `> ${formatValue(watched, unit)}`;
  switch (unit) {
    case "ms":
      if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
      return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(1)} ms`;
    case "%":
      return `${value.toFixed(2)} %`;
    case "MB":
      return `${value.toFixed(1)} MB`;
    case "count":
      return String(Math.round(value));
  }
}

/** vipd's median by keepalived's; nothing where one of them is missing, endless or nought. */
function ratio(vipd: number, keepalived: number): string {
  const quotient = vipd / keepalived;
  if (!Number.isFinite(quotient) || quotient <= 0) return "";
  return quotient < 0.01 ? quotient.toPrecision(1) : quotient.toFixed(2);
}

/** The table in Markdown; `keepalived` is what it was measured beside. */
export function markdownTable(lines: readonly Line[], keepalived: string): string {
  return tableText([cells(heads(keepalived)), ...lines.map(cells)]);
}

/** The document with these lines in its table, see {@link updateTable}; `titles` are those of all figures. */
export function updateDocument(
  document: string,
  lines: readonly Line[],
  titles: readonly string[],
  keepalived: string,
): string {
  return updateTable(document, MARKERS, cells(heads(keepalived)), lines.map(cells), titles);
}

function cells(line: Record<typeof COLUMNS[number], string>): string[] {
  return COLUMNS.map((column) => line[column]);
}
