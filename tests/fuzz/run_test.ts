/** What the fuzzer would say if a parser threw, hung or were never reached: told by itself, not by the parsers. */

import assert from "node:assert/strict";
import { attemptOf, outcomeOf } from "./attempt.ts";
import { below, fuzzTarget } from "./target.ts";

const PICKY = fuzzTarget<number>({
  name: "picky",
  title: "throws on 7",
  reaches: [],
  make: (random) => below(random, 10),
  check(input) {
    if (input === 7) throw new RangeError("seven");
    return "fine";
  },
  show: String,
});

Deno.test("an input on which a parser throws is told, and comes again with its number", async () => {
  const found: string[] = [];
  for (let input = 0; input < 100; input++) {
    const outcome = await outcomeOf(attemptOf(PICKY, 1, input));
    if ("problem" in outcome) {
      assert.match(outcome.problem, /seven/);
      found.push(attemptOf(PICKY, 1, input).show());
    }
  }
  assert.ok(found.length > 0 && found.every((it) => it === "7"), found.join());
});

Deno.test("an input that took longer than the slowest runs again, and its processor's time counts", async () => {
  let runs = 0;
  const waits = {
    run: async () => {
      runs++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return "fine";
    },
    show: () => "",
  };
  // Other tests of this process use its processor's time, too.
  const processor = (perRunMs: number) => () => runs * perRunMs;
  assert.deepEqual(await outcomeOf(waits, 10, processor(3)), { word: "fine", tookMs: 3 });
  assert.equal(runs, 2);
  assert.ok("problem" in await outcomeOf(waits, 10, processor(1001)));
  assert.equal(runs, 4);
  await outcomeOf(waits, 10_000, processor(3));
  assert.equal(runs, 5);
});
