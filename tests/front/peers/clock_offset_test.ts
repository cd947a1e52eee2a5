/** How far a peer's clock is ahead, from what its answers say. */

import assert from "node:assert/strict";
import {
  ClockOffset,
  sampleOfDate,
  sampleOfStatus,
} from "../../../src/front/peers/clock_offset.ts";

Deno.test("the time of an answer gives the offset, as exact as the answer was quick", () => {
  const asked = { fromMs: 1000, toMs: 1040 };
  assert.deepEqual(sampleOfStatus(5000, asked), { offsetMs: 3980, uncertaintyMs: 120 });
});

/** Date, and the offset, of a question that was begun at 10 s and answered after 40 ms. */
for (
  const [dateMs, offsetMs] of [
    [7500, 0],
    [10_000, 0],
    [3_610_000, 3_599_960],
    [-3_590_000, -3_597_000],
  ] as const
) {
  Deno.test(`a Date of ${dateMs / 1000} s may be old: no offset that it does not prove`, () => {
    const asked = { fromMs: 10_000, toMs: 10_040 };
    assert.deepEqual(sampleOfDate(dateMs, asked), { offsetMs, uncertaintyMs: 3040 });
  });
}

Deno.test("the most exact of the last eight answers decides, until another contradicts it", () => {
  const offset = new ClockOffset();
  assert.equal(offset.ms, null);
  const vague = { offsetMs: 0.4, uncertaintyMs: 500 };
  const exact = { offsetMs: 40, uncertaintyMs: 10 };
  const steps: readonly [string, typeof vague, number][] = [
    ["the first", vague, 0],
    ["a better one", exact, 40],
    ...Array.from(
      { length: 7 },
      () => ["a worse one", vague, 40] as [string, typeof vague, number],
    ),
    ["the better one is too old", vague, 0],
    ["better again", exact, 40],
    ["a clock was set", { offsetMs: 3_600_000, uncertaintyMs: 1000 }, 3_600_000],
    ["and set back", vague, 0],
  ];
  for (const [what, sample, ms] of steps) {
    offset.add(sample);
    assert.equal(offset.ms, ms, what);
  }
});
