import assert from "node:assert/strict";
import { plainYaml } from "../../../src/config/yaml/plain_yaml.ts";
import { YamlSource } from "../../../src/config/yaml/source.ts";

const PLAIN: readonly (readonly [what: string, text: string])[] = [
  ["mappings and lists", "a:\n  - b: 1\n    c: [x, y]\n  - { d: e }\n"],
  ["numbers of every form", "[0, 012, -3, +4, 0x1f, 0o17, 1.5, .5, 1e3, .inf, .nan, 1_000]"],
  ["words that are no numbers", "[08:30, 1s, 192.0.2.1, 192.0.2.1/24, 0b1, 1.2.3, 2026-11-25, =]"],
  ["truth and nothing", "[true, True, TRUE, yes, on, no, off, n, null, Null, ~, '', ]"],
  ["quotes", `['it''s', "a\\tb\\u00e9", "1", 'true', "two\n  lines"]`],
  ["blocks", "a: |\n  one\n  two\nb: >-\n  one\n  two\n"],
  ["a text of several lines", "a: one\n  two\n\n  three\n"],
  ["comments and empty lines", "# c\n\na: b # c\n  # c\nc: d#e\n"],
  ["line ends of another system", "a: b\r\nc:\r\n  - d\r\n"],
  ["a byte order mark", "\ufeffa: b\n"],
  ["marks of a document", "%YAML 1.2\n---\na: b\n"],
  ["tags of the core schema", "a: !!str 5\nb: !!int '6'\n"],
  ["keys of objects", "constructor: a\ntoString: b\n"],
  ["a merge that is none", "a: { <<: { b: c } }\n"],
  ["a mapping in a list's line", "- a: b\n  c: d\n-\n  e: f\n"],
];

for (const [what, text] of PLAIN) {
  Deno.test(`plain YAML is read quickly as it is thoroughly: ${what}`, () => {
    const thorough = new YamlSource(text);
    assert.deepEqual(thorough.problems, []);
    assert.deepEqual(plainYaml(text), thorough.data);
  });
}

const NOT_PLAIN: readonly (readonly [what: string, text: string])[] = [
  ["an alias", "a: &x [b]\nc: *x\n"],
  ["aliases that multiply", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"],
  ["a key that stands twice", "a: 1\na: 2\n"],
  ["a second document", "a: 1\n---\nb: 2\n"],
  ["a tag that nobody knows", "a: !vault b\n"],
  ["a tab as indentation", "a:\n\t- b\n"],
  ["an unclosed bracket", "a: [b\n"],
  ["a carriage return alone", "a: b\rc: d\n"],
  ["a key that is a number", "1: a\n"],
  ["a key that is nothing", ": a\n"],
  ["an end mark", "...\na: b\n"],
  ["nothing", ""],
];

for (const [what, text] of NOT_PLAIN) {
  Deno.test(`what is not plain YAML is left to the thorough reading: ${what}`, () => {
    assert.equal(plainYaml(text), undefined);
  });
}

/** What texts are made of, and what readers have disagreed about. */
const PIECES: readonly string[] = [
  ...[
    "a",
    "k: ",
    "- ",
    "\n",
    "\n  ",
    "  ",
    " ",
    "\t",
    "---",
    "...",
    "\n---",
    "\n ---",
    "# c",
    " #",
  ],
  ...["'", '"', "[", "]", "{", "}", ",", ":", "?", "? ", "|\n", "> \n", "!", "&a ", "*a", "%", "`"],
  ...["\u0085", "\u2028", "\ufeff", "\r\n", "\r", "0x1F", "0o7", "07", "1e3", "~", "null", "yes"],
  ...[".inf", "-.5", "+1", "<<: ", "\\", '"\\x41"', "12:30", "2001-01-01", "1_0", "é", "\u00a0"],
  ...["\x00", "k:\n  - a\n", "k: v\n", "x: [a, b]\n", "!!str ", "!!int "],
];

Deno.test("both readers find the same data in whatever the quick one takes", () => {
  let [seed, taken] = [1, 0];
  const below = (limit: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor(seed / 0x80000000 * limit);
  };
  for (let round = 0; round < 15_000; round++) {
    const text = Array.from({ length: 1 + below(9) }, () => PIECES[below(PIECES.length)]).join("");
    const plain = plainYaml(text);
    if (plain === undefined) continue;
    taken++;
    const thorough = new YamlSource(text);
    assert.deepEqual(thorough.problems, [], JSON.stringify(text));
    assert.deepEqual(plain, thorough.data, JSON.stringify(text));
  }
  assert.ok(taken > 2500, `${taken} texts`);
});
