/**
 * Pages of the manual in the macros of man(7).
 *
 * @module
 */

import type { ManualPage, ManualPart } from "./page.ts";

/** The page as man(1) takes it. */
export function roffPage({ name, section, parts }: ManualPage, version: string): string {
  const title = `.TH ${name.toUpperCase()} ${section} "" "vipd ${version}" "vipd manual"\n`;
  // A heading is followed directly by its text.
  return [title, ...parts.map(roffPart)].join("").replace(/(^\.S[HS] .*\n)\.PP\n/gm, "$1");
}

function roffPart(part: ManualPart): string {
  switch (part.kind) {
    case "heading":
      return `.SH ${roff(part.text.toUpperCase())}\n`;
    case "subheading":
      return `.SS ${roff(part.text)}\n`;
    case "paragraph":
      return `.PP\n${roff(part.text)}\n`;
    case "synopsis":
      return `\\fB${roff(part.program)}\\fR ${
        roff(part.operands).replace(/[A-Z]+/g, "\\fI$&\\fR")
      }\n`;
    case "item": {
      const behind = part.value === "" ? "" : ` \\fI${roff(part.value)}\\fR`;
      return `.TP\n\\fB${roff(part.term)}\\fR${behind}\n${roff(part.text)}\n`;
    }
    case "verbatim":
      return `.PP\n.EX\n${part.lines.map((line) => `${roff(line)}\n`).join("")}.EE\n`;
  }
}

/** Text as roff prints it: escapes backslashes and hyphens, and prevents lines that begin a request. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^(?=[.'])/gm, "\\&");
}
