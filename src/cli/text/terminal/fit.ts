/**
 * Sections of lines on a terminal of any size: a line is cut or, where it must be read to its end, wrapped; what does not
 * fit is counted.
 *
 * @module
 */

import { cutTo, wrapTo } from "./width.ts";

export interface Section {
  readonly lines: readonly string[];
  /** Number of its lines that come before all but such lines of the others... */
  readonly keep: number;
  /** ...those of the lowest rank first. */
  readonly rank: number;
  /** The plural of one line: `instances`. */
  readonly unit: string;
  /** Number of its first lines that are wrapped, if the terminal is high enough; the others are cut. */
  readonly wraps?: number;
}

/** On a lower terminal the other sections need all rows, and wrapped lines take this part of a higher one at most. */
const LEAST_ROWS = 14;
const WRAPPED_PART = 0.6;
const INDENT = "    ";

/** The lines of the sections, a blank one between two of them; at most `rows` of at most `columns`. */
export function fitted(sections: readonly Section[], rows: number, columns: number): string[] {
  const wrapped = sections.map((section) => wrappedTo(section, rows, columns));
  const shares = shared(wrapped.filter(({ lines }) => lines.length > 0), rows);
  return shares.filter((share) => share.rows > 0).flatMap(({ section, rows: share }, index) => [
    ...(index === 0 ? [] : [""]),
    ...shortened(section, share).map((line) => cutTo(line, columns)),
  ]);
}

function wrappedTo(section: Section, rows: number, columns: number): Section {
  const { lines, keep, wraps = 0 } = section;
  const first = lines.slice(0, wraps).flatMap((line) => wrapTo(line, columns, INDENT));
  const more = first.length - Math.min(wraps, lines.length);
  if (more === 0 || rows < LEAST_ROWS || first.length > rows * WRAPPED_PART) return section;
  return { ...section, lines: [...first, ...lines.slice(wraps)], keep: keep + more };
}

interface Share {
  readonly section: Section;
  rows: number;
}

/** How many rows each section gets: first what it keeps, by rank, then what is left, in their order. */
function shared(sections: readonly Section[], rows: number): Share[] {
  const shares = sections.map((section): Share => ({ section, rows: 0 }));
  let free = rows;
  let first = true;
  const give = (share: Share, wanted: number) => {
    const fresh = share.rows === 0;
    const gap = fresh && !first ? 1 : 0;
    const given = Math.min(wanted, share.section.lines.length - share.rows, free - gap);
    // A section that is cut to one row would only say how many lines it has.
    if (given <= 0 || share.rows + given < Math.min(2, share.section.lines.length)) return;
    share.rows += given;
    free -= given + gap;
    first = false;
  };
  for (const share of shares.toSorted((a, b) => a.section.rank - b.section.rank)) {
    give(share, share.section.keep);
  }
  for (const share of shares) give(share, Infinity);
  return shares;
}

function shortened({ lines, unit }: Section, rows: number): readonly string[] {
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), `${lines.length - rows + 1} more ${unit}`];
}
