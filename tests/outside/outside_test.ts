/**
 * A short run of what `deno task outside` does for long: two kinds of pair at one time. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { tell } from "../../lab/command.ts";
import { fetchPackages } from "../../lab/vipd.ts";
import { atOnce, type Step } from "../at_once.ts";
import { kindOf, outside } from "./outside.ts";

/** One with the addresses on eth1 and preempt, one with virtual MAC addresses, unicast and without preempt. */
const SEEDS = [12, 20] as const;
const STEPS = 30;

Deno.test("whatever others change, the pair is where the model says", async (t) => {
  const binary = Deno.env.get("VIPD_BINARY");
  if (binary === undefined) await fetchPackages();
  await atOnce(
    t,
    SEEDS.map((seed): Step => [
      `${STEPS} steps, seed ${seed}: ${JSON.stringify(kindOf(seed))}`,
      async () => {
        const { taken, voided, problem } = await outside({
          seed,
          steps: STEPS,
          binary,
          tell: () => {},
        });
        const again = `Again: deno task outside --seed ${seed} --steps ${taken}`;
        if (voided > 0) tell(`seed ${seed}: the machine was too busy for ${voided} steps`);
        assert.deepEqual(problem, [], [...problem, again].join("\n"));
        assert.equal(taken, STEPS);
      },
    ]),
  );
});
