/** Whatever is in a file, the answer is a configuration or diagnostics, never an exception. */

import assert from "node:assert/strict";
import { DIAGNOSTIC_CODES, formatDiagnostic } from "../../src/config/diagnostics.ts";
import { parse } from "./support.ts";

const ROUNDS = 5000;

const SEEDS = await Promise.all(
  ["lb01", "lb02"].map((node) =>
    Deno.readTextFile(new URL(`../../config/${node}.yaml`, import.meta.url))
  ),
);

/** Pieces with a meaning to YAML, to the schema, or to JavaScript. */
const PIECES = [
  "\t",
  "\n",
  "- ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "#",
  "&a ",
  "*a",
  "!x ",
  "|\n",
  "? ",
  "<<: ",
  "---\n",
  "...\n",
  "%",
  "@",
  "null",
  "~",
  "true",
  "yes",
  "0",
  "-1",
  "1e999",
  ".nan",
  "0x7f",
  "9".repeat(30),
  "__proto__: ",
  "constructor: ",
  "toString",
  "\0",
  "\u2028",
  "é",
  "😀",
  "\ud800",
  "ms",
  "1s",
  "/",
  "vrid: 1\n",
  "type: ",
  "authentication: ",
  "addresses: ",
  "track: []\n",
  "checks: ",
  "!!binary AA==",
] as const;

/** A generator of the same numbers on every machine (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(text: string, next: (below: number) => number): string {
  const at = next(text.length + 1);
  const length = next(12);
  const line = () => text.split("\n")[next(text.split("\n").length)] ?? "";
  switch (next(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + PIECES[next(PIECES.length)] + text.slice(at);
    case 2:
      return text.slice(0, at) + PIECES[next(PIECES.length)] + text.slice(at + length);
    case 3:
      return text.replace(line(), () => line());
    default:
      return text.slice(0, at) + String.fromCharCode(next(0x250)) + text.slice(at + 1);
  }
}

Deno.test(`${ROUNDS} damaged files are refused with a place, or accepted`, () => {
  let refused = 0;
  const seen = new Set<string>();
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const next = numbers(seed);
    let text = SEEDS[seed % SEEDS.length]!;
    for (let count = 1 + next(6); count > 0; count--) text = mutate(text, next);
    const context = `seed ${seed}`;
    let result;
    try {
      result = parse(text);
    } catch (error) {
      throw new Error(`${context} throws on ${JSON.stringify(text)}`, { cause: error });
    }
    if (result.ok) continue;
    refused++;
    assert.ok(result.diagnostics.some(({ severity }) => severity === "error"), context);
    const lines = text.split(/\r?\n|\r/).length;
    for (const diagnostic of result.diagnostics) {
      assert.ok(Object.hasOwn(DIAGNOSTIC_CODES, diagnostic.code), context);
      seen.add(diagnostic.code);
      if (diagnostic.code !== "file_empty") {
        assert.ok(diagnostic.line! >= 1 && diagnostic.line! <= lines, context);
      }
      const shown = formatDiagnostic(diagnostic, { excerpt: true });
      assert.doesNotMatch(shown, /Invalid input|undefined|\[object|NaN is not/, context);
    }
  }
  // The damage must be worth the name, and reach beyond the syntax.
  assert.ok(refused > ROUNDS / 2 && refused < ROUNDS, `${refused} refused`);
  assert.ok(seen.size > 12, [...seen].join(" "));
});
