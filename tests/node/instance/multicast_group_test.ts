/** Adverts in a multicast group of the pair's own, and the change to it while the pair runs. */

import assert from "node:assert/strict";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";

const OWN = { multicastGroup: "224.0.0.81" } as const;

Deno.test("a pair with a group of its own elects, fails over and discards nothing", () => {
  const cluster = new SimCluster([{ priority: 150, ...OWN }, { priority: 100, ...OWN }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  cluster.nodes[0]!.host.powerOff();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(cluster.nodes[1]!.status.counters.dropped, {});
});

Deno.test("a reload moves a running pair to another group, node by node", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const move = (node: SimNode) => {
    const instances = node.config.instances.map((instance) => ({ ...instance, ...OWN }));
    node.reload({ ...node.config, instances });
  };
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  move(lb01);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01", "lb02"], "neither hears the other's group");
  move(lb02);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
});
