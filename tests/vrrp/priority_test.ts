import assert from "node:assert/strict";
import {
  effectivePriority,
  numberFault,
  type Override,
  PRIORITY_MAX,
  PRIORITY_MIN,
  PRIORITY_UNWILLING,
  type WeightedPart,
} from "../../src/vrrp/priority.ts";

function part(what: string, weight: number, ok: boolean | null, reverse = false): WeightedPart {
  return { what, weight, reverse, ok };
}

const CASES: readonly {
  readonly name: string;
  readonly configured: number;
  readonly parts?: readonly WeightedPart[];
  readonly order?: Override;
  readonly effective: number;
  /** `what change` of each reason. */
  readonly reasons: readonly string[];
}[] = [
  { name: "nothing tracked", configured: 100, effective: 100, reasons: [] },
  {
    name: "a negative weight counts while its part is down",
    configured: 150,
    parts: [part("check nginx", -60, false)],
    effective: 90,
    reasons: ["check nginx is down -60"],
  },
  {
    name: "a negative weight does not count while its part is up",
    configured: 150,
    parts: [part("check nginx", -60, true)],
    effective: 150,
    reasons: [],
  },
  {
    name: "a positive weight counts while its part is up",
    configured: 100,
    parts: [part("interface eth0", 20, true)],
    effective: 120,
    reasons: ["interface eth0 is up 20"],
  },
  {
    name: "the number of a file counts times the weight, whatever the sign, and nothing at 0",
    configured: 100,
    parts: [
      { ...part("check load", -2, false), number: 20 },
      { ...part("check back", 3, false, true), number: -4 },
      { ...part("check none", 5, true), number: 0 },
    ],
    effective: 72,
    reasons: ["check load holds 20 -40", "check back holds -4 12"],
  },
  {
    name: "the number of a file adds 253 at most",
    configured: 100,
    parts: [{ ...part("check load", 253, false), number: 2_000_000_000 }, part("x", -200, false)],
    effective: 153,
    reasons: ["check load holds 2000000000 253", "x is down -200"],
  },
  {
    name: "the number of a file takes 254 at most",
    configured: 254,
    parts: [{ ...part("check load", 253, true), number: -2_000_000_000 }, part("x", 100, true)],
    effective: 100,
    reasons: ["check load holds -2000000000 -254", "x is up 100"],
  },
  {
    name: "a positive weight does not count while its part is down",
    configured: 100,
    parts: [part("interface eth0", 20, false)],
    effective: 100,
    reasons: [],
  },
  {
    name: "a reversed negative weight is added while its part is down",
    configured: 100,
    parts: [part("check other", -30, false, true), part("check nginx", -30, true, true)],
    effective: 130,
    reasons: ["check other is down 30"],
  },
  {
    name: "a reversed positive weight is taken away while its part is up",
    configured: 100,
    parts: [part("check drain", 30, true, true), part("check other", 30, false, true)],
    effective: 70,
    reasons: ["check drain is up -30"],
  },
  {
    name: "what is not known yet does not count either way",
    configured: 100,
    parts: [part("a", 20, null), part("b", -20, null)],
    effective: 100,
    reasons: [],
  },
  {
    name: "several parts add up in order",
    configured: 100,
    parts: [part("a", 20, true), part("b", -50, false), part("c", -5, true), part("d", 1, true)],
    effective: 71,
    reasons: ["a is up 20", "b is down -50", "d is up 1"],
  },
  {
    name: "never below 1",
    configured: 50,
    parts: [part("a", -200, false)],
    effective: 1,
    reasons: ["a is down -200", "kept within 1 to 254 151"],
  },
  {
    name: "never up to the owner's 255",
    configured: 250,
    parts: [part("a", 100, true)],
    effective: 254,
    reasons: ["a is up 100", "kept within 1 to 254 -96"],
  },
  {
    name: "the sum is kept within bounds, not each step",
    configured: 10,
    parts: [part("a", -100, false), part("b", 120, true)],
    effective: 30,
    reasons: ["a is down -100", "b is up 120"],
  },
  {
    name: "the owner is not moved by weights",
    configured: 255,
    parts: [part("a", -100, false)],
    effective: 255,
    reasons: [],
  },
  {
    name: "promoted",
    configured: 100,
    order: { kind: "promoted" },
    effective: 254,
    reasons: ["promoted manually 154"],
  },
  {
    name: "the owner promoted is still the owner",
    configured: 255,
    order: { kind: "promoted" },
    effective: 255,
    reasons: ["promoted manually 0"],
  },
  {
    name: "demoted",
    configured: 200,
    order: { kind: "demoted" },
    effective: 1,
    reasons: ["demoted manually -199"],
  },
  {
    name: "a priority manually stands above weights",
    configured: 100,
    parts: [part("a", -60, false)],
    order: { kind: "priority", priority: 120 },
    effective: 120,
    reasons: ["priority set manually 20"],
  },
];

Deno.test("the effective priority and what moved it", async (t) => {
  for (const { name, configured, parts = [], order = null, effective, reasons } of CASES) {
    await t.step(name, () => {
      const result = effectivePriority(configured, parts, order);
      assert.equal(result.effective, effective);
      assert.deepEqual(result.reasons.map(({ what, change }) => `${what} ${change}`), reasons);
      const sum = result.reasons.reduce((total, { change }) => total + change, configured);
      assert.equal(sum, effective, "the reasons add up");
    });
  }
});

Deno.test("limits lower the priority, the mildest first, and each that does is named", () => {
  const limits = (...most: (1 | 2)[]) =>
    most.map((each) => ({ what: `at most ${each}`, most: each }));
  const cases: readonly (readonly [number, readonly (1 | 2)[], number, readonly string[]])[] = [
    [100, [], 100, []],
    [100, [2], 2, ["at most 2 -98"]],
    [100, [2, 1], 1, ["at most 2 -98", "at most 1 -1"]],
    [100, [1, 2], 1, ["at most 2 -98", "at most 1 -1"]],
    [100, [1, 1], 1, ["at most 1 -99"]],
    [2, [2], 2, []],
    [3, [2], 2, ["at most 2 -1"]],
    [1, [2, 1], 1, []],
  ];
  for (const [configured, most, effective, reasons] of cases) {
    const result = effectivePriority(configured, [], null, limits(...most));
    assert.equal(result.effective, effective);
    assert.deepEqual(result.reasons.map(({ what, change }) => `${what} ${change}`), reasons);
  }
  assert.deepEqual(effectivePriority(100, [part("a", -50, false)], null, limits(1)).reasons, [
    { what: "a is down", change: -50 },
    { what: "at most 1", change: -49 },
  ]);
  assert.equal(effectivePriority(100, [], { kind: "promoted" }, limits(2)).effective, 2);
});

Deno.test("a number that takes more than all priorities is a fault", () => {
  const fault = (number: number | undefined, weight: number, reverse = false) =>
    numberFault({
      ...part("check load", weight, true, reverse),
      ...(number !== undefined && { number }),
    });
  assert.equal(fault(undefined, -1), null);
  assert.equal(fault(253, -1), null);
  assert.equal(fault(254, -1), "check load holds 254: times -1 it is less than -253");
  assert.equal(fault(1000, 1), null);
  assert.equal(
    fault(127, 2, true),
    "check load holds 127: times 2, reversed, it is less than -253",
  );
});

Deno.test("priorities are 1 to 254, and the last resort before the lowest is 2", () => {
  assert.deepEqual([PRIORITY_MIN, PRIORITY_UNWILLING, PRIORITY_MAX], [1, 2, 254]);
});
