/** Instances whose adverts name no address, or whose addresses are of both families. */

import assert from "node:assert/strict";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";

Deno.test("two nodes without addresses elect one master, and stay with it", async () => {
  const common = { addresses: [], leaseSeconds: null };
  const cluster = new SimCluster([{ priority: 150, ...common }, { priority: 100, ...common }]);
  const [lb01, lb02] = cluster.nodes;
  cluster.start();
  cluster.run(20_000);
  assert.deepEqual(cluster.nodes.map(({ status }) => status.state), ["master", "backup"]);
  assert.deepEqual(lb02!.status.counters.dropped, {});
  await cluster.settle(lb01!.daemon!.stop());
  cluster.run(10_000);
  assert.equal(lb02!.status.state, "master");
});

Deno.test("a node without addresses leaves the pair with addresses alone", () => {
  const cluster = new SimCluster([
    { priority: 150, addresses: [], leaseSeconds: null },
    { priority: 100 },
  ]);
  cluster.start();
  cluster.run(20_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.ok(cluster.nodes[1]!.status.counters.dropped.address_count_zero! > 0);
});

Deno.test("an address of the other family comes and goes with the instance", async () => {
  const other = {
    address: "2001:db8::5",
    prefixLength: 64,
    device: "eth1",
    advertise: false,
  } as const;
  const common = { addresses: [VIP, other] };
  const cluster = new SimCluster([{ priority: 150, ...common }, { priority: 100, ...common }]);
  const [lb01, lb02] = cluster.nodes;
  cluster.start();
  cluster.run(20_000);
  const held = () =>
    cluster.nodes.filter(({ host }) =>
      host.virtualAddresses.some(({ address }) => address === other.address)
    ).map(({ name }) => name);
  assert.deepEqual(held(), ["lb01"]);
  assert.deepEqual(lb02!.status.counters.dropped, {});
  await cluster.settle(lb01!.daemon!.stop());
  cluster.run(10_000);
  assert.deepEqual(held(), ["lb02"]);
});
