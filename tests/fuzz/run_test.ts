/** What the fuzzer would say if a parser threw, hung or were never reached: told by itself, not by the parsers. */

import assert from "node:assert/strict";
import { attemptOf, outcomeOf } from "./attempt.ts";
import { HangWatch } from "./run.ts";
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

Deno.test("an input on which a parser throws is reported, and comes again with its number", async () => {
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

Deno.test("an input hangs by the processor's time; one that waits for something, much later", () => {
  const watch = new HangWatch();
  const at = (nowS: number, processorS: number) => ({
    nowMs: nowS * 1000,
    processorMs: processorS * 1000,
  });
  assert.equal(watch.look(0, at(0, 5)), null);
  // The machine is busy: a minute, and little of the processor.
  assert.equal(watch.look(0, at(60, 6)), null);
  assert.equal(watch.look(1, at(500, 24)), null);
  assert.equal(watch.look(1, at(501, 44)), null);
  assert.match(watch.look(1, at(502, 45)) ?? "", /20 s of the processor's time/);
  assert.equal(watch.look(2, at(503, 46)), null);
  assert.match(watch.look(2, at(1104, 46)) ?? "", /more than 600 s/);
});
