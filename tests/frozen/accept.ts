/**
 * Holds the present vipd to what 0.1.0 said, but for the accepted differences.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type FrozenItem, readFamily } from "./data.ts";
import { ACCEPTED_DIFFERENCES } from "./differences.ts";
import type { AcceptedDifference } from "./differences/difference.ts";
import { differencesOf, type Json } from "./json.ts";
import { inPresentWords } from "./present_words.ts";

/** So many differences are shown; the others are only counted. */
const MAX_SHOWN = 100;
/** The family of files that 0.1.0 wrote, which are read as they are. */
const AS_WRITTEN = "files";

export interface FoundDifference {
  /** The family and the item. */
  readonly item: string;
  readonly difference: string;
}

export interface Judgement {
  readonly unexplained: readonly FoundDifference[];
  /** Accepted, but no more there. */
  readonly outdated: readonly AcceptedDifference[];
}

/**
 * Asks the present vipd everything that a family's data ask, and fails for each difference that is not accepted and for
 * each accepted one that is no more.
 *
 * @param present what the present vipd says to an item
 * @param compare how what it said differs from what was said before
 */
export async function assertAsFrozen(
  family: string,
  present: (item: FrozenItem) => Promise<Json>,
  compare: (before: Json, after: Json) => string[] = differencesOf,
): Promise<void> {
  const { items } = await readFamily(family);
  assert.ok(items.length > 0, `tests/frozen/data/${family}.jsonl.gz is empty`);
  const found: FoundDifference[] = [];
  for (const { name, ...item } of items) {
    const before = presentWords(family, item.output);
    const differences = compare(before, await present({ name, ...item }));
    found.push(...differences.map((difference) => ({ item: `${family}/${name}`, difference })));
  }
  assertAccepted(family, found);
}

/**
 * Compares what a walk brought about, by the names of its steps, with a family's data, and fails as
 * {@link assertAsFrozen} does. A step that is in one of the two alone is a difference.
 *
 * @param counts false for what is by chance one way or the other
 */
export async function assertWalkAsFrozen(
  family: string,
  walked: ReadonlyMap<string, Json>,
  counts: (found: FoundDifference) => boolean = () => true,
): Promise<void> {
  const { items } = await readFamily(family);
  const before = new Map(items.map(({ name, output }) => [name, presentWords(family, output)]));
  const names = new Set([...before.keys(), ...walked.keys()]);
  const found = Array.from(names).flatMap((name) => {
    const [old, now] = [before.get(name), walked.get(name)];
    const differences = old === undefined || now === undefined
      ? [`${old === undefined ? "+" : "-"} the step`]
      : differencesOf(old, now);
    return differences.map((difference) => ({ item: `${family}/${name}`, difference }));
  });
  assertAccepted(family, found, counts);
}

function presentWords(family: string, output: Json): Json {
  return family === AS_WRITTEN ? output : inPresentWords(output);
}

function assertAccepted(
  family: string,
  found: readonly FoundDifference[],
  counts: (found: FoundDifference) => boolean = () => true,
): void {
  const accepted = ACCEPTED_DIFFERENCES.filter(({ items }) => familyOf(items) === family);
  const judged = judge(found, accepted);
  const { outdated } = judged;
  const unexplained = judged.unexplained.filter(counts);
  assert.ok(unexplained.length === 0 && outdated.length === 0, report(unexplained, outdated));
}

export function judge(
  found: readonly FoundDifference[],
  accepted: readonly AcceptedDifference[],
): Judgement {
  const patterns = accepted.map((entry) => ({
    entry,
    items: pattern(entry.items),
    difference: pattern(entry.difference),
  }));
  const used = new Set<AcceptedDifference>();
  const unexplained = found.filter(({ item, difference }) => {
    const fitting = patterns.filter((it) => it.items.test(item) && it.difference.test(difference));
    for (const { entry } of fitting) used.add(entry);
    return fitting.length === 0;
  });
  const outdated = accepted.filter((entry) => !used.has(entry) && !entry.byChance);
  return { unexplained, outdated };
}

/** The family that an entry is about; it names one, so that its test can say whether it is outdated. */
export function familyOf(items: string): string {
  return items.split("/", 1)[0]!;
}

function pattern(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replaceAll(/[\\^$.+?()[\]{}|/]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}

function report(
  unexplained: readonly FoundDifference[],
  outdated: readonly AcceptedDifference[],
): string {
  const lines: string[] = [];
  if (unexplained.length > 0) {
    lines.push(
      `vipd says something else than 0.1.0 in ${unexplained.length} places. Where that is wanted, ` +
        "CHANGELOG.md says so and tests/frozen/differences.ts accepts it:",
    );
    const shown = unexplained.slice(0, MAX_SHOWN);
    for (const [item, differences] of Map.groupBy(shown, (found) => found.item)) {
      lines.push(`  ${item}`, ...differences.map(({ difference }) => `    ${difference}`));
    }
    if (unexplained.length > MAX_SHOWN) lines.push(`  and ${unexplained.length - MAX_SHOWN} more`);
  }
  if (outdated.length > 0) {
    lines.push("tests/frozen/differences.ts accepts what is no difference; remove it:");
    lines.push(...outdated.map(({ items, difference }) => `  ${items}: ${difference}`));
  }
  return lines.join("\n");
}
