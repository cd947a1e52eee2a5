import assert from "node:assert/strict";
import { editDistance, nearest } from "../../src/config/nearest.ts";

const KEYS = ["name", "interface", "vrid", "priority", "advert_interval", "preempt", "track"];

const CASES: readonly [typed: string, meant: string | null][] = [
  ["vird", "vrid"],
  ["interfaces", "interface"],
  ["Priority", "priority"],
  ["advertInterval", "advert_interval"],
  ["advert-interval", "advert_interval"],
  ["pre_empt", "preempt"],
  ["x", null],
  ["banana", null],
  ["", null],
  ["vrid".repeat(40), null],
];

for (const [typed, meant] of CASES) {
  Deno.test(`"${typed.slice(0, 20)}" suggests ${meant ?? "nothing"}`, () => {
    assert.equal(nearest(typed, KEYS), meant);
  });
}

Deno.test("the nearest of several is suggested, the first of equals", () => {
  assert.equal(nearest("weight", ["heights", "weigh", "eight"]), "weigh");
  assert.equal(nearest("abcd", ["abce", "abcf"]), "abce");
});

Deno.test("a swap of neighbours is one edit", () => {
  assert.equal(editDistance("abcd", "abdc"), 1);
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("kitten", "sitting"), 3);
  assert.equal(editDistance("kitten", "sitting", 3), 3);
  assert.equal(editDistance("kitten", "sitting", 4), 3);
  assert.equal(editDistance("ab", "ba", 2), 1);
  assert.ok(editDistance("kitten", "sitting", 2) >= 2);
});
