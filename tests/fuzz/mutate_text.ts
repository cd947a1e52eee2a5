/**
 * Damage to texts of lines and words: pieces with a meaning put in, taken out, repeated and exchanged.
 *
 * @module
 */

import { below, pick } from "./target.ts";

/** Pieces that mean something to any program that reads text, or to JavaScript. */
const COMMON_PIECES = [
  "\n",
  "\r",
  "\t",
  " ",
  "\0",
  '"',
  "'",
  "\\",
  "#",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "-",
  "/",
  "0",
  "-0",
  "-1",
  "1e9",
  "1e999",
  "NaN",
  "9".repeat(30),
  "null",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "\u0430",
  "\u2028",
  "\ufeff",
  "é",
  "😀",
  "\ud800",
];

/** Longer than any file that a person writes for these parsers. */
const LONGEST = 20_000;

/** One of the corpus with up to six damages; `pieces` mean something to the parser. */
export function mutateText(
  corpus: readonly string[],
  pieces: readonly string[],
  random: () => number,
): string {
  let text = pick(random, corpus);
  for (let count = below(random, 7); count > 0; count--) {
    text = damaged(text, corpus, pieces, random).slice(0, LONGEST);
  }
  return text;
}

function damaged(
  text: string,
  corpus: readonly string[],
  pieces: readonly string[],
  random: () => number,
): string {
  const at = below(random, text.length + 1);
  const piece = pick(random, random() < 0.6 ? pieces : COMMON_PIECES);
  switch (below(random, 7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + below(random, 20));
    case 1:
      return text.slice(0, at) + piece + text.slice(at);
    case 2:
      return text.slice(0, at) + piece + text.slice(at + below(random, 12));
    case 3: {
      const repeated = text.slice(at, at + below(random, 200));
      return text.slice(0, at) + repeated + text.slice(at);
    }
    case 4: {
      const lines = text.split("\n");
      const [from, to] = [below(random, lines.length), below(random, lines.length)];
      [lines[from], lines[to]] = [lines[to]!, lines[from]!];
      return lines.join("\n");
    }
    case 5: {
      const other = pick(random, corpus);
      const from = below(random, other.length + 1);
      return text.slice(0, at) + other.slice(from, from + below(random, 300)) + text.slice(at);
    }
    default:
      return text.slice(0, at) + String.fromCharCode(below(random, 0x250)) + text.slice(at + 1);
  }
}
