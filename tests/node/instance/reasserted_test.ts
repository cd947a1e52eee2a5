/** A master that was one all the time says so when a weaker one has yielded to it: once for each partition. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { GOOD_LINK } from "../../../src/sim/network.ts";
import { handOversAndRestart } from "../elected_pair.ts";

const V3 = { version: 3, authentication: { type: "none" } } as const;
const SETTINGS: readonly (readonly [string, Partial<InstanceConfig>])[] = [
  ["version 2", {}],
  ["version 3, 100 ms", { ...V3, advertIntervalCs: 10 }],
];

function pair(changes: Partial<InstanceConfig>) {
  const cluster = new SimCluster([{ ...changes, priority: 150 }, { ...changes, priority: 100 }]);
  cluster.start();
  cluster.run(20_000);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  return { cluster, lb01, lb02 };
}

function reasserted(node: SimNode): string[] {
  return node.daemon!.journal.since().filter(({ code }) => code === "reasserted")
    .map(({ message, priority }) => `${message} (${priority})`);
}

for (const [name, changes] of SETTINGS) {
  Deno.test(`${name}: a partition in both directions is reported once, by the master that stays`, () => {
    const { cluster, lb01, lb02 } = pair(changes);
    for (let round = 1; round <= 3; round++) {
      cluster.network.partition(["lb01"], ["lb02"]);
      cluster.run(6000);
      assert.deepEqual(cluster.holders, ["lb01", "lb02"]);
      cluster.network.heal();
      cluster.run(6000);
      assert.equal(reasserted(lb01).length, round);
    }
    assert.equal(
      reasserted(lb01)[0],
      "VI_1: is still master: 192.168.31.12 with priority 100 was master too and has yielded (150)",
    );
    assert.equal(lb01.status.counters.became_master, 1);
    assert.deepEqual(reasserted(lb02), []);
  });

  Deno.test(`${name}: a master that is heard but does not hear is reported when it has yielded`, () => {
    const { cluster, lb01, lb02 } = pair(changes);
    cluster.network.setDirection("lb01", "lb02", { ...GOOD_LINK, loss: 1 });
    cluster.run(30_000);
    assert.equal(lb02.status.state, "master");
    assert.deepEqual(reasserted(lb01), [], "it still serves the address elsewhere");
    cluster.network.heal();
    cluster.run(6000);
    assert.equal(reasserted(lb01).length, 1);
  });

  Deno.test(`${name}: a link that loses very many adverts brings one report in ten seconds at most`, () => {
    const { cluster, lb01 } = pair(changes);
    cluster.network.setConditions({ ...GOOD_LINK, loss: 0.5 });
    cluster.network.setDirection("lb01", "lb02", { ...GOOD_LINK, loss: 1 });
    cluster.run(60_000);
    const count = reasserted(lb01).length;
    assert.ok(count >= 2 && count <= 6, `${count}`);
  });

  Deno.test(`${name}: elections, hand-overs and restarts are no partition`, async () => {
    const { cluster, lb01, lb02 } = pair(changes);
    for (let round = 0; round < 3; round++) {
      await handOversAndRestart({ cluster, lb01, lb02 });
      assert.deepEqual([...reasserted(lb01), ...reasserted(lb02)], []);
    }
  });
}
