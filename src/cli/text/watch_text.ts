/**
 * The view of `vipd watch`: the status, and below it the latest entries of the journal, on a terminal of any size.
 *
 * @module
 */

import type { JournalEntry } from "../../status/journal.ts";
import type { NodeStatus } from "../../status/status.ts";
import { entryLine, messageLine, paintOf } from "./event_text.ts";
import { fitted, type Section } from "./terminal/fit.ts";
import { peerComparisonText } from "./peer_comparison_text.ts";
import { statusSections } from "./status_text.ts";
import type { Style } from "./terminal/style.ts";
import type { Times } from "./times.ts";
import { cutTo } from "./terminal/width.ts";

export interface WatchView {
  /** Warnings about the view itself, such as its age. */
  readonly notices: readonly string[];
  readonly status: NodeStatus;
  /** False: the status is not current, but from an engine that hangs or does not run. */
  readonly runs: boolean;
  /** The peer comparison, too. */
  readonly all: boolean;
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  readonly style: Style;
  readonly times: Times;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A lower terminal has no room for the journal, unless the status leaves some. */
const SMALL_ROWS = 16;
/** The rows of the journal on a higher one in any case, with the blank line before it. */
const JOURNAL_ROWS = 4;
/** A narrower terminal has no room for the severity of an entry. */
const NARROW_COLUMNS = 80;

/** At most `rows` lines of at most `columns`. */
export function watchLines(view: WatchView, { rows, columns }: TerminalSize): string[] {
  const journalRows = rows < SMALL_ROWS || view.entries.length === 0 ? 0 : JOURNAL_ROWS;
  const lines = fitted(sections(view, columns), rows - journalRows - 1, columns);
  // A blank line before the journal, and the last line.
  const free = Math.max(0, rows - lines.length - 2);
  const entries = free === 0 ? [] : view.entries.slice(-free);
  const journal = entries.map((entry) => cutTo(shortEntry(entry, view, columns), columns));
  const gap = journal.length === 0 ? [] : [""];
  return [...lines, ...gap, ...journal, cutTo(view.style.dim("Ctrl-C ends."), columns)];
}

function sections(view: WatchView, columns: number): Section[] {
  const { notices, status, all, style, runs, times } = view;
  const compared = all ? peerComparisonText(status, style).trimEnd().split("\n") : [];
  return [
    { lines: notices, keep: notices.length, rank: 0, unit: "lines" },
    ...statusSections(status, style, { runs, times, columns }),
    { lines: compared, keep: 0, rank: 3, unit: "lines" },
  ];
}

function shortEntry(entry: JournalEntry, { style, times }: WatchView, columns: number): string {
  const time = times.brief(entry.time);
  return columns < NARROW_COLUMNS
    ? paintOf(entry, style)(`${time} ${messageLine(entry)}`)
    : entryLine(entry, style, () => time).trimEnd();
}
