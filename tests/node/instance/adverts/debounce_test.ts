import assert from "node:assert/strict";
import { Debounce } from "../../../../src/node/instance/adverts/debounce.ts";

Deno.test("something continues when it happened three times, over the span, without a longer pause", () => {
  const cases: readonly (readonly [readonly number[], readonly boolean[]])[] = [
    [[0, 500, 999, 1000], [false, false, false, true]],
    [[0, 1000, 1001], [false, false, true]],
    [[0, 2000, 4000], [false, false, true]],
    [[0, 2001, 2500, 3000, 3001], [false, false, false, false, true]],
    [[5000, 5500, 6000, 8001, 9001, 9002], [false, false, true, false, false, true]],
  ];
  for (const [times, expected] of cases) {
    const debounce = new Debounce(1000);
    assert.deepEqual(times.map((nowMs) => debounce.happened(nowMs)), expected, times.join());
  }
});
