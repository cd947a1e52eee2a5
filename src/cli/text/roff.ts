/**
 * Man pages, in the macros of man(7).
 *
 * @module
 */

/** Text as roff prints it: escapes backslashes and hyphens, and prevents lines that begin a request. */
export function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^(?=[.'])/gm, "\\&");
}

/** A page's first line. */
export function titleLine(name: string, section: number, version: string): string {
  return `.TH ${name.toUpperCase()} ${section} "" "vipd ${version}" "vipd manual"\n`;
}

export function heading(title: string): string {
  return `.SH ${roff(title.toUpperCase())}\n`;
}

export function subheading(title: string): string {
  return `.SS ${roff(title)}\n`;
}

export function paragraph(text: string): string {
  return `.PP\n${roff(text)}\n`;
}

/** A term and its meaning. */
export function item(term: string, value: string, text: string): string {
  const behind = value === "" ? "" : ` \\fI${roff(value)}\\fR`;
  return `.TP\n\\fB${roff(term)}\\fR${behind}\n${roff(text)}\n`;
}

/** The parts as one page; a heading is followed directly by its text. */
export function page(parts: readonly string[]): string {
  return parts.join("").replace(/(^\.S[HS] .*\n)\.PP\n/gm, "$1");
}

/** Lines that roff prints unchanged. */
export function verbatim(lines: readonly string[]): string {
  return `.PP\n.EX\n${lines.map((line) => `${roff(line)}\n`).join("")}.EE\n`;
}
