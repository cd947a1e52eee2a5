/**
 * The fate of each keyword, for readers: the part of `docs/migration.md` between its two markers, made from the tables
 * that the import uses.
 *
 * @module
 */

import { type ExplainedLine, explainedTable } from "../../src/keepalived/explain.ts";
import { KIND_TEXT } from "../../src/keepalived/finding.ts";
import { FILE } from "../../src/keepalived/keywords/rules.ts";
import { BLOCK_TABLES, type BlockTable } from "../../src/keepalived/keywords/top_level.ts";
import { ADDRESS_OPTIONS } from "../../src/keepalived/keywords/virtual_address.ts";

/** The markers around the generated part. */
export const KEYWORDS_BEGIN = "<!-- generated from the import: begin -->";
export const KEYWORDS_END = "<!-- generated from the import: end -->";

/** The markers around the example, line by line. */
export const EXAMPLE_BEGIN = "<!-- generated from an example: begin -->";
export const EXAMPLE_END = "<!-- generated from an example: end -->";

/** Replaces the text between the markers of the keywords. */
export function withKeywords(text: string): string {
  const generated = [...BLOCK_TABLES.map(section), addressSection()].join("\n");
  return between(text, KEYWORDS_BEGIN, KEYWORDS_END, generated);
}

/** Replaces the text between the markers of the example. */
export function withExample(text: string, lines: readonly ExplainedLine[]): string {
  return between(text, EXAMPLE_BEGIN, EXAMPLE_END, explainedTable(lines));
}

function between(text: string, begin: string, end: string, generated: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new SyntaxError(`Cannot find ${begin} and ${end}`);
  return `${text.slice(0, from)}${begin}\n\n${generated}\n${text.slice(to)}`;
}

function section({ block, rules }: BlockTable): string {
  const title = block === FILE ? "Blocks of the file" : `\`${block}\``;
  const rows: string[] = [];
  // Keywords with the same fate share an entry.
  const others = new Map<string, string[]>();
  for (const [keyword, { fate, key, note }] of Object.entries(rules)) {
    if (fate === "carried") {
      rows.push(`| \`${keyword}\` | ${key === "" ? "" : `\`${key}\``} | ${note} |`);
      continue;
    }
    const end = `${KIND_TEXT[fate]}: ${note}`;
    others.set(end, [...others.get(end) ?? [], `\`${keyword}\``]);
  }
  const list = Array.from(others, ([end, keywords]) => `- ${keywords.join(", ")}: ${end}`);
  const head = ["| keepalived | vipd | what to know |", "| --- | --- | --- |"];
  return [`### ${title}`, "", ...head, ...rows, "", ...list, ...(list.length > 0 ? [""] : [])]
    .join("\n");
}

function addressSection(): string {
  const kept = ["dev", "label", "scope", "brd", "broadcast"];
  const lost = Object.keys(ADDRESS_OPTIONS).filter((option) => !kept.includes(option));
  return [
    "### Options of an address",
    "",
    "`dev` becomes `device`; `label` and `scope` stay; `brd` becomes `broadcast`, `brd +` `auto`. Not carried over, each reported with what to do: " +
    `${lost.map((option) => `\`${option}\``).join(", ")}.`,
    "",
  ].join("\n");
}
