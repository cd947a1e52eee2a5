import assert from "node:assert/strict";
import { atMost } from "../scenario.ts";
import { hostileLine, missed } from "./report.ts";
import type { HostileRow, RowOutcome, WireAndMemory } from "./row.ts";

const MEBIBYTE = 1024 * 1024;
const ROW: HostileRow = {
  name: "idle",
  title: "idle connections",
  onTimeMs: 130,
  besides: [{
    id: "back",
    title: "answers after",
    unit: "ms",
    watched: 15_000,
    target: atMost(5000, "5 s"),
  }],
  take: () => Promise.reject(new Error("not needed")),
};

/** A run that meets everything, but for what is given. */
function taken(
  common: Partial<Omit<WireAndMemory, "memory">> & {
    memory?: [before: number, half: number, after: number, peak?: number];
  },
  back = 100,
): Extract<RowOutcome, { kind: "taken" }> {
  const { memory: [before, half, after, peak = 56] = [24, 25, 25], ...wire } = common;
  return {
    kind: "taken",
    common: {
      elections: 0,
      gapMs: 105,
      controlGapMs: 104,
      ...wire,
      memory: {
        before: before * MEBIBYTE,
        half: half * MEBIBYTE,
        after: after * MEBIBYTE,
        peak: peak * MEBIBYTE,
      },
    },
    besides: { back },
    controlBesides: {},
  };
}

Deno.test("what a run misses", () => {
  const cases: [ReturnType<typeof taken>, string[]][] = [
    [taken({}), []],
    [taken({ elections: 1 }), ["elections"]],
    [taken({ gapMs: 130 }), []],
    [taken({ gapMs: 131 }), ["gap"]],
    // As late as the machine itself is no fault.
    [taken({ gapMs: 170, controlGapMs: 150 }), []],
    [taken({ gapMs: 171, controlGapMs: 150 }), ["gap"]],
    [taken({ gapMs: 131, controlGapMs: Infinity }), ["gap"]],
    [taken({ memory: [24, 48, 56] }), []],
    [taken({ memory: [24, 47, 56] }), ["memory"]],
    // Collected half-way, and back to what it was at the start.
    [taken({ memory: [48, 40, 56] }), []],
    [taken({ memory: [24, 25, 25, 57] }), ["memory"]],
    [taken({ memory: [24, 40, NaN] }), ["memory"]],
    [taken({}, 5001), ["back"]],
    [taken({}, NaN), ["back"]],
  ];
  for (const [run, names] of cases) assert.deepEqual(missed(ROW, run), names);
});

Deno.test("a line has the medians, and is met if every run is", () => {
  const line = hostileLine(ROW, [taken({}), taken({ gapMs: 110 }), taken({ gapMs: 107 })], 30_000);
  assert.deepEqual(line, [
    "idle connections",
    "3 of 30 s",
    "0",
    "107.0 ms (105.0 to 110.0 ms)",
    "104.0 ms",
    "24.0 MB, 25.0 MB, 25.0 MB; at most 56.0 MB",
    "answers after: 100.0 ms (≤ 5 s)",
    "yes",
  ]);
  const missedOnce = hostileLine(ROW, [taken({}), taken({ elections: 2 }, Infinity)], 30_000);
  assert.equal(missedOnce.at(-1), "no (1 of 2): elections, back");
  assert.match(hostileLine(ROW, [taken({ memory: [24, 24, NaN] })], 30_000)[5]!, /its end/);
});

Deno.test("what cannot be done to this vipd says why", () => {
  const line = hostileLine(ROW, [{ kind: "impossible", why: "it has no front" }], 30_000);
  assert.deepEqual(line, ["idle connections", "", "", "", "", "", "it has no front", ""]);
});
