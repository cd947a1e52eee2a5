/**
 * Columns of text.
 *
 * @module
 */

import { padTo, widthOf } from "./width.ts";

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
