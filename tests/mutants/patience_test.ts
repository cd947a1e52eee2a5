import assert from "node:assert/strict";
import { isOver, patienceAfter } from "./patience.ts";

const START = { processorMs: 1000, elapsedMs: 5000, starvedMs: 300 };

function isOverAfter(processorMs: number, elapsedMs: number, starvedMs: number): boolean {
  return isOver({ processorMs: 50, waitMs: 200 }, START, {
    processorMs: START.processorMs + processorMs,
    elapsedMs: START.elapsedMs + elapsedMs,
    starvedMs: START.starvedMs + starvedMs,
  });
}

Deno.test("what is asked may compute for so long, and wait for so long", () => {
  assert.equal(isOverAfter(50, 200, 0), false);
  assert.equal(isOverAfter(51, 60, 0), true);
  assert.equal(isOverAfter(0, 201, 0), true);
  // To compute is not to wait.
  assert.equal(isOverAfter(50, 250, 0), false);
  assert.equal(isOverAfter(50, 251, 0), true);
});

Deno.test("the time in which the machine kept it from running is not its own", () => {
  assert.equal(isOverAfter(50, 1250, 1000), false);
  assert.equal(isOverAfter(50, 1251, 1000), true);
  assert.equal(isOverAfter(51, 1200, 1000), true);
});

Deno.test("a test may take ten times what it took, and five seconds more", () => {
  assert.deepEqual(patienceAfter(0), { processorMs: 5000, waitMs: 5000 });
  assert.deepEqual(patienceAfter(400), { processorMs: 9000, waitMs: 9000 });
});
