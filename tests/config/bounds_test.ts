/** A wrong file of any size is answered at once, with an answer that can be read. */

import assert from "node:assert/strict";
import { fastConfig } from "../../src/config/fast_path.ts";
import { formatDiagnostic } from "../../src/config/diagnostics.ts";
import { parseConfig } from "../../src/config/load.ts";
import { LARGE_CHARS, readablePart } from "../../src/config/yaml/large_text.ts";

const repeated = (count: number, text: (index: number) => string, between = "\n") =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);

const COUNT = 4000;
const MEBIBYTE = 1024 * 1024;

/** Texts, the codes that they lead to, and how the last problem reads. */
const CASES:
  readonly (readonly [name: string, text: string, codes: readonly string[], last: RegExp])[] = [
    [
      "a hundred thousand unknown keys",
      repeated(100_000, (index) => `k${index}: 1`),
      ["out_of_range"],
      /^a\.yaml: error: 100000 entries are too many; is it a configuration of vipd\?/,
    ],
    [
      "eighty thousand wrong instances",
      `instances: [${repeated(80_000, () => "{}", ",")}]`,
      ["out_of_range"],
      /: instances: 80000 entries are too many;/,
    ],
    [
      "wrong instances with an alias",
      `node: &a lb01\nx: *a\ninstances:\n${repeated(5000, () => "  - {}")}`,
      ["out_of_range"],
      /^a\.yaml:4:3: error: instances: 5000 entries are too many;/,
    ],
    [
      "many wrong lists, none of them long",
      `instances:\n${
        repeated(20, () => {
          const list = `[${repeated(COUNT, () => "1", ",")}]`;
          return `  - { addresses: ${list}, track: ${list} }`;
        })
      }`,
      ["out_of_range"],
      /more than 50000 values are too many/,
    ],
    [
      "thousands of unknown keys",
      repeated(COUNT, (index) => `instance${index}: 1`),
      ["missing_key", "more_problems", "unknown_key"],
      /^a\.yaml: error: 3901 more problems are not shown; correct these first/,
    ],
    [
      "thousands of wrong entries in every list of an instance",
      `instances: [${
        repeated(10, () => {
          const list = `[${repeated(1000, () => "{}", ",")}]`;
          return `{ addresses: ${list}, routes: ${list}, rules: ${list}, track: ${list} }`;
        }, ",")
      }]`,
      ["missing_key", "more_problems"],
      /more problems are not shown/,
    ],
    [
      "one key thousands of times",
      repeated(60_000, () => "node: lb01"),
      ["duplicate_key", "missing_key", "more_problems"],
      /59900 more problems are not shown/,
    ],
    [
      "a list in a list in a list",
      `node: ${"[".repeat(20_000)}${"]".repeat(20_000)}`,
      ["yaml_syntax"],
      /this is not YAML/,
    ],
    [
      "mappings as keys of mappings",
      "{".repeat(4000),
      ["yaml_syntax"],
      /this is not YAML/,
    ],
    [
      "a key of many keys, each of them closed",
      `${"{".repeat(500)}a${"}".repeat(500)}`,
      ["yaml_syntax"],
      /deeper than in any configuration/,
    ],
    [
      "an anchor that holds itself",
      "a: &a [*a]",
      ["out_of_range"],
      /too many/,
    ],
    ...["{", "[", "- ", "a: b: c\n", "[section]\nkey = value\n", "\ta: 1\n", "&a "].map((piece) =>
      [
        `a mebibyte of ${JSON.stringify(piece)}`,
        piece.repeat(Math.floor(MEBIBYTE / piece.length)),
        ["more_problems", "yaml_syntax"],
        /what follows the first fault was not read; correct this first/,
      ] as const
    ),
  ];

for (const [name, text, codes, last] of CASES) {
  Deno.test(`a wrong file has an answer that can be read: ${name}`, () => {
    assert.equal(fastConfig(text, "a.yaml", { hostname: "lb01" }), null);
    const result = parseConfig(text, "a.yaml", { hostname: "lb01" });
    assert.ok(!result.ok);
    const { diagnostics } = result;
    assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))].sort(), codes);
    assert.match(formatDiagnostic(diagnostics.at(-1)!), last);
    const answer = diagnostics.map((found) => formatDiagnostic(found, { excerpt: true })).join("");
    assert.ok(answer.length < 50_000, `${answer.length} characters`);
  });
}

Deno.test("a configuration of a thousand instances is one", () => {
  const text = `instances:\n${
    repeated(1000, (index) => {
      const net = `10.${index >> 8}.${index & 255}`;
      return `  - { name: V${index}, interface: eth${index >> 7}, vrid: ${index % 255 + 1}, ` +
        `addresses: [${repeated(15, (host) => `${net}.${host + 1}/24`, ",")}] }`;
    })
  }`;
  assert.ok(fastConfig(text, "a.yaml", { hostname: "lb01" }));
});

Deno.test("a large text is read thoroughly to a little behind its first fault, a small one as a whole", () => {
  const usable = repeated(10_000, (index) => `k${index}: 1`);
  assert.ok(usable.length > LARGE_CHARS);
  assert.equal(readablePart(usable).text, usable);
  const { text, faultAt } = readablePart(
    `${usable}\na: b: c\n${repeated(60_000, () => "x: y: z")}`,
  );
  assert.ok(faultAt !== null && faultAt >= usable.length && faultAt < usable.length + 10);
  assert.ok(text.length < usable.length + 5000, `${text.length} characters`);
  const small = `a: b: c\n${repeated(5000, () => "x: y")}`;
  assert.deepEqual([readablePart(small).text, readablePart(small).faultAt], [small, null]);
});
