/**
 * Writes docs/failover-times.md: the table of simulated failover times. The same seeds give the same table.
 *
 * @module
 */

import { type FailoverSettings, type FailoverTimes, failoverTimes } from "./failover_times.ts";
import { tableText } from "./markdown_table.ts";

/** How many crashes each row is taken from. */
export const CRASHES = 1000;

const LOSSES = [0, 0.05, 0.1, 0.2, 0.3];

const INTERVALS: readonly {
  readonly title: string;
  readonly settings: Omit<FailoverSettings, "loss">;
}[] = [
  { title: "version 2, 1 s", settings: { version: 2, advertIntervalCs: 100 } },
  { title: "version 3, 1 s", settings: { version: 3, advertIntervalCs: 100 } },
  { title: "version 3, 0.1 s", settings: { version: 3, advertIntervalCs: 10 } },
];

/** One row: what was simulated, and how the document shows it. */
export interface TableRow {
  readonly settings: FailoverSettings;
  readonly title: string;
}

/** All rows, in the document's order. */
export const ROWS: readonly TableRow[] = INTERVALS.flatMap(({ title, settings }) =>
  LOSSES.map((loss) => ({ title, settings: { ...settings, loss } }))
);

const HEAD = ["interval", "loss", "median", "99 %", "longest", "two masters before"];

/** The cells of a row. */
export function rowCells({ title, settings }: TableRow, times: FailoverTimes): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  return [
    title,
    `${settings.loss * 100} %`,
    seconds(times.medianMs),
    seconds(times.p99Ms),
    seconds(times.maxMs),
    String(times.splits),
  ];
}

/** Where the document is. */
export const DOCUMENT = new URL("../../docs/failover-times.md", import.meta.url);

function documentText(): string {
  return `# Failover times

How long nobody has the address when the master's machine loses its power, by advert interval and by the share of
datagrams that the link loses. Simulated: vipd's own code on virtual time, two nodes with the priorities 150 and 100,
${CRASHES} crashes a row at random moments. Written by \`deno task failover-table\`; the same seeds give the same table.

Without loss a crash costs Master_Down_Interval (three intervals and Skew_Time) less the time since the last advert.
With loss it is not slower but faster, since the backup may have missed adverts before the crash; the price is the
last column: in so many of the ${CRASHES} runs the backup missed so many adverts in a row that it became master beside
a living one, within the 20 intervals before the crash, until it heard the next advert.

A clean stop, a demote and a failed check cost nothing: the master serves until the next one speaks.

${tableText([HEAD, ...ROWS.map((row) => rowCells(row, failoverTimes(row.settings, CRASHES)))])}
`;
}

if (import.meta.main) await Deno.writeTextFile(DOCUMENT, documentText());
