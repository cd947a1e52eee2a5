/**
 * The line of a text with a blank too few or too many. A reader of YAML stumbles at a line after it, and often over several; so
 * each line is tried with other indentations, and the one with which the text is a good configuration is the remedy. Pure.
 *
 * @module
 */

import { plainYaml } from "./plain_yaml.ts";

/** How much is wrong with the data of a text, beyond the text itself. */
export type CountFaults = (data: unknown) => number;

/** A line that begins at the wrong place. */
export interface WrongIndent {
  /** From 1. */
  readonly line: number;
  /** The blanks that it begins with. */
  readonly indent: number;
  readonly wanted: number;
  /** The faults that are left when it begins with that many. */
  readonly faults: number;
}

/** Lines with text that are tried, above the first fault. */
const LINES_ABOVE = 60;
/** A blank or two are slips; more are tried only if these help nothing. */
const SHIFTS = [[-1, 1, -2, 2], [-3, 3, -4, 4]] as const;
/** So much text is read at most, in UTF-16 units: some tenths of a second. */
const MAX_READ = 2 * 1024 * 1024;

/**
 * The line whose indentation explains why a text is no YAML; `null` if no single one does.
 *
 * @param faultLine the line of the first fault: the wrong line is this one, the next or one above
 */
export function wrongIndent(
  text: string,
  faultLine: number,
  countFaults: CountFaults,
): WrongIndent | null {
  const lines = text.split("\n");
  const movable = movableLines(lines);
  const next = movable.find((index) => index >= faultLine);
  const tried = movable.filter((index) => index < faultLine).slice(-LINES_ABOVE)
    .concat(next ?? []).reverse();
  let best: WrongIndent | undefined;
  for (const shifts of SHIFTS) best ??= bestOf(lines, tried, shifts, countFaults);
  return best ?? null;
}

/**
 * The line at or next to one of these, from 1 each, that makes a text without any fault of one that is YAML and no
 * configuration.
 */
export function strayLine(
  text: string,
  faultLines: readonly number[],
  countFaults: CountFaults,
): WrongIndent | null {
  const lines = text.split("\n");
  const movable = movableLines(lines);
  const tried = movable.filter((index, at) =>
    [movable[at - 1], index, movable[at + 1]].some((near) =>
      near !== undefined && faultLines.includes(near + 1)
    )
  );
  const best = bestOf(lines, tried.slice(0, LINES_ABOVE), SHIFTS[0], countFaults);
  return best?.faults === 0 ? best : null;
}

function bestOf(
  lines: readonly string[],
  tried: readonly number[],
  shifts: readonly number[],
  countFaults: CountFaults,
): WrongIndent | undefined {
  const usage = usageOf(lines);
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const affordable = Math.floor(MAX_READ / length);
  return tried.flatMap((index) => shifts.map((shift) => ({ index, shift })))
    .slice(0, affordable)
    .flatMap(({ index, shift }): WrongIndent[] => {
      const indent = indentOf(lines[index]!);
      const wanted = indent + shift;
      if (wanted < 0) return [];
      const moved = " ".repeat(wanted) + lines[index]!.slice(indent);
      const data = plainYaml(lines.with(index, moved).join("\n"));
      return data === undefined
        ? []
        : [{ line: index + 1, indent, wanted, faults: countFaults(data) }];
    })
    .sort((a, b) =>
      a.faults - b.faults ||
      // No other line begins there: a reader takes it, and nobody writes so.
      Number(uses(usage, a.wanted) === 0) - Number(uses(usage, b.wanted) === 0) ||
      Math.abs(a.wanted - a.indent) - Math.abs(b.wanted - b.indent) ||
      // Of two that do not agree, the one that is like fewer others is wrong, else the later one.
      uses(usage, a.indent) - uses(usage, b.indent) ||
      uses(usage, b.wanted) - uses(usage, a.wanted) || b.line - a.line
    )[0];
}

/** The indexes of the lines that begin with a key or a dash: the place of others means nothing, or is part of a text. */
function movableLines(lines: readonly string[]): number[] {
  return lines.flatMap((line, index) => isMovable(line) ? [index] : []);
}

function isMovable(line: string): boolean {
  return /^ *(?:- |-?$|["']?[\w<][^:#]*:(?: |\r?$))/.test(line);
}

function indentOf(line: string): number {
  return line.search(/[^ ]/);
}

/** How many lines begin with each number of blanks. */
function usageOf(lines: readonly string[]): ReadonlyMap<number, number> {
  const usage = new Map<number, number>();
  for (const line of lines.filter(isMovable)) {
    usage.set(indentOf(line), uses(usage, indentOf(line)) + 1);
  }
  return usage;
}

function uses(usage: ReadonlyMap<number, number>, indent: number): number {
  return usage.get(indent) ?? 0;
}
