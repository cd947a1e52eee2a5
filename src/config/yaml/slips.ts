/**
 * Slips in the layout that a reader of YAML reports somewhere else, or several times: found in the text itself, to be
 * named alone. Pure.
 *
 * @module
 */

import { type CountFaults, strayLine, type WrongIndent, wrongIndent } from "./indentation.ts";

/** A slip: its place, from 1 each, and what to write instead. */
export interface Slip {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** Characters that look like a blank, or like nothing, and are neither to YAML. */
const ODD_BLANKS: Readonly<Record<string, string>> = {
  "\u00a0": "a no-break space (U+00A0)",
  "\u2007": "a figure space (U+2007)",
  "\u202f": "a narrow no-break space (U+202F)",
  "\u3000": "an ideographic space (U+3000)",
  "\u200b": "a zero-width space (U+200B)",
};
const ODD_BLANK = new RegExp(`[${Object.keys(ODD_BLANKS).join("")}]`);

/** The name of the first character in a text that only looks like a blank; `null` if there is none. */
export function oddBlankIn(text: string): string | null {
  const [found] = ODD_BLANK.exec(text) ?? [];
  return found === undefined ? null : ODD_BLANKS[found]!;
}

/**
 * The slip that explains why a text is no YAML.
 *
 * @param faultLine the line at which the reader stumbled first: the slip is there or above
 * @param countFaults judges the data of the text without a slip
 */
export function slipBefore(
  text: string,
  faultLine: number,
  countFaults: CountFaults,
): Slip | null {
  const lines = text.split(/\r?\n|\r/);
  const above = lines.slice(0, faultLine);
  return oddBlank(above) ?? indentedMark(lines, faultLine) ?? missingBlank(above) ??
    listBehindKey(lines, faultLine) ?? indentSlip(wrongIndent(text, faultLine, countFaults)) ??
    unevenIndent(above, faultLine) ?? tooDeep(lines, faultLine);
}

/** The slip in a text that is YAML, and without which its data have no fault; `faultLines` are those of its faults. */
export function slipNextTo(
  text: string,
  faultLines: readonly number[],
  countFaults: CountFaults,
): Slip | null {
  return indentSlip(strayLine(text, faultLines, countFaults));
}

function indentSlip(found: WrongIndent | null): Slip | null {
  if (found === null) return null;
  const { line, indent, wanted } = found;
  return {
    ...{ line, column: indent + 1 },
    message: `this line begins with ${blanks(indent)}, which does not fit the lines around it`,
    hint: `begin it with ${blanks(wanted)}`,
  };
}

/** The fault of a dash or a colon with no blank after it, and its remedy; neither shows the value, which may be a secret. */
export const JOINED_DASH = {
  message: "a dash without a blank after it",
  hint: "write a blank after the dash",
} as const;

export function joinedColon(key: string): Pick<Slip, "message" | "hint"> {
  return {
    message: "a colon without a blank after it",
    hint: `write a blank after the colon of \`${key}\``,
  };
}

/** The key in front of a colon without a blank, as in `vrid:55`; `null` if the text is an address, a URL or something else. */
export function keyBeforeColon(text: string): string | null {
  if (/^[\da-f:.]+(?:\/\d+)?$/i.test(text)) return null;
  return /^([A-Za-z][\w-]*):(?!:|\/\/)\S/.exec(text)?.[1] ?? null;
}

/** True for `-x`, but not for `--x` and `- x`. */
export function hasJoinedDash(text: string): boolean {
  return /^-[^\s-]/.test(text);
}

/** In the line of the fault, or in the one above it, with which a reader takes it as one text. */
function missingBlank(above: readonly string[]): Slip | null {
  const last = above.at(-1) ?? "";
  const before = above.slice(0, -1).findLast((line) => line.trim() !== "") ?? "";
  for (const text of [last, before]) {
    const code = withoutQuotesAndComment(text);
    const indent = /^ *(?:- +)*/.exec(code)![0].length;
    const place = { line: above.lastIndexOf(text) + 1, column: indent + 1 };
    const begin = code.slice(indent).trimEnd();
    if (hasJoinedDash(begin)) return { ...place, ...JOINED_DASH };
    const key = keyBeforeColon(begin);
    if (key !== null) {
      return { ...place, column: place.column + key.length, ...joinedColon(key) };
    }
  }
  return null;
}

/** A list's first dash in the line of its key. */
function listBehindKey(lines: readonly string[], faultLine: number): Slip | null {
  const [, before, key] = /^( *(?:- +)*([\w-]+): +)- /.exec(lines[faultLine - 1] ?? "") ?? [];
  if (before === undefined) return null;
  return {
    ...{ line: faultLine, column: before.length + 1 },
    message: `a dash in the line of \`${key}\``,
    hint: "begin each entry of the list, with its dash, in a line of its own",
  };
}

/** The mark of a document's begin or end, which is one only at the begin of a line. */
function indentedMark(lines: readonly string[], faultLine: number): Slip | null {
  const [, indent, mark] = /^( +)(---|\.\.\.)\s*$/.exec(lines[faultLine - 1] ?? "") ?? [];
  if (indent === undefined) return null;
  return {
    ...{ line: faultLine, column: indent.length + 1, message: `a line of \`${mark}\`` },
    hint: "remove it: a configuration needs none",
  };
}

function oddBlank(lines: readonly string[]): Slip | null {
  for (const [index, line] of lines.entries()) {
    const code = withoutQuotesAndComment(line);
    const column = code.search(ODD_BLANK);
    if (column < 0) continue;
    return {
      ...{ line: index + 1, column: column + 1, message: oddBlankIn(code)! },
      hint: "replace it with a blank, or remove it",
    };
  }
  return null;
}

/** The line behind the fault, if that is a whole `key: value` and this one is deeper: no reader expects it there. */
function tooDeep(lines: readonly string[], faultLine: number): Slip | null {
  const [, before, key] =
    /^( *(?:- +)*)([\w-]+): +[^\s#|>&*[{].*$/.exec(lines[faultLine - 1] ?? "") ?? [];
  const next = lines.findIndex((line, index) => index >= faultLine && line.trim() !== "");
  const [, indent] = /^( *)[\w-]+:(?: |$)/.exec(lines[next] ?? "") ?? [];
  if (before === undefined || indent === undefined || indent.length <= before.length) return null;
  return {
    ...{ line: next + 1, column: indent.length + 1 },
    message: `this line begins deeper than the line of \`${key}\`, which has a value already`,
    hint: `begin it with ${blanks(before.length)}, or move the value of \`${key}\``,
  };
}

/** The line of the fault, if it is indented like nothing above it; not within brackets, which need no indentation. */
function unevenIndent(lines: readonly string[], faultLine: number): Slip | null {
  const open: number[] = [];
  let brackets = 0;
  for (const [index, line] of lines.entries()) {
    const code = withoutQuotesAndComment(line);
    const inBrackets = brackets > 0;
    brackets += balance(code);
    if (code.trim() === "" || inBrackets) continue;
    const indent = code.search(/\S/);
    const above = open.at(-1);
    const known = [...open];
    while (open.length > 0 && open.at(-1)! > indent) open.pop();
    const fits = above === undefined || indent >= above || open.at(-1) === indent;
    if (!fits && index + 1 === faultLine) {
      return uneven(index + 1, indent, nearestTo(indent, known));
    }
    // A dash opens a list and, behind it, a mapping.
    for (const [dash] of code.slice(indent).matchAll(/^(?:- +)+/g)) {
      for (let at = 0; at < dash.length; at++) if (dash[at] === "-") pushNew(open, indent + at);
    }
    pushNew(open, code.search(/[^\s-]|-\S/) < 0 ? indent : code.search(/[^\s-]|-(?=\S)/));
  }
  return null;
}

function uneven(line: number, indent: number, wanted: number): Slip {
  return {
    ...{ line, column: indent + 1 },
    message: `this line begins with ${blanks(indent)}, and nothing above it does`,
    hint: `begin it with ${blanks(wanted)}, like the lines of its mapping or list`,
  };
}

function blanks(count: number): string {
  if (count === 0) return "no blank";
  return count === 1 ? "1 blank" : `${count} blanks`;
}

/** The deeper one of two that are equally near: a blank too few is the usual slip. */
function nearestTo(indent: number, known: readonly number[]): number {
  return known.reduce((best, one) =>
    Math.abs(one - indent) <= Math.abs(best - indent) ? one : best
  );
}

function pushNew(open: number[], indent: number): void {
  if ((open.at(-1) ?? -1) < indent) open.push(indent);
}

function balance(code: string): number {
  return (code.match(/[[{]/g)?.length ?? 0) - (code.match(/[\]}]/g)?.length ?? 0);
}

/** The line with its quoted parts filled up and without its comment. Every other character is in its place. */
function withoutQuotesAndComment(line: string): string {
  return line
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (quoted) => "_".repeat(quoted.length))
    .replace(/(^|\s)#.*$/, "$1");
}
