import assert from "node:assert/strict";
import type { Held } from "../../lab/holders.ts";
import { type Bounds, type Condition, type Conditions, violations } from "./invariants.ts";

const BOUNDS: Bounds = {
  twoMs: 500,
  leaseMs: 4000,
  noneMs: 4000,
  mergeMs: 1000,
  readyMs: 3000,
};
const FROM_MS = 10_000;
const UNTIL_MS = 60_000;

const WELL = { connected: true, daemon: true, nginx: true };

function node(...changes: (Partial<Condition> & { atMs: number })[]): Condition[] {
  let last: Condition = { ...WELL, atMs: 0 };
  return [last, ...changes.map((change) => last = { ...last, ...change })];
}

function held(host: string, fromMs: number, untilMs = Infinity): Held {
  return { host, fromMs, untilMs };
}

Deno.test("what breaks an invariant, and what does not", async (t) => {
  const well = { lb01: node(), lb02: node() };
  const cases: [
    name: string,
    holdings: Held[],
    conditions: Conditions,
    found: (readonly [string, number, number])[],
  ][] = [
    ["one holder all the time", [held("lb01", 0)], well, []],
    [
      "a hand-over with both for a moment",
      [held("lb01", 0, 20_000), held("lb02", 19_600)],
      well,
      [],
    ],
    ["both for too long", [held("lb01", 0, 20_000), held("lb02", 19_400)], well, [
      ["two_holders", 19_400, 20_000],
    ]],
    ["both to the end", [held("lb01", 0), held("lb02", 59_000)], well, [
      ["two_holders", 59_000, 60_000],
    ]],
    [
      "nobody, as long as the protocol needs",
      [held("lb01", 0, 20_000), held("lb02", 24_000)],
      well,
      [],
    ],
    ["nobody for too long", [held("lb01", 0, 20_000), held("lb02", 24_001)], well, [
      ["no_holder", 20_000, 24_001],
      ["no_holder", 20_000, 24_001],
    ]],
    [
      "both in a network of their own, and an advert after it is one again",
      [held("lb01", 0), held("lb02", 20_000, 31_400)],
      {
        ...well,
        lb01: node({ atMs: 16_000, connected: false }, { atMs: 30_000, connected: true }),
      },
      [],
    ],
    [
      "both too long after their network is one again",
      [held("lb01", 0), held("lb02", 20_000, 31_600)],
      {
        ...well,
        lb01: node({ atMs: 16_000, connected: false }, { atMs: 30_000, connected: true }),
      },
      [["two_holders", 31_000, 31_600]],
    ],
    [
      "a daemon that died leaves its lease to one that preempts",
      [held("lb01", 0, 34_300), held("lb02", 30_500)],
      { ...well, lb01: node({ atMs: 30_400, daemon: false }) },
      [],
    ],
    [
      "and no longer",
      [held("lb01", 0, 35_000), held("lb02", 30_500)],
      { ...well, lb01: node({ atMs: 30_400, daemon: false }) },
      [["two_holders", 34_400, 35_000]],
    ],
    [
      "a holder that nobody reaches serves nobody",
      [held("lb01", 0), held("lb02", 25_000)],
      { ...well, lb01: node({ atMs: 20_000, connected: false }) },
      [["no_holder", 20_000, 25_000]],
    ],
    [
      "nor does one whose nginx is dead",
      [held("lb01", 0, 26_000), held("lb02", 26_000)],
      { ...well, lb01: node({ atMs: 20_000, nginx: false }) },
      [["no_holder", 20_000, 26_000]],
    ],
    [
      "nobody, but nobody could",
      [held("lb01", 0, 20_000)],
      { lb01: node({ atMs: 20_000, daemon: false }), lb02: node({ atMs: 15_000, nginx: false }) },
      [],
    ],
    [
      "a node that has come back has its time to start",
      [held("lb01", 0, 20_000), held("lb02", 36_900)],
      {
        lb01: node({ atMs: 20_000, daemon: false }),
        lb02: node({ atMs: 15_000, daemon: false }, { atMs: 30_000, daemon: true }),
      },
      [],
    ],
    [
      "and no more than that",
      [held("lb01", 0, 20_000), held("lb02", 37_100)],
      {
        lb01: node({ atMs: 20_000, daemon: false }),
        lb02: node({ atMs: 15_000, daemon: false }, { atMs: 30_000, daemon: true }),
      },
      [["no_holder", 33_000, 37_100]],
    ],
  ];
  for (const [name, holdings, conditions, expected] of cases) {
    await t.step(name, () => {
      const found = violations(holdings, conditions, BOUNDS, FROM_MS, UNTIL_MS);
      assert.deepEqual(found.map(({ kind, fromMs, untilMs }) => [kind, fromMs, untilMs]), expected);
    });
  }
});
