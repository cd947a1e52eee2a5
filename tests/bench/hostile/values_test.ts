import assert from "node:assert/strict";
import { LabError } from "../../../lab/error.ts";
import type { HostileRow, RowOutcome } from "./row.ts";
import { otherRows, readOutcomes, rowValues } from "./values.ts";

const ROW: HostileRow = {
  name: "idle",
  title: "idle connections",
  onTimeMs: 130,
  besides: [],
  take: () => Promise.reject(new Error("not needed")),
};

const OUTCOMES: readonly RowOutcome[] = [
  {
    kind: "taken",
    common: {
      elections: 0,
      gapMs: 101.5,
      controlGapMs: 104,
      memory: { before: 1, half: 2, after: 3, peak: 4 },
    },
    besides: { back: 100 },
    controlBesides: {},
  },
  {
    kind: "taken",
    common: {
      elections: 1,
      gapMs: Infinity,
      controlGapMs: 104,
      memory: { before: 1, half: 2, after: NaN, peak: 4 },
    },
    besides: { back: Infinity },
    controlBesides: { back: Infinity },
  },
  { kind: "impossible", why: "it has no front" },
];

function written(durationMs: number): string {
  const result = { row: ROW, durationMs, outcomes: OUTCOMES, notes: [], failures: [] };
  return JSON.stringify({ hostile: [rowValues(result)] });
}

Deno.test("earlier runs come back as they were, those too that waited in vain or whose engine ended", () => {
  assert.deepEqual(readOutcomes(written(30_000), 30_000).get("idle"), OUTCOMES);
});

Deno.test("runs that lasted otherwise are not counted together", () => {
  assert.throws(() => readOutcomes(written(10_000), 30_000), LabError);
});

Deno.test("the rows that a measurement leaves alone are kept", () => {
  const text = written(30_000);
  assert.deepEqual(otherRows(text, ["idle"]), []);
  assert.deepEqual(otherRows(text, ["front"]), JSON.parse(text).hostile);
});
