/** Causes in any order, on virtual time: each moves the address of a pair once at most. */

import assert from "node:assert/strict";
import { seededRandom } from "../../../src/sim/random.ts";
import { pair, watch, WEIGHT } from "./last_resort_pair.ts";

Deno.test("whatever fails and recovers when, somebody serves, and each cause moves the address once", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const off = { damping: { moves: 0, withinMs: 1000, holdAfterMs: 1000 } };
    const { cluster } = pair(
      { ...off, preempt: random() < 0.5 },
      { ...off, preempt: random() < 0.5, ...(random() < 0.3 && { track: [WEIGHT] }) },
    );
    for (let cause = 0; cause < 8; cause++) {
      const node = cluster.nodes[Math.floor(random() * 2)]!;
      node.host.setCheck("nginx", random() < 0.5);
      const { moves, unheldMs } = watch(cluster, 15_000);
      assert.ok(moves <= 1 && unheldMs === 0, `seed ${seed}: ${moves} moves, ${unheldMs} ms`);
    }
  }
});
