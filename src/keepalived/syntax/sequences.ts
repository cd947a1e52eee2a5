/**
 * Lines that stand for several: `~SEQ(NAME, 1, 4) ...` and `~LST(NAME, a, b) ...` (keepalived.conf(5), "Sequence
 * blocks" and "List blocks").
 *
 * @module
 */

/** The values of the parameters in one round. */
export type Round = ReadonlyMap<string, string>;

/** A line that is repeated. */
export interface Sequence {
  readonly rounds: Iterator<Round>;
  /** The line after the brackets, which may begin with a sequence of its own. */
  readonly rest: string;
}

const SEQUENCE = /^\s*~SEQ(x?)\s*\(\s*([^\s,){][^\s,)]*)\s*,([^)]*)\)\s*(.*)$/s;
const LIST = /^\s*~LST\s*\(\s*(\{[^{}]*\}|[^\s,{}]+)\s*,(.*)$/s;
/** A list's next entry and the sign after it. */
const ENTRY = /^\s*(\{[^{}]*\}|[^\s,{})]*)\s*([,)])(.*)$/s;

/** True for a line that is to be repeated, also if it is not written as it should be. */
export function isSequence(text: string): boolean {
  return /^\s*~(?:SEQ|LST)/.test(text);
}

/**
 * Reads such a line; `null` if it is not written as it should be. `expand` replaces the parameters among the numbers.
 */
export function readSequence(
  text: string,
  expand: (text: string) => string | null,
): Sequence | null {
  const [, x = "", name = "", inside = "", rest = ""] = SEQUENCE.exec(text) ?? [];
  if (name === "") return readList(text);
  const numbers = expand(inside)?.split(",").map(readNumber) ?? [];
  const range = rangeOf(numbers);
  if (range === null) return null;
  const hex = x === "x";
  if (hex && (range.start < 0 || range.end < 0)) return null;
  return { rounds: countingRounds(name, range, hex ? 16 : 10), rest };
}

/** In keepalived a missing number is 0. `null` for what is no number. */
function readNumber(text: string): number | null {
  const parts = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*|)\s*$/.exec(text);
  if (!parts) return null;
  const [, sign, digits] = parts;
  const value = /^0[0-7]/.test(digits!) ? parseInt(digits!, 8) : Number(digits);
  if (!Number.isSafeInteger(value)) return null;
  return sign === "-" ? -value : value;
}

interface Range {
  readonly start: number;
  readonly step: number;
  readonly end: number;
}

/** Of `END`, `START, END` or `START, STEP, END`. */
function rangeOf(numbers: readonly (number | null)[]): Range | null {
  const [one = null, two = null, three = null] = numbers;
  if (numbers.includes(null) || one === null) return null;
  switch (numbers.length) {
    case 1:
      return { start: one < 0 ? -1 : 1, step: one < 1 ? -1 : 1, end: one };
    case 2:
      return { start: one, step: one <= two! ? 1 : -1, end: two! };
    case 3: {
      const [start, step, end] = [one, two!, three!];
      const away = (end - start) * step < 0;
      return step === 0 || away ? null : { start, step, end };
    }
    default:
      return null;
  }
}

function* countingRounds(
  name: string,
  { start, step, end }: Range,
  base: number,
): Generator<Round, undefined> {
  for (let value = start; step > 0 ? value <= end : value >= end; value += step) {
    yield new Map([[name, value.toString(base)]]);
  }
}

function readList(text: string): Sequence | null {
  const [, named = "", values = ""] = LIST.exec(text) ?? [];
  const names = wordsOf(named);
  if (names === null || names.includes("")) return null;
  const rounds: Round[] = [];
  for (let left = values;;) {
    const [, entry, sign, rest = ""] = ENTRY.exec(left) ?? [];
    const found = entry === undefined ? null : wordsOf(entry);
    if (found === null || found.length > names.length) return null;
    rounds.push(new Map(names.map((name, index) => [name, found[index] ?? ""])));
    if (sign === ")") return { rounds: rounds.values(), rest: rest.trimStart() };
    left = rest;
  }
}

/** `a`, or the words of `{a, b}`; `null` if one of them holds a blank or a bracket. */
function wordsOf(text: string): readonly string[] | null {
  const inside = text.startsWith("{") ? text.slice(1, -1) : text;
  const words = inside.split(",").map((word) => word.trim());
  return words.some((word) => /[\s)]/.test(word)) ? null : words;
}
