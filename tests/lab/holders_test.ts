import assert from "node:assert/strict";
import { gaps, type Held, overlaps, possible, seen, type Span } from "../../lab/holders.ts";

Deno.test("who held an address: overlaps and gaps", async (t) => {
  const cases: { name: string; holdings: Held[]; overlaps: Span[]; gaps: Span[] }[] = [
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

function held(host: string, fromMs: number, untilMs: number): Held {
  return { host, fromMs, untilMs };
}

Deno.test("a late look makes neither an overlap nor a gap", () => {
  // lb01 let go after its look at 100, and the next one came at 317 only; lb02 likewise came after 90.
  const lost = { ...held("lb01", 0, 317), notBeforeMs: 0, seenUntilMs: 100 };
  const came = { ...held("lb02", 110, Infinity), notBeforeMs: 90, seenUntilMs: Infinity };
  assert.deepEqual(overlaps(seen([lost, came])), []);
  const early = { ...lost, untilMs: 105 };
  const late = { ...came, fromMs: 320, notBeforeMs: 103 };
  assert.deepEqual(gaps(possible([early, late])), []);
  // What two looks saw is none of that.
  const both = { ...lost, seenUntilMs: 300 };
  assert.deepEqual(overlaps(seen([both, came])), [{ fromMs: 110, untilMs: 300 }]);
  const nobody = { ...late, notBeforeMs: 310 };
  assert.deepEqual(gaps(possible([early, nobody])), [{ fromMs: 105, untilMs: 310 }]);
});
