/**
 * How many columns of a terminal a text takes, and texts that fit into so many: a wide character takes two, a combining
 * one none, a control sequence of `style.ts` none. And columns of such texts.
 *
 * @module
 */

import stringWidth from "string-width";
import { STYLE_END, STYLE_SEQUENCES } from "./style.ts";

const ELLIPSIS = "…";

const SEQUENCES = new RegExp(`(${STYLE_SEQUENCES.map(RegExp.escape).join("|")})`);
const PLAIN = /^[\x20-\x7e]*$/;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** The text, and blanks up to this many columns. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** The text within so many columns; `…` stands for the rest. Styles end where they are cut. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let left = columns - 1;
  let shown = "";
  let styled = false;
  // Splitting by a group puts the group's matches at the odd indexes.
  for (const [index, part] of text.split(SEQUENCES).entries()) {
    if (index % 2 === 1) {
      shown += part;
      styled = part !== STYLE_END;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      left -= widthOf(segment);
      if (left < 0) return `${shown}${columns > 0 ? ELLIPSIS : ""}${styled ? STYLE_END : ""}`;
      shown += segment;
    }
  }
  return shown;
}

/** The text in lines of so many columns, split between words; all but the first are indented. A style holds for each. */
export function wrapTo(text: string, columns: number, indent: string): string[] {
  if (widthOf(text) <= columns) return [text];
  const begin = STYLE_SEQUENCES.find((sequence) => text.startsWith(sequence)) ?? "";
  const end = begin !== "" && text.endsWith(STYLE_END) ? STYLE_END : "";
  const words = text.slice(begin.length, text.length - end.length).split(" ");
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of words) {
    const longer: string = line === null ? word : `${line} ${word}`;
    if (line !== null && line.trim() !== "" && widthOf(longer) > columns) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line ?? ""].map((one) => begin + one + end);
}

/** Rows as lines, each column as wide as its widest cell; no blanks after the last one. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  return rows.map((row) =>
    row.map((cell, column) => padTo(cell, widths[column]!)).join("  ").trimEnd()
  );
}
