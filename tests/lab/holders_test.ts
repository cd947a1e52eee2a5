import assert from "node:assert/strict";
import { gaps, type Holding, overlaps, type Span } from "../../lab/holders.ts";

Deno.test("who held an address: overlaps and gaps", async (t) => {
  const cases: { name: string; holdings: Holding[]; overlaps: Span[]; gaps: Span[] }[] = [
    {
      name: "one after the other, with a pause",
      holdings: [held("lb01", 0, 100), held("lb02", 150, Infinity)],
      overlaps: [],
      gaps: [{ fromMs: 100, untilMs: 150 }],
    },
    {
      name: "the next before the last has gone",
      holdings: [held("lb01", 0, 100), held("lb02", 90, Infinity)],
      overlaps: [{ fromMs: 90, untilMs: 100 }],
      gaps: [],
    },
    {
      name: "at the same moment",
      holdings: [held("lb01", 0, 100), held("lb02", 100, 200)],
      overlaps: [],
      gaps: [],
    },
    {
      name: "both to the end",
      holdings: [held("lb01", 0, Infinity), held("lb02", 50, Infinity)],
      overlaps: [{ fromMs: 50, untilMs: Infinity }],
      gaps: [],
    },
    { name: "nobody ever", holdings: [], overlaps: [], gaps: [] },
  ];
  for (const each of cases) {
    await t.step(each.name, () => {
      assert.deepEqual(overlaps(each.holdings), each.overlaps);
      assert.deepEqual(gaps(each.holdings), each.gaps);
    });
  }
});

function held(host: string, fromMs: number, untilMs: number): Holding {
  return { host, fromMs, untilMs };
}
