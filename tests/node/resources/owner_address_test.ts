import assert from "node:assert/strict";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";

const OWN = { ...VIP, address: "192.168.31.11" };

function ofPriority(priority: number) {
  const cluster = new SimCluster([
    { priority, addresses: [OWN] },
    { priority: 100, addresses: [OWN] },
  ]);
  cluster.start();
  cluster.run(10_000);
  return { cluster, lb01: cluster.nodes[0]!, lb02: cluster.nodes[1]! };
}

Deno.test("the owner serves its only address, and keeps it when it lets go", async () => {
  const { cluster, lb01, lb02 } = ofPriority(255);
  assert.equal(lb01.status.state, "master");
  assert.equal(lb01.status.reason.code, "owner");
  assert.equal(lb01.status.addresses[0]!.held, true);
  assert.deepEqual(lb01.host.virtualAddresses, [], "it is the host's, not vipd's");
  assert.deepEqual(lb01.daemon!.status().alarms, []);
  await cluster.settle(lb01.daemon!.stop());
  assert.equal(lb02.status.state, "master");
  assert.equal(lb01.host.interfaceState("eth1")?.addresses[0]?.address, OWN.address);
});

Deno.test("a virtual address that is the host's own raises an alarm on any other node, and is left alone", () => {
  const { lb01, lb02 } = ofPriority(150);
  const [alarm] = lb01.daemon!.status().alarms;
  assert.equal(alarm?.code, "address_on_backup");
  assert.match(alarm.evidence![0]!, /192\.168\.31\.11 on eth1 is this host's own address/);
  assert.equal(lb01.host.interfaceState("eth1")?.addresses[0]?.address, OWN.address);
  assert.ok(!lb02.daemon!.status().alarms.some(({ code }) => code === "own_address"));
});
