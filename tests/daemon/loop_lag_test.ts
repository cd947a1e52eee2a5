import assert from "node:assert/strict";
import { LoopLag } from "../../src/daemon/loop_lag.ts";
import { FakeTimers } from "../front/fake_timers.ts";

Deno.test("the event loop's lag is that of the latest timer in the last second, and of the worst second", () => {
  const timers = new FakeTimers();
  const lag = new LoopLag(timers);
  assert.deepEqual([lag.lastMs, lag.worstMs], [0, 0]);
  for (const [nowMs, lateMs, worstMs] of [[1000, 3, 3], [2000, 40, 40], [3000, 0, 40]] as const) {
    timers.lateMs = lateMs;
    timers.wake(nowMs);
    assert.deepEqual([lag.lastMs, lag.worstMs], [lateMs, worstMs], `${nowMs} ms`);
  }
});

Deno.test("the worst of the event loop's lags is forgotten after a minute, however often it is measured", () => {
  for (const everyMs of [500, 1000]) {
    const timers = new FakeTimers();
    const lag = new LoopLag(timers);
    timers.lateMs = 40;
    timers.wake(1000);
    let nowMs = 1000;
    while (lag.worstMs === 40) timers.wake(nowMs += everyMs);
    // It may be measured half a second early or late.
    assert.ok(nowMs >= 61_000 && nowMs <= 61_500, `every ${everyMs} ms: ${nowMs}`);
  }
});

Deno.test("the event loop's lag needs no wake where others are frequent, and none is left when it is stopped", () => {
  const timers = new FakeTimers();
  const lag = new LoopLag(timers);
  assert.deepEqual(timers.timers.map(({ atMs, earlyMs }) => [atMs, earlyMs]), [[1000, 500]]);
  timers.wake(499);
  assert.equal(timers.timers[0]!.atMs, 1000);
  timers.wake(600);
  assert.equal(timers.timers[0]!.atMs, 2000);
  lag.stop();
  assert.deepEqual(timers.timers, []);
});
