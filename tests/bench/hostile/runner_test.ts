import assert from "node:assert/strict";
import { LabError } from "../../../lab/error.ts";
import type { HostileContext, HostileRow, RowOutcome } from "./row.ts";
import { type HostileOptions, takeRows } from "./runner.ts";

const TAKEN: RowOutcome = {
  kind: "taken",
  common: {
    elections: 0,
    gapMs: 101,
    controlGapMs: 101,
    memory: { before: 1, half: 1, after: 1, peak: 1 },
  },
  besides: {},
  controlBesides: {},
};

function row(name: string, take: (context: HostileContext) => RowOutcome): HostileRow {
  return {
    name,
    title: name,
    onTimeMs: 130,
    besides: [],
    take: (it) => new Promise((resolve) => resolve(take(it))),
  };
}

function options(more: Partial<HostileOptions>): HostileOptions {
  return {
    binary: undefined,
    runs: 2,
    durationMs: 30_000,
    earlier: new Map(),
    tell: () => {},
    keep: () => Promise.resolve(),
    ...more,
  };
}

Deno.test("each round takes the rows that have fewer runs, shares controls, and keeps each run", async () => {
  const took: string[] = [];
  const kept: number[][] = [];
  const rows = ["a", "b"].map((name) =>
    row(name, ({ controls }) => {
      took.push(controls.has("shared") ? `${name} shares` : name);
      controls.set("shared", { gapMs: 101, besides: {} });
      return TAKEN;
    })
  );
  const keep: HostileOptions["keep"] = (results) => {
    kept.push(results.map(({ outcomes }) => outcomes.length));
    return Promise.resolve();
  };
  await takeRows(rows, options({ keep, earlier: new Map([["a", [TAKEN]]]) }));
  assert.deepEqual(took, ["b", "a", "b shares"]);
  assert.deepEqual(kept, [[1, 1], [2, 1], [2, 2]]);
});

Deno.test("a run that yields nothing is named, and the next round tries the row again; what cannot be is not tried again", async () => {
  let [failed, impossible] = [0, 0];
  const [flaky, never] = await takeRows([
    row("flaky", () => {
      if (failed++ === 0) throw new LabError("nobody answered");
      return TAKEN;
    }),
    row("never", () => {
      impossible++;
      return { kind: "impossible", why: "no front" };
    }),
  ], options({}));
  assert.deepEqual(flaky!.failures, ["hostile-flaky, run 1: nobody answered"]);
  assert.deepEqual(flaky!.outcomes, [TAKEN]);
  assert.equal(impossible, 1);
  assert.equal(never!.outcomes.length, 1);
});
