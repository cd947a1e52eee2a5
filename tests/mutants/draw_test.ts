import assert from "node:assert/strict";
import { drawn } from "./draw.ts";
import { sitesOf } from "./sites.ts";

const LINES = Array.from({ length: 200 }, (_, number) => `  call(a${number});`);

function drawnLines(lines: readonly string[], count: number, seed: number): string[] {
  const text = ["function f() {", ...lines, "}"].join("\n");
  return drawn(sitesOf("src/vip/a.ts", text), count, seed).map(({ before }) => before);
}

Deno.test("the same seed draws the same sites, another one others, none twice", () => {
  const first = drawnLines(LINES, 20, 1);
  assert.equal(new Set(first).size, 20);
  assert.deepEqual(drawnLines(LINES, 20, 1), first);
  assert.notDeepEqual(drawnLines(LINES, 20, 2), first);
  assert.deepEqual(drawnLines(LINES, 40, 1).slice(0, 20), first);
});

Deno.test("a change of the code draws the rest as before", () => {
  const first = drawnLines(LINES, 20, 1);
  const changed = drawnLines([...LINES.slice(100), "  other();", ...LINES.slice(0, 100)], 20, 1);
  assert.ok(first.filter((line) => !changed.includes(line)).length <= 1);
  assert.deepEqual(drawnLines(LINES.toReversed(), 20, 1), first);
});

Deno.test("fewer sites than wanted are all drawn", () => {
  assert.equal(drawnLines(LINES, 1000, 1).length, 200);
});
