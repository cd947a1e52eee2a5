/** Which sites the tool finds, and that a break of each kind does what it says. */

import assert from "node:assert/strict";
import { BREAK_KINDS } from "./breaks.ts";
import { broken, type Site, sitesOf } from "./sites.ts";

function afterwards(text: string): string[] {
  return sitesOf("src/wire/a.ts", text).map((site) => `${site.kind}: ${broken(text, site)}`);
}

const CASES: Readonly<Record<string, readonly string[]>> = {
  "x = a === b;": ["statement: ", "comparison: x = a !== b;"],
  "x = a !== b;": ["statement: ", "comparison: x = a === b;"],
  "const x = a < b;": ["comparison: const x = a >= b;", "boundary: const x = a <= b;"],
  "const x = a <= b;": ["comparison: const x = a > b;", "boundary: const x = a < b;"],
  "const x = a > b;": ["comparison: const x = a <= b;", "boundary: const x = a >= b;"],
  "const x = a >= b;": ["comparison: const x = a < b;", "boundary: const x = a > b;"],
  "const x = a && b;": ["logic: const x = a || b;"],
  "const x = a || b;": ["logic: const x = a && b;"],
  "const x = a + b * c;": ["arithmetic: const x = a - b * c;", "arithmetic: const x = a + b / c;"],
  "const x = a << b;": ["arithmetic: const x = a >> b;"],
  "const x = a & b;": ["arithmetic: const x = a | b;"],
  "x += y;": ["statement: ", "arithmetic: x -= y;"],
  "x++;": ["statement: ", "arithmetic: x--;"],
  "const x = --y;": ["arithmetic: const x = ++y;"],
  "const x = [0, 0xff, 1.5, 1_000, 2n];": [
    "constant: const x = [1, 0xff, 1.5, 1_000, 2n];",
    "constant: const x = [0, 0x100, 1.5, 1_000, 2n];",
    "constant: const x = [0, 0xff, 2.5, 1_000, 2n];",
    "constant: const x = [0, 0xff, 1.5, 1001, 2n];",
    "constant: const x = [0, 0xff, 1.5, 1_000, 3n];",
  ],
  "const x = true;": ["constant: const x = false;"],
  "const x = { a: false };": ["constant: const x = { a: true };"],
  "const x = a ? b : c;": ["branch: const x = !(a) ? b : c;"],
  "const x = a === b ? c : d;": ["comparison: const x = a !== b ? c : d;"],
  "if (a) { b(); } else { c(); }": [
    "branch: if (!(a)) { b(); } else { c(); }",
    "statement: if (a) {  } else { c(); }",
    "statement: if (a) { b(); } else {  }",
  ],
  "if (a) b();": ["branch: if (!(a)) b();", "statement: if (a) {}"],
  "for (;;) { if (a) break; }": ["guard: for (;;) {  }"],
  "for (const a of b) if (a) continue;": ["guard: for (const a of b) {}"],
  "function f() { if (a) return; }": ["guard: function f() {  }"],
  "function f() { if (a) { throw b; } }": ["guard: function f() {  }"],
  "switch (a) { case b: c(); }": ["statement: switch (a) { case b:  }"],
  "for (let i = 0; i < a; i++) {}": [
    "constant: for (let i = 1; i < a; i++) {}",
    "comparison: for (let i = 0; i >= a; i++) {}",
    "boundary: for (let i = 0; i <= a; i++) {}",
  ],
};

for (const [text, expected] of Object.entries(CASES)) {
  Deno.test(`breaks of: ${text}`, () => assert.deepEqual(afterwards(text), expected));
}

Deno.test("every kind of break is in a case", () => {
  const kinds = Object.values(CASES).flat().map((text) => text.split(":")[0]!);
  assert.deepEqual([...new Set(kinds)].sort(), Object.keys(BREAK_KINDS).sort());
});

Deno.test("types, comments, texts, names and imports are no sites", () => {
  const text = `
/** Less than 5 < 6. */
import a, { type B } from "./1.ts";
export { c } from "./2.ts";
type D = 1 | 2 | true;
interface E { readonly f: 3; g(h: 4): false }
const i = "1 < 2 && true" + j + \`3 + 4 \${k}\`;
const l: 5 | B = m as 6;
const n = { 7: o };
class P extends Q { constructor() { super(); } }
`;
  assert.deepEqual(sitesOf("src/wire/a.ts", text).map(({ diff }) => diff), []);
});

Deno.test("a site is known by its functions and its lines, wherever they stand", () => {
  const text = `class Lease {
  #ends = 1;
  constructor() {
    this.#ends = a;
  }
  renew() {
    const later = () => {
      call(
        b,
      );
    };
  }
}
const limit = 2;
export const limits = { of: () => a < b };
`;
  const named = (site: Site) => [site.function, site.line, site.before, site.after];
  const found = sitesOf("src/vip/lease.ts", text);
  assert.deepEqual(found.map(named), [
    ["Lease.#ends", 2, "#ends = 1;", "#ends = 2;"],
    ["Lease.constructor", 4, "this.#ends = a;", ""],
    ["Lease.renew.later", 8, "call( b, );", ""],
    ["limit", 14, "const limit = 2;", "const limit = 3;"],
    [
      ...["limits.of", 15, "export const limits = { of: () => a < b };"],
      "export const limits = { of: () => a >= b };",
    ],
    [
      ...["limits.of", 15, "export const limits = { of: () => a < b };"],
      "export const limits = { of: () => a <= b };",
    ],
  ]);
  const lower = sitesOf("src/vip/lease.ts", `// A comment.\n\n${text}`);
  assert.deepEqual(
    lower.map((site) => ({ ...site, line: site.line - 2, start: 0, end: 0 })),
    found.map((site) => ({ ...site, start: 0, end: 0 })),
  );
});

Deno.test("equal lines of a function are counted", () => {
  const found = sitesOf("src/vip/a.ts", "function f() {\n  a();\n  a();\n}\n");
  assert.deepEqual(found.map(({ nth, line }) => [nth, line]), [[0, 2], [1, 3]]);
});

Deno.test("the diff shows the lines as they are, and what is gone has no line", () => {
  const text = "function f() {\n  if (\n    a\n  ) return;\n  b(1);\n}\n";
  assert.deepEqual(sitesOf("src/vip/a.ts", text).map(({ diff }) => diff), [
    "-   if (\n-     a\n-   ) return;",
    "-   b(1);",
    "-   b(1);\n+   b(2);",
  ]);
});
