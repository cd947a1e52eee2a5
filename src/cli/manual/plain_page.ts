/**
 * Pages of the manual as plain text, for machines without man(1), and how wide such a text is.
 *
 * @module
 */

import { PAGE_COLUMNS, wrapped } from "../../codes/plain_text.ts";
import type { ManualPage, ManualPart } from "./page.ts";
import type { Output } from "../context.ts";

/** Longer lines are hard to read. */
const MOST_COLUMNS = 100;

export function pageColumns(output: Output): number {
  return Math.min(output.columns() ?? PAGE_COLUMNS, MOST_COLUMNS);
}

/** The page in lines of at most `columns` characters, except for what is printed unchanged. */
export function plainPage({ name, section, parts }: ManualPage, columns: number): string {
  const title = `${name}(${section})`;
  const blocks = parts.map((part, index) => {
    // A heading and its text are one block.
    const headed = /heading$/.test(parts[index - 1]?.kind ?? "");
    return `${headed ? "" : "\n"}${plainPart(part, columns)}\n`;
  });
  return `${title}\n${blocks.join("")}`;
}

function plainPart(part: ManualPart, columns: number): string {
  switch (part.kind) {
    case "heading":
      return part.text.toUpperCase();
    case "subheading":
      return part.text;
    case "paragraph":
      return wrapped(part.text, columns, "  ");
    case "synopsis":
      return `  ${part.program} ${part.operands}`;
    case "item":
      return `${`  ${part.term} ${part.value}`.trimEnd()}\n${
        wrapped(part.text, columns, "      ")
      }`;
    case "verbatim":
      return part.lines.map((line) => `    ${line}`.trimEnd()).join("\n");
  }
}
