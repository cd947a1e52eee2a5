/** The part of `docs/configuration.md` between its two markers: the reference of the configuration file. */

import { DIAGNOSTIC_CODES } from "../../src/config/diagnostics.ts";
import {
  configReference,
  type KeyReference,
  type MappingReference,
} from "../../src/config/schema/reference.ts";
import { anchorOf, ROW_TEXT_MAX, table, textLength } from "./fresh.ts";

/** The marks around the generated part. */
export const REFERENCE_BEGIN = "<!-- generated from the schema: begin -->";
export const REFERENCE_END = "<!-- generated from the schema: end -->";

/** The generated part in Markdown: one table a mapping, then the codes of all diagnostics. */
function referenceMarkdown(): string {
  const codes = Object.entries(DIAGNOSTIC_CODES)
    .map(([code, meaning]) => [`\`${code}\``, meaning]);
  // The kinds of check share a mapping, which has one section.
  const reference = [
    ...new Map(configReference().map((mapping) => [JSON.stringify(mapping), mapping])).values(),
  ];
  const meanings = longMeanings(reference);
  return [
    ...reference.map((mapping) => mappingMarkdown(mapping, meanings)),
    "## Diagnostics\n",
    "Each problem has a stable code, written in brackets at the end of its line.\n",
    table(["code", "meaning"], codes),
  ].join("\n");
}

/** `text` with what stands between the markers replaced. */
export function withReference(text: string): string {
  const begin = text.indexOf(REFERENCE_BEGIN);
  const end = text.indexOf(REFERENCE_END);
  if (begin < 0 || end < begin) throw new SyntaxError("Cannot find the markers of the reference");
  const generated = `${REFERENCE_BEGIN}\n\n${referenceMarkdown()}\n\n`;
  return text.slice(0, begin) + generated + text.slice(end);
}

/** A key whose row would be too long has the first sentence there, and this below. */
interface LongMeaning {
  readonly title: string;
  readonly meaning: string;
  /** The mapping below whose table it stands, unless a mapping has the anchor itself: then it stands above that table. */
  readonly below: MappingReference | null;
}

/** By anchor; kinds of check and of notification share keys, of which the first one has the section. */
function longMeanings(reference: readonly MappingReference[]): ReadonlyMap<string, LongMeaning> {
  const own = new Set(reference.map(({ title }) => anchorOf(title)));
  const found = new Map<string, LongMeaning>();
  for (const mapping of reference) {
    for (const key of mapping.keys) {
      if (textLength(wholeRow(key)) <= ROW_TEXT_MAX) continue;
      const title = titleOf(mapping, key);
      const anchor = anchorOf(title);
      const first = found.get(anchor) ??
        { title, meaning: key.meaning, below: own.has(anchor) ? null : mapping };
      if (first.meaning !== key.meaning) throw new SyntaxError(`${title} has two long meanings`);
      found.set(anchor, first);
    }
  }
  return found;
}

/** The mapping as Markdown, with the long meanings that belong to it. */
function mappingMarkdown(
  mapping: MappingReference,
  meanings: ReadonlyMap<string, LongMeaning>,
): string {
  const rows = mapping.keys.map((key) => {
    const anchor = anchorOf(titleOf(mapping, key));
    if (textLength(wholeRow(key)) <= ROW_TEXT_MAX) return wholeRow(key);
    const [first = ""] = key.meaning.split(/(?<=\.) /);
    return wholeRow({ ...key, meaning: `${first} [Its section](#${anchor}) has more.` });
  });
  const above = meanings.get(anchorOf(mapping.title));
  return [
    `## ${mapping.title}\n`,
    ...(above === undefined ? [] : [`${above.meaning}\n`]),
    table(["key", "value", "default", "meaning"], rows),
    ...Array.from(meanings.values()).filter(({ below }) => below === mapping)
      .map(({ title, meaning }) => `### ${title}\n\n${meaning}\n`),
  ].join("\n");
}

function wholeRow({ key, value, byDefault, meaning }: KeyReference): string[] {
  return [`\`${key}\``, value, byDefault, meaning];
}

function titleOf({ prefix }: MappingReference, { key }: KeyReference): string {
  return `\`${prefix}${key}\``;
}
