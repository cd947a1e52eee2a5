/**
 * The hostile table once more, in few lines: one for each group of loads, as docs/security.md shows it.
 *
 * @module
 */

import { type Cells, type Markers, readTable, updateTable } from "../markdown_table.ts";
import { HOSTILE_MARKERS } from "./report.ts";
import type { HostileGroup, HostileRow } from "./row.ts";

/** Begins and ends the summary in docs/security.md. */
export const SUMMARY_MARKERS: Markers = {
  begin: "<!-- written by deno task bench, from the hostile loads of docs/performance.md -->",
  end: "<!-- end of what is written -->",
};

export const SUMMARY_HEAD: Cells = [
  "loads",
  "measured",
  "elections",
  "longest gap",
  "control",
  "engine's own memory at most",
  "not met",
];

/** What stands for a gap without an end, and for the memory of an engine of which none was seen. */
const ENDLESS = "no advert";
const ENDED = "its end";

/** A measured row, as the hostile table has it. */
interface Line {
  readonly elections: number;
  readonly gap: Greatest;
  /** So much longer than what is on time for this row, in milliseconds. */
  readonly beyondMs: number;
  readonly control: Greatest | null;
  readonly peakMb: number;
  /** What it misses; empty if it is met. */
  readonly misses: readonly string[];
}

/** The greatest value of a cell, and how it is written there. */
interface Greatest {
  readonly ms: number;
  readonly text: string;
}

/** `security` with the summary of the hostile table in `performance`. */
export function updateSummary(
  security: string,
  performance: string,
  groups: readonly HostileGroup[],
): string {
  const table = readTable(performance, HOSTILE_MARKERS);
  const rows = groups.map((group) => summaryLine(group, table));
  const titles = groups.map(({ title }) => title);
  return updateTable(security, SUMMARY_MARKERS, SUMMARY_HEAD, rows, titles);
}

/** The worst of a group's rows; `table` has the lines of all groups. */
export function summaryLine({ title, rows }: HostileGroup, table: readonly Cells[]): Cells {
  const cells = new Map(table.map((line) => [line[0], line]));
  const lines = rows.map((row) => lineOf(row, cells.get(row.title) ?? []))
    .filter((line) => line !== null);
  const measured = `${lines.length} of ${rows.length}`;
  if (lines.length === 0) return [title, measured, "", "", "", "", ""];
  const uncontrolled = lines.filter(({ control }) => control === null).length;
  const latest = lines.toSorted((a, b) => b.beyondMs - a.beyondMs)[0]!;
  const peakMb = Math.max(...lines.map((line) => line.peakMb));
  const missing = lines.filter(({ misses }) => misses.length > 0);
  const misses = [...new Set(missing.flatMap((line) => line.misses))].join(", ");
  return [
    title,
    uncontrolled === 0 ? measured : `${measured}, ${uncontrolled} without a control`,
    String(Math.max(...lines.map(({ elections }) => elections))),
    latest.gap.text,
    latest.control?.text ?? "none",
    Number.isFinite(peakMb) ? `${peakMb.toFixed(1)} MB` : ENDED,
    missing.length === 0 ? "0" : `${missing.length}: ${misses}`,
  ];
}

/** Null if the row was not measured, or could not be. */
function lineOf({ onTimeMs }: HostileRow, cells: Cells): Line | null {
  const [, runs, elections, gapText, control, memory, , met] = cells;
  if (!runs) return null;
  const gap = greatest(gapText!) ?? { ms: Infinity, text: ENDLESS };
  const [, peakMb] = /at most ([\d.]+) MB/.exec(memory!) ?? [];
  const [, misses] = /^no(?: \(.*\))?: (.*)$/.exec(met!) ?? [];
  return {
    elections: Math.max(...Array.from(elections!.matchAll(/\d+/g), ([count]) => Number(count))),
    gap,
    beyondMs: gap.ms - onTimeMs,
    control: greatest(control!),
    peakMb: peakMb === undefined ? Infinity : Number(peakMb),
    misses: misses?.split(", ") ?? [],
  };
}

/** It stands last: "104.0 ms (101.0 to 110.0 ms)"; null if the cell has no time. */
function greatest(cell: string): Greatest | null {
  const [, text, number, unit] = /(([\d.]+) (ms|s))\)?$/.exec(cell) ?? [];
  return text === undefined ? null : { ms: Number(number) * (unit === "s" ? 1000 : 1), text };
}
