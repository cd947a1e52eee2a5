/**
 * The difference between two texts, as diff -u shows it.
 *
 * @module
 */

import { formatPatch, structuredPatch } from "diff";
import type { Style } from "./terminal/style.ts";

/** Lines of the same text around a change. */
const CONTEXT_LINES = 2;

/** Lines with a line feed at each end; empty if the texts are the same. */
export function diffText(path: string, before: string, after: string, style: Style): string {
  const patch = structuredPatch(path, path, before, after, "", "", { context: CONTEXT_LINES });
  if (patch.hunks.length === 0) return "";
  const lines = formatPatch(patch).split("\n").filter((line) => !/^(Index:|===)/.test(line));
  return lines.map((line) => painted(line, style)).join("\n");
}

function painted(line: string, style: Style): string {
  if (/^(---|\+\+\+) /.test(line)) return style.bold(line.trimEnd());
  if (line.startsWith("+")) return style.good(line);
  return line.startsWith("-") ? style.bad(line) : line;
}
