/** The part of `docs/configuration.md` between its two markers: the reference of the configuration file. */

import { DIAGNOSTIC_CODES } from "../../src/config/diagnostics.ts";
import { configReference, type MappingReference } from "../../src/config/schema/reference.ts";

/** The marks around the generated part. */
export const REFERENCE_BEGIN = "<!-- generated from the schema: begin -->";
export const REFERENCE_END = "<!-- generated from the schema: end -->";

/** The generated part in Markdown: one table a mapping, then the codes of all diagnostics. */
function referenceMarkdown(): string {
  const codes = Object.entries(DIAGNOSTIC_CODES)
    .map(([code, meaning]) => [`\`${code}\``, meaning]);
  return [
    ...configReference().map(section),
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

/** The mapping as Markdown. */
function section({ title, keys }: MappingReference): string {
  const rows = keys.map(({ key, value, byDefault, meaning }) => [
    `\`${key}\``,
    value,
    byDefault,
    meaning,
  ]);
  return `## ${title}\n\n${table(["key", "value", "default", "meaning"], rows)}\n`;
}

/** A Markdown table with aligned columns, as the formatter wants it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[], fill = " ") =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  return [line(head), line(head.map(() => ""), "-"), ...rows.map((row) => line(row))].join("\n");
}
