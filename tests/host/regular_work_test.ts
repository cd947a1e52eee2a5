/** Regular work shares wakes, and keeps its pace all the same. */

import assert from "node:assert/strict";
import { repeat } from "../../src/host/regular_work.ts";
import { FakeTimers } from "../front/fake_timers.ts";

/** When the works of these intervals are done in half a minute, of a program that is awake at these moments. */
function momentsOf(everyMs: readonly number[], awakeMs: readonly number[], lateMs: number) {
  const timers = new FakeTimers();
  timers.wake(123);
  const moments = everyMs.map((): number[] => []);
  const ends = everyMs.map((ms, at) => repeat(timers, ms, () => moments[at]!.push(timers.nowMs())));
  let wakes = 0;
  for (let nowMs = 123; nowMs < 30_000;) {
    const dueMs = Math.min(...timers.timers.map(({ atMs }) => atMs)) + lateMs;
    const otherMs = awakeMs.find((ms) => ms > nowMs) ?? Infinity;
    nowMs = Math.min(dueMs, otherMs);
    if (dueMs < otherMs) wakes++;
    timers.wake(nowMs);
  }
  for (const end of ends) end();
  assert.deepEqual(timers.timers, [], "none is left");
  return { moments, wakes };
}

for (const lateMs of [0, 0.3, 40]) {
  Deno.test(`works of several intervals that begin at any time share one wake each half second, ${lateMs} ms late`, () => {
    const { moments, wakes } = momentsOf([500, 500, 1000, 1500], [], lateMs);
    assert.deepEqual(moments.map(({ length }) => length), [60, 60, 30, 20]);
    assert.equal(wakes, 60);
  });
}

Deno.test("they need no wake of their own in a program that is awake every 200 ms, and are done as often", () => {
  const awakeMs = Array.from({ length: 160 }, (_, index) => 200 * index + 17);
  const { moments, wakes } = momentsOf([500, 1000], awakeMs, 0);
  assert.equal(wakes, 0);
  assert.deepEqual(moments.map(({ length }) => length), [60, 30]);
});
