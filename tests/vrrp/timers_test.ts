import assert from "node:assert/strict";
import {
  adverEarlyMs,
  adverStepMs,
  centisecondsToMs,
  handOverLimitMs,
  masterDownIntervalMs,
  skewTimeMs,
} from "../../src/vrrp/timers.ts";

/** Version, priority, interval; Skew_Time and Master_Down_Interval in milliseconds. */
const CASES: readonly (readonly [2 | 3, number, number, number, number])[] = [
  // RFC 3768 section 6.1: (256 - priority) / 256 seconds, whatever the interval.
  [2, 100, 100, 609.375, 3609.375],
  [2, 1, 100, 996.09375, 3996.09375],
  [2, 254, 100, 7.8125, 3007.8125],
  [2, 255, 100, 3.90625, 3003.90625],
  [2, 100, 500, 609.375, 15_609.375],
  [2, 100, 25_500, 609.375, 765_609.375],
  // RFC 9568 section 6.1: (256 - priority) * interval / 256, not rounded.
  [3, 100, 100, 609.375, 3609.375],
  [3, 100, 10, 60.9375, 360.9375],
  [3, 200, 100, 218.75, 3218.75],
  [3, 1, 10, 99.609375, 399.609375],
  [3, 254, 1, 0.078125, 30.078125],
  [3, 255, 1, 0.0390625, 30.0390625],
  [3, 100, 4095, 24_953.90625, 147_803.90625],
];

Deno.test("Skew_Time and Master_Down_Interval", async (t) => {
  for (const [version, priority, intervalCs, skewMs, downMs] of CASES) {
    await t.step(`version ${version}, priority ${priority}, ${intervalCs} cs`, () => {
      assert.equal(skewTimeMs(version, priority, intervalCs), skewMs);
      assert.equal(masterDownIntervalMs(version, priority, intervalCs), downMs);
    });
  }
});

Deno.test("Master_Down_Interval counts the missing adverts that are configured", () => {
  assert.equal(masterDownIntervalMs(2, 100, 100, 1), 1609.375);
  assert.equal(masterDownIntervalMs(3, 100, 10, 100), 10_060.9375);
});

Deno.test("a centisecond is ten milliseconds", () => {
  assert.deepEqual([0, 1, 100, 4095].map(centisecondsToMs), [0, 10, 1000, 40_950]);
});

Deno.test("a hand-over waits for the slowest backup and a margin", () => {
  for (const [version, intervalCs] of [[2, 100], [2, 300], [3, 100], [3, 10], [3, 4095]] as const) {
    const limitMs = handOverLimitMs(version, intervalCs);
    const slowestMs = skewTimeMs(version, 1, intervalCs);
    assert.ok(limitMs >= slowestMs + 100, `version ${version}, ${intervalCs} cs: ${limitMs}`);
    assert.ok(limitMs <= slowestMs + 500, `version ${version}, ${intervalCs} cs: ${limitMs}`);
  }
});

Deno.test("an advert leaves early by a twentieth of its interval at most, and by 10 ms", () => {
  assert.deepEqual([1, 10, 20, 100, 4095].map(adverEarlyMs), [0.5, 5, 10, 10, 10]);
});

/** Due at, interval, step, and when the advert leaves. */
const STEPS: readonly (readonly [number, number, number, number | null])[] = [
  [1003, 10, 50, 1000],
  [1005, 10, 50, 1000],
  // Too far: on the way, at a multiple of half of what it may be early.
  [1005.5, 10, 50, 1002.5],
  [1049.25, 10, 50, 1045],
  [1009.5, 100, 50, 1000],
  [1049.25, 100, 50, 1040],
  // The step is one of 100 ms.
  [1105, 100, 50, 1100],
  [1150, 100, 50, 1140],
  // The interval is no multiple of that.
  [1150, 105, 50, 1150],
  // It is there.
  [1050, 10, 50, 1050],
  [1050.25, 10, 50, 1050],
  // So short an interval allows for less than a millisecond.
  [1013.25, 1, 10, 1013],
  [1013, 1, 10, 1013],
  [1010.25, 1, 10, 1010],
  // A grid as fine as the clock is one.
  [1003.5, 10, 1, 1003],
  // The next one would be elsewhere again.
  [1003, 7, 50, null],
  [1003, 1, 50, null],
  [1003, 10, 0, null],
];

Deno.test("an advert gets to the steps of its host little by little", () => {
  for (const [atMs, intervalCs, stepMs, leavesMs] of STEPS) {
    const text = `${atMs} ms, every ${intervalCs} cs, steps of ${stepMs} ms`;
    assert.equal(adverStepMs(atMs, intervalCs, stepMs), leavesMs, text);
  }
});

for (const [intervalCs, stepMs, intervals] of [[100, 100, 20], [10, 50, 20]] as const) {
  Deno.test(`adverts every ${intervalCs} cs get to the steps though each wake is late`, () => {
    for (const lateMs of [0.01, 0.3, 0.9]) {
      // As RouterTimers.rearmAdver has it: the next is due an interval after one that left early.
      let dueMs = 10_000 + stepMs - 0.5;
      for (let sent = 0; sent < intervals; sent++) {
        const leftMs = adverStepMs(dueMs, intervalCs, 50)! + lateMs;
        dueMs = Math.min(dueMs, leftMs) + centisecondsToMs(intervalCs);
      }
      const leavesMs = adverStepMs(dueMs, intervalCs, 50)!;
      assert.equal(leavesMs % stepMs, 0, `${lateMs} ms late: ${leavesMs}`);
    }
  });
}
