/**
 * How much a configuration may hold, and how many problems of it are shown: anyone who names the wrong file, or
 * generates a wrong one, gets an answer at once that can be read.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import type { Path } from "./path.ts";
import { errorAt, type Finding } from "./findings.ts";
import { MAX_DEPTH } from "./yaml/limits.ts";

/** Entries of one list or mapping. */
const MAX_ENTRIES = 4096;
/** Values in all, with lists and mappings. */
const MAX_VALUES = 50_000;
/** Problems that are shown. */
export const MAX_PROBLEMS = 100;

/** The first thing that exceeds the bounds, with its place; `null` for a file that can be a configuration. */
export function boundsFinding(data: unknown): Finding | null {
  let values = 0;
  const open: { readonly value: unknown; readonly path: Path }[] = [{ value: data, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (++values > MAX_VALUES) return tooMuch([], `more than ${MAX_VALUES} values`);
    if (typeof value !== "object" || value === null) continue;
    // An alias may have a list hold itself.
    if (path.length >= MAX_DEPTH) {
      return tooMuch(path.slice(0, 1), `more than ${MAX_DEPTH} lists and mappings in each other`);
    }
    const entries = Object.entries(value);
    if (entries.length > MAX_ENTRIES) return tooMuch(path, `${entries.length} entries`);
    const inList = Array.isArray(value);
    for (const [key, inner] of entries) {
      open.push({ value: inner, path: [...path, inList ? Number(key) : key] });
    }
  }
  return null;
}

function tooMuch(path: Path, what: string): Finding {
  const hint = `is it a configuration of vipd? a list or mapping takes ${MAX_ENTRIES} entries`;
  return errorAt(path, "out_of_range", `${what} are too many`, hint);
}

/** The first problems in the order of the file, and how many more there are. */
export function firstProblems(
  diagnostics: readonly Diagnostic[],
  file: string,
  omitted = 0,
): readonly Diagnostic[] {
  const more = Math.max(0, diagnostics.length - MAX_PROBLEMS) + omitted;
  if (more === 0) return diagnostics;
  const shown = diagnostics.slice(0, MAX_PROBLEMS);
  const place = { line: null, column: null, key: null, excerpt: null };
  return [...shown, {
    ...{ severity: "error", code: "more_problems", file, ...place },
    message: `${more} more problems are not shown`,
    hint: "correct these first",
  }];
}
