/**
 * Slips in the layout that a reader of YAML takes for something else, and the schema does not take: a dash or a colon
 * without the blank that makes it a mark, and a dash before each key of one mapping. Pure.
 *
 * @module
 */

import type * as z from "zod";
import { errorAt, type Finding, valueAt } from "../findings.ts";
import type { Path } from "../path.ts";
import { hasJoinedDash, JOINED_DASH, joinedColon, keyBeforeColon } from "../yaml/slips.ts";
import { schemasAt } from "./schema_at.ts";

/** The remedy for what stands in the place of a list or of a mapping; `null` if no blank is missing. */
export function joinedHint(expected: "list" | "mapping", data: unknown, path: Path): string | null {
  const value = valueAt(data, path);
  if (expected === "mapping") {
    return typeof value === "string" ? joinedKeyHint(data, path, value) : null;
  }
  const begin = typeof value === "object" && value !== null ? Object.keys(value)[0] : value;
  return typeof begin === "string" && hasJoinedDash(begin) ? JOINED_DASH.hint : null;
}

/** The remedy for `key:value` as a text or as a key, in the mapping at this path; `null` if it knows no such key. */
export function joinedKeyHint(data: unknown, path: Path, text: string): string | null {
  const key = keyBeforeColon(text);
  const known = key !== null &&
    schemasAt(data, path).some(({ properties = {} }) => Object.hasOwn(properties, key));
  return known ? joinedColon(key).hint : null;
}

/** The `key:value` next to a key that is missing; `null` if there is none. */
export function joinedSibling(data: unknown, path: Path): string | null {
  const mapping = valueAt(data, path.slice(0, -1));
  if (typeof mapping !== "object" || mapping === null) return null;
  return Object.keys(mapping).find((key) => keyBeforeColon(key) === path.at(-1)) ?? null;
}

/** The remedy for two entries of a list that have become one text; `null` if there is one entry. */
export function continuedEntryHint(data: unknown, path: Path): string | null {
  const value = valueAt(data, path);
  if (typeof path.at(-1) !== "number" || typeof value !== "string" || !/ -\S/.test(value)) {
    return null;
  }
  return `${JOINED_DASH.hint}, in line with the dash above it`;
}

/** The keys that are missing in each entry of a list, by its index. */
type MissingKeys = ReadonlyMap<number, readonly string[]>;

/** Entries of a list that are one mapping, with a dash before more than its first key. */
export interface SplitMapping {
  readonly list: Path;
  readonly first: number;
  readonly last: number;
}

/** The mappings of which each entry lacks the keys that another one has, by the issues of the keys that are missing. */
export function splitMappings(issues: readonly z.core.$ZodIssue[], data: unknown): SplitMapping[] {
  const lists = new Map<string, { list: Path; missing: Map<number, string[]> }>();
  for (const { code, path } of issues as readonly { code: string; path: Path }[]) {
    const [index, key] = path.slice(-2);
    if (code !== "invalid_type" || typeof index !== "number" || typeof key !== "string") continue;
    if (valueAt(data, path) !== undefined) continue;
    const list = path.slice(0, -2);
    const name = JSON.stringify(list);
    const { missing } = lists.get(name) ?? { missing: new Map<number, string[]>() };
    missing.set(index, [...missing.get(index) ?? [], key]);
    lists.set(name, { list, missing });
  }
  return [...lists.values()].flatMap(({ list, missing }) =>
    [...runsOf(valueAt(data, list), missing)].map((run) => ({ list, ...run }))
  );
}

function* runsOf(entries: unknown, missing: MissingKeys) {
  if (!Array.isArray(entries)) return;
  for (let first = 0; first < entries.length; first++) {
    const keys = new Set<string>();
    let last = first - 1;
    for (let at = first; missing.has(at); at++) {
      const own = Object.keys(entries[at]);
      if (own.some((key) => keys.has(key))) break;
      for (const key of own) keys.add(key);
      last = at;
    }
    if (last <= first || !missing.get(first)!.every((key) => keys.has(key))) continue;
    yield { first, last };
    first = last;
  }
}

/** The one finding about such a mapping. */
export function splitFinding({ list, first, last }: SplitMapping, data: unknown): Finding {
  const keys = Array.from(
    { length: last - first },
    (_, at) => `\`${Object.keys(valueAt(data, [...list, first + 1 + at]) as object)[0]}\``,
  );
  return errorAt(
    [...list, first + 1],
    "missing_key",
    "this entry lacks the keys of the one above, and that one lacks its keys",
    `write a blank in place of the dash before ${keys.join(", ")}: a dash begins another entry`,
  );
}

/** True for an issue with a key that is missing in a part of such a mapping. */
export function isWithin(
  { list, first, last }: SplitMapping,
  path: readonly PropertyKey[],
): boolean {
  const index = path[list.length];
  return path.length === list.length + 2 && list.every((step, at) => step === path[at]) &&
    typeof index === "number" && index >= first && index <= last;
}
