/** What a run has to say, as text and as JSON. */

import type { Equivalent } from "./equivalent.ts";
import { roomOf } from "./rooms.ts";
import type { Result } from "./result.ts";

/** More unexplained survivors than this share of a run, and it fails. */
export const SURVIVORS_LIMIT = 0.05;

export interface RoomSummary {
  readonly room: string;
  readonly breaks: number;
  /** Some test failed, or the tests did not end. */
  readonly caught: number;
  readonly survived: number;
  readonly explained: number;
  readonly seconds: number;
}

/** The rooms of a run in the order of their names, and the row of them all. */
export function summary(results: readonly Result[]): RoomSummary[] {
  const rooms = [...new Set(results.map(({ site }) => roomOf(site.file)))].sort();
  const row = (room: string, those: readonly Result[]): RoomSummary => {
    const count = (outcome: string) => those.filter((result) => result.outcome === outcome).length;
    const durationMs = those.reduce((sum, result) => sum + result.durationMs, 0);
    return {
      room,
      breaks: those.length,
      caught: count("failed") + count("endless"),
      survived: count("survived"),
      explained: count("explained"),
      seconds: Math.round(durationMs / 1000),
    };
  };
  return [
    ...rooms.map((room) => row(room, results.filter(({ site }) => roomOf(site.file) === room))),
    row("all", results),
  ];
}

/** Whether a run with these results is good enough. */
export function isGood(results: readonly Result[]): boolean {
  const { survived, breaks } = summary(results).at(-1)!;
  return survived <= breaks * SURVIVORS_LIMIT;
}

/** A survivor as a person reads it: where, what, and the change. */
export function survivorText({ site }: Result): string {
  const around = site.function === "" ? "" : ` in ${site.function}`;
  return `${site.file}:${site.line}  ${site.kind}${around}\n${site.diff}`;
}

/** A result that a process of its own does not confirm, as a person reads it. */
export function differenceText(result: Result): string {
  return `${
    survivorText(result)
  }\n${result.before} after other breaks, ${result.outcome} by itself`;
}

/** The summary as a table. */
export function summaryText(rows: readonly RoomSummary[]): string {
  const columns = ["breaks", "caught", "survived", "explained", "seconds"] as const;
  const head = `${"".padEnd(12)}${columns.map((name) => name.padStart(10)).join("")}`;
  const lines = rows.map((row) =>
    row.room.padEnd(12) + columns.map((name) => String(row[name]).padStart(10)).join("")
  );
  return [head, ...lines].join("\n");
}

/** An entry of equivalent.ts that must go or be corrected. */
export function staleText({ file, function: around, before, after }: Equivalent): string {
  return `equivalent.ts names a break that no site offers: ${file}, ${around}\n- ${before}\n+ ${after}`;
}
