/**
 * How wide the text of a page is.
 *
 * @module
 */

import { PAGE_COLUMNS } from "../../codes/plain_text.ts";
import type { Output } from "../context.ts";

/** Longer lines are hard to read. */
const MOST_COLUMNS = 100;

export function pageColumns(output: Output): number {
  return Math.min(output.columns() ?? PAGE_COLUMNS, MOST_COLUMNS);
}
