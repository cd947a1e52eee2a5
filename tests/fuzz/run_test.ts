/** What the fuzzer would say if a parser threw, hung or were never reached: told by itself, not by the parsers. */

import assert from "node:assert/strict";
import { seededRandom } from "../../src/sim/random.ts";
import { attemptOf, outcomeOf } from "./attempt.ts";
import { mutateOctets } from "./mutate_octets.ts";
import { mutateText } from "./mutate_text.ts";
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
      await new Promise((resolve) => setTimeout(resolve, 300));
      return "fine";
    },
    show: () => "",
  };
  const outcome = await outcomeOf(waits, 10);
  assert.ok("word" in outcome && outcome.tookMs < 200, JSON.stringify(outcome));
  assert.equal(runs, 2);
  await outcomeOf(waits, 10_000);
  assert.equal(runs, 3);
});

Deno.test("the same seed damages in the same way, another in another", () => {
  const corpus = [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), new Uint8Array(40)];
  const octets = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => mutateOctets(corpus, random).toHex()).join();
  };
  const text = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 50 }, () => mutateText(["a: 1\nb: 2\n"], ["c"], random)).join();
  };
  assert.equal(octets(1), octets(1));
  assert.notEqual(octets(1), octets(2));
  assert.equal(text(1), text(1));
  assert.notEqual(text(1), text(2));
  assert.deepEqual([...corpus[0]!], [1, 2, 3, 4, 5, 6, 7, 8], "the corpus itself stays whole");
});
