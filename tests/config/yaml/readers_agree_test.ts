/** Documents made by a seed: both readers give the data that were meant, or the quick one gives up. */

import assert from "node:assert/strict";
import { MAX_DEPTH } from "../../../src/config/yaml/limits.ts";
import { plainYaml } from "../../../src/config/yaml/plain_yaml.ts";
import { YamlSource } from "../../../src/config/yaml/source.ts";
import { seededRandom } from "../../../src/sim/random.ts";

const DOCUMENTS = 1500;
const MOST_DEPTH = 4;

/** Scalars as they are written, and what they mean. */
const SCALARS: readonly (readonly [written: string, meant: unknown])[] = [
  ["eth1", "eth1"],
  ["192.168.31.5/24", "192.168.31.5/24"],
  ["1m30s", "1m30s"],
  ["08:30", "08:30"],
  ["no", "no"],
  ["'it''s'", "it's"],
  ['"a: b # c"', "a: b # c"],
  ['"\\u00e9\\n"', "é\n"],
  ["http://127.0.0.1/?a=b#c", "http://127.0.0.1/?a=b#c"],
  ["150", 150],
  ["-60", -60],
  ["0x1f", 31],
  ["0.5", 0.5],
  ["1e3", 1000],
  ["012", 12],
  ["true", true],
  ["False", false],
  ["null", null],
  ["~", null],
];
const KEYS = ["node", "instances", "check", "vrid", "priority", "'quoted key'", "x-y", "on"];

interface Written {
  readonly text: string;
  readonly data: unknown;
}

class Writer {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A mapping or list in lines of its own, each indented by `indent`. */
  block(indent: string, depth = 0): Written {
    return this.#random() < 0.7 ? this.#mapping(indent, depth) : this.#list(indent, depth);
  }

  #mapping(indent: string, depth: number): Written {
    const data: Record<string, unknown> = {};
    const lines = this.#someKeys().map((key) => {
      const value = this.#value(indent, depth);
      data[key.replaceAll("'", "")] = value.data;
      return `${indent}${key}:${value.text}`;
    });
    return { text: lines.join(""), data };
  }

  #list(indent: string, depth: number): Written {
    const items = this.#some(() => this.#value(indent, depth));
    return {
      text: items.map(({ text }) => `${indent}-${text}`).join(""),
      data: items.map(({ data }) => data),
    };
  }

  /** What follows a key or a dash, to the end of its last line. */
  #value(indent: string, depth: number): Written {
    const end = this.#random() < 0.1 ? "  # a comment\n" : "\n";
    if (depth < MOST_DEPTH && this.#random() < 0.3) {
      const inner = this.block(`${indent}  `, depth + 1);
      return { text: `${end}${inner.text}`, data: inner.data };
    }
    if (this.#random() < 0.05) {
      return { text: ` |\n${indent}  one\n${indent}  two\n`, data: "one\ntwo\n" };
    }
    const flow = this.#flow(depth);
    return { text: ` ${flow.text}${end}`, data: flow.data };
  }

  #flow(depth: number): Written {
    const kind = depth < MOST_DEPTH ? this.#random() : 1;
    if (kind < 0.1) {
      const items = this.#some(() => this.#flow(depth + 1));
      return {
        text: `[${items.map(({ text }) => text).join(", ")}]`,
        data: items.map(({ data }) => data),
      };
    }
    if (kind < 0.2) {
      const data: Record<string, unknown> = {};
      const pairs = this.#someKeys().map((key) => {
        const value = this.#flow(depth + 1);
        data[key.replaceAll("'", "")] = value.data;
        return `${key}: ${value.text}`;
      });
      return { text: `{ ${pairs.join(", ")} }`, data };
    }
    const [text, data] = SCALARS[Math.floor(this.#random() * SCALARS.length)]!;
    return { text, data };
  }

  #some<T>(make: () => T): T[] {
    return Array.from({ length: 1 + Math.floor(this.#random() * 4) }, make);
  }

  #someKeys(): string[] {
    return [...new Set(this.#some(() => KEYS[Math.floor(this.#random() * KEYS.length)]!))];
  }
}

Deno.test("both readers give the data that a document means", () => {
  for (let seed = 1; seed <= DOCUMENTS; seed++) {
    const { text, data } = new Writer(seededRandom(seed)).block("");
    const where = `seed ${seed}:\n${text}`;
    const thorough = new YamlSource(text);
    assert.deepEqual(thorough.problems, [], where);
    assert.deepEqual(thorough.data, data, where);
    assert.deepEqual(plainYaml(text), data, where);
  }
});

/** Lines after which a document is not plain, and whether it is a fault. */
const NOT_PLAIN: readonly (readonly [what: string, lines: string, fault: boolean])[] = [
  ["an alias", "anchored: &a [b]\nalias: *a\n", false],
  ["an alias that points nowhere", "alias: *nowhere\n", true],
  ["a key that stands twice", "twice: 1\ntwice: 2\n", true],
  ["a key that is a number", "1: a\n", false],
  ["a key that is a list", "? [a]\n: b\n", false],
  ["a tab", "tab: a\tb\n", false],
  ["a line that does not end as others do", "a: b\rc: d\n", true],
  ["an unknown tag", "tag: !vault b\n", true],
  ["an open bracket", "open: [a\n", true],
  ["a second document", "---\na: b\n", true],
  [
    "too many lists in each other",
    `deep: ${"[".repeat(MAX_DEPTH)}${"]".repeat(MAX_DEPTH)}\n`,
    true,
  ],
];

for (const [what, lines, fault] of NOT_PLAIN) {
  Deno.test(`the quick reader leaves a document to the thorough one because of ${what}`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      // An indentation makes a mapping of any document.
      const { text } = new Writer(seededRandom(seed)).block("  ");
      const whole = `document:\n${text}${lines}`;
      assert.equal(plainYaml(whole), undefined, whole);
      assert.equal(new YamlSource(whole).problems.length > 0, fault, whole);
    }
  });
}

Deno.test("both readers take what is as deep as a configuration may be, but for a level or two", () => {
  const shapes: readonly ((depth: number) => string)[] = [
    (depth) => "[".repeat(depth) + "]".repeat(depth),
    (depth) => `${"{ a: ".repeat(depth)}b${" }".repeat(depth)}`,
    (depth) => Array.from({ length: depth }, (_, index) => `${" ".repeat(index)}a:\n`).join(""),
  ];
  for (const shape of shapes) {
    const problemsAt = (depth: number) => new YamlSource(shape(depth)).problems.length;
    assert.deepEqual([problemsAt(MAX_DEPTH), problemsAt(MAX_DEPTH + 1)], [0, 1]);
    assert.deepEqual(plainYaml(shape(MAX_DEPTH - 2)), new YamlSource(shape(MAX_DEPTH - 2)).data);
    assert.equal(plainYaml(shape(MAX_DEPTH + 1)), undefined);
  }
});
