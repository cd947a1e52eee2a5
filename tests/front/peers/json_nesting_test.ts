import assert from "node:assert/strict";
import { JsonNesting } from "../../../src/front/peers/json_nesting.ts";
import { NESTING_LIMIT } from "../../../src/front/peers/peer_client.ts";
import { exampleStatus } from "../fake_backend.ts";

/** The greatest depth of a text that comes in pieces of so many characters. */
function depthOf(text: string, step = text.length): number {
  const nesting = new JsonNesting();
  let deepest = 0;
  for (let at = 0; at < text.length; at += step) {
    deepest = Math.max(deepest, nesting.add(text.slice(at, at + step)));
  }
  return deepest;
}

Deno.test("the depth of a JSON text is that of its brackets outside of strings", () => {
  const cases: readonly [unknown, number][] = [
    [1, 0],
    ["[[[", 0],
    [[], 1],
    [[[], [], { a: [] }], 3],
    [{ "[{": "\\", b: ['"[', "]"] }, 2],
    [{ a: '\\"[[[[' }, 1],
  ];
  for (const [value, depth] of cases) {
    const text = JSON.stringify(value);
    for (const step of [text.length, 1, 2, 3]) assert.equal(depthOf(text, step), depth, text);
  }
});

Deno.test("the status of vipd nests a quarter as deep as an answer may", () => {
  assert.ok(depthOf(JSON.stringify(exampleStatus())) <= NESTING_LIMIT / 4);
});
