/** Adverts in a multicast group of the pair's own, and the change to it while the pair runs. */

import assert from "node:assert/strict";
import { SimCluster } from "../../../src/sim/cluster.ts";

const OWN = { multicastGroup: "224.0.0.81" } as const;

Deno.test("a pair with a group of its own elects, fails over and discards nothing", () => {
  const cluster = new SimCluster([{ priority: 150, ...OWN }, { priority: 100, ...OWN }]);
  const destinations = heardDestinations(cluster);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  cluster.nodes[0]!.host.powerOff();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(cluster.nodes[1]!.status.counters.dropped, {});
  assert.deepEqual([...destinations], ["224.0.0.81"]);
});

Deno.test("nodes in two groups do not hear each other", () => {
  const cluster = new SimCluster([{ priority: 150, ...OWN }, { priority: 100 }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01", "lb02"]);
});

Deno.test("a reload moves a running pair to another group, node by node", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const destinations = heardDestinations(cluster);
  cluster.start();
  cluster.run(10_000);
  for (const node of cluster.nodes) {
    const instances = node.config.instances.map((instance) => ({ ...instance, ...OWN }));
    node.reload({ ...node.config, instances });
  }
  destinations.clear();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual([...destinations], ["224.0.0.81"]);
  const [lb01, lb02] = cluster.nodes;
  assert.deepEqual([lb01!.status.state, lb02!.status.state], ["master", "backup"]);
});

/** Where adverts went so far. */
function heardDestinations(cluster: SimCluster): Set<string> {
  const destinations = new Set<string>();
  for (const { host } of cluster.nodes) {
    host.listeners.onFrame(({ destination }) => void destinations.add(destination));
  }
  return destinations;
}
