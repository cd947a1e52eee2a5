/**
 * The table: figures of all runs, made into lines that a person reads.
 *
 * @module
 */

import type { Brand } from "../../lab/daemon.ts";
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

/** Begins and ends the table in a document. */
export const MARKERS = {
  begin: "<!-- written by deno task bench --write -->",
  end: "<!-- end of what is written -->",
} as const;

/** The line of a figure; without runs of vipd it says so. */
export function lineOf({ figure, values }: FigureResult): Line {
  const [vipd, keepalived] = [summary(values.vipd), summary(values.keepalived)];
  const measured = values.vipd.length > 0;
  const met = figure.target?.met(vipd.median, keepalived.median);
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
function cell({ median, min, max }: Summary, figure: Figure): string {
  const written = (value: number) => formatValue(value, figure.unit, figure.watched);
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

/** A Markdown table as `deno fmt` wants it; `keepalived` is what it was measured beside. */
export function markdownTable(lines: readonly Line[], keepalived: string): string {
  const rows = [heads(keepalived), ...lines].map((line) => COLUMNS.map((column) => line[column]));
  const widths = COLUMNS.map((_, at) => Math.max(3, ...rows.map((row) => row[at]!.length)));
  const written = rows.map((row) =>
    `| ${row.map((text, at) => text.padEnd(widths[at]!)).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [written[0], rule, ...written.slice(1)].join("\n");
}

/**
 * The document with these lines between the markers. A line with the same title is replaced; the others stay, for
 * `--only` measures some of them.
 *
 * @param titles all figures that there are, in the table's order: what is none of them any more goes.
 * @throws {RangeError} When the document has no markers.
 */
export function updateDocument(
  document: string,
  lines: readonly Line[],
  titles: readonly string[],
  keepalived: string,
): string {
  const begin = document.indexOf(MARKERS.begin);
  const end = document.indexOf(MARKERS.end);
  if (begin < 0 || end < begin) {
    throw new RangeError(
      `Cannot write the table: "${MARKERS.begin}" and "${MARKERS.end}" belong there`,
    );
  }
  const known = [...readTable(document.slice(begin, end)), ...lines];
  const latest = new Map(known.map((line) => [line.title, line]));
  const table = markdownTable(titles.flatMap((title) => latest.get(title) ?? []), keepalived);
  return `${document.slice(0, begin)}${MARKERS.begin}\n\n${table}\n\n${document.slice(end)}`;
}

function readTable(text: string): Line[] {
  const rows = text.split("\n").filter((line) => line.startsWith("|")).slice(2);
  return rows.map((row) => {
    const cells = row.slice(1, -1).split("|").map((cell) => cell.trim());
    return Object.fromEntries(
      COLUMNS.map((column, at) => [column, cells[at] ?? ""]),
    ) as unknown as Line;
  });
}
