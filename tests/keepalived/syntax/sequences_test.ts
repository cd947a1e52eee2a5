/** Lines that stand for several: how often, and with which values. */

import assert from "node:assert/strict";
import { isSequence, readSequence } from "../../../src/keepalived/syntax/sequences.ts";
import { outline, parseText } from "../support.ts";

const same = (text: string) => text;

/** The values of each round in one word, and the rest of the line. */
function roundsOf(text: string, expand: (text: string) => string | null = same): string | null {
  const sequence = readSequence(text, expand);
  if (sequence === null) return null;
  const rounds = Array.from(
    Iterator.from(sequence.rounds),
    (round) => Array.from(round, ([name, value]) => `${name}=${value}`).join("+"),
  );
  return [...rounds, `| ${sequence.rest}`].join(" ");
}

const READ: readonly (readonly [text: string, rounds: string])[] = [
  ["~SEQ(A, 1, 3) x", "A=1 A=2 A=3 | x"],
  ["  ~SEQ (A,3)x", "A=1 A=2 A=3 | x"],
  ["~SEQ(A, 0) x", "A=1 A=0 | x"],
  ["~SEQ(A, -2) x", "A=-1 A=-2 | x"],
  ["~SEQ(A, 2, 1) x", "A=2 A=1 | x"],
  ["~SEQ(A, 7, 7) x", "A=7 | x"],
  ["~SEQ(A, 1, 2, 6) x", "A=1 A=3 A=5 | x"],
  ["~SEQ(A, 6, -2, 1) x", "A=6 A=4 A=2 | x"],
  ["~SEQ(A, 7, 2, 7) x", "A=7 | x"],
  ["~SEQ(A, 0x9, 010) x", "A=9 A=8 | x"],
  ["~SEQ(A, , 2) x", "A=0 A=1 A=2 | x"],
  ["~SEQx(A, 9, 0xb) x", "A=9 A=a A=b | x"],
  ["~SEQ(A, 1, 1)", "A=1 | "],
  ["~SEQ(A, 1, 1) ~SEQ(B, 1, 2) x", "A=1 | ~SEQ(B, 1, 2) x"],
  ["~LST(A, a) x", "A=a | x"],
  ["~LST( A , a,b , c ) x", "A=a A=b A=c | x"],
  ["~LST({A, B}, {1, 2},{ 3 ,4 }) x", "A=1+B=2 A=3+B=4 | x"],
  ["~LST({A, B}, {1}, 2) x", "A=1+B= A=2+B= | x"],
  ["~LST(A, ,b) x", "A= A=b | x"],
];

const WRONG = [
  ...["~SEQ(A) x", "~SEQ(, 1) x", "~SEQ({A}, 1) x", "~SEQ(A, 1, 2, 3, 4) x", "~SEQ(A, 1 x"],
  ...["~SEQ(A, one) x", "~SEQ(A, 08) x", "~SEQ(A, 1 2) x", "~SEQ(A, 1, 0, 3) x"],
  ...["~SEQ(A, 1, -1, 3) x", "~SEQ(A, 3, 1, 1) x", "~SEQx(A, -1, 3) x", "~SEQ(A, 1e3) x"],
  ...["~SEQ(A, 99999999999999999999) x", "~SEQy(A, 1) x", "~LST(A) x", "~LST(, 1) x"],
  ...["~LST(A, {1, 2}) x", "~LST({A, B}, {1, 2, 3}) x", "~LST(A, 1 x", "~LST(A, 1 2) x"],
  ...["~LST({A,}, 1) x"],
];

for (const [text, rounds] of READ) {
  Deno.test(`${text} is read as ${rounds}`, () => {
    assert.ok(isSequence(text));
    assert.equal(roundsOf(text), rounds);
  });
}

for (const text of WRONG) {
  Deno.test(`${text} is no sequence`, () => {
    assert.ok(isSequence(text));
    assert.equal(roundsOf(text), null);
  });
}

Deno.test("parameters stand for numbers of a sequence", () => {
  assert.equal(roundsOf("~SEQ(A, 1, $N) x", (text) => text.replace("$N", "2")), "A=1 A=2 | x");
  assert.equal(roundsOf("~SEQ(A, 1, $N) x", () => null), null);
});

Deno.test("a line is repeated with its conditions, definitions and lines of a parameter", async (t) => {
  const cases: readonly [name: string, text: string, outline: string][] = [
    ["twice", "~SEQ(A, 1, 2) x ${A} $A", "x 1 1; x 2 2"],
    ["in each other", "~LST(A, a, b) ~SEQ(B, 1, 2) ${A}${B}", "a1; a2; b1; b2"],
    ["a block", "~SEQ(A, 1, 2) b ${A} { x ${A} }", "b 1 { x 1 }; b 2 { x 2 }"],
    ["of one node", "@lb01 ~SEQ(A, 1, 2) @lb01 x ${A}", "x 1; x 2"],
    ["of another node", "@lb02 ~SEQ(A, 1, 2) x ${A}", ""],
    ["a definition", "~SEQ(A, 1, 2) $B=${A}\nx $B", "x 2"],
    ["several lines", "$V= \\\nb ${A} { \\\nx \\\n}\n~SEQ(A, 1, 2) $V", "b 1 { x }; b 2 { x }"],
    ["in several lines", "$V= \\\n~SEQ(A, 1, 2) x ${A} \\\ny\n$V", "x 1; x 2; y"],
    ["a parameter that is one", "$V=~SEQ(A, 1, 2)\n$V x ${A}", "x 1; x 2"],
    ["a number that is one", "$N=2\n~SEQ(A, 1, ${N}) x ${A}", "x 1; x 2"],
    ["nothing", "~SEQ(A, 1, 2)\nx", "x"],
    ["a backslash at its end", "~SEQ(A, 1, 1) $B=1 \\\nx", "x"],
  ];
  for (const [name, text, want] of cases) {
    await t.step(name, () => {
      const { statements, findings } = parseText(text);
      const others = findings.filter((finding) => !/left out/.test(finding));
      assert.deepEqual([outline(statements), others], [want, []]);
    });
  }
});

Deno.test("a sequence that cannot be read is reported, and its line is not read", () => {
  const { statements, findings } = parseText("~SEQ(A, x) y\nz");
  assert.equal(outline(statements), "z");
  assert.equal(findings.length, 1);
  assert.match(findings[0]!, /^keepalived.conf:1: note: ~SEQ: .* is without effect/);
});

Deno.test("sequences that nobody could mean are an error, soon", () => {
  for (const text of ["~SEQ(A, 9999999999999)", "~SEQ(A, 1, 9999) ~SEQ(B, 1, 9999) x"]) {
    const startedMs = performance.now();
    const { statements, findings } = parseText(text);
    assert.deepEqual(statements, []);
    assert.equal(findings.length, 1);
    assert.match(findings[0]!, /error: sequences and lists stand for too many lines/);
    assert.ok(performance.now() - startedMs < 5000);
  }
});
