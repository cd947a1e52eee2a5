/** The same address under two VRIDs, on nodes that know nothing of each other. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { edit } from "../reload/reloading_pair.ts";

const VIP6 = { address: "fe80::5", prefixLength: 64, device: "eth1" };
const V3 = { version: 3, authentication: { type: "none" } } as const;
const V6 = { ...V3, family: "ipv6", addresses: [VIP6] } as const;

function pair(changes: Partial<InstanceConfig>, second: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([
    { ...changes, priority: 150 },
    { ...changes, priority: 100, vrid: 56, ...second },
  ]);
  cluster.start();
  cluster.run(20_000);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  return { cluster, lb01, lb02 };
}

const alarms = (node: SimNode) => node.daemon!.status().alarms;
const codes = (node: SimNode) => alarms(node).map(({ code }) => code).sort();

Deno.test("another VRID with our address is named as what it is, on both nodes", async (t) => {
  for (const [name, changes] of [["version 2", {}], ["version 3", V3], ["IPv6", V6]] as const) {
    await t.step(name, () => {
      const { cluster, lb01, lb02 } = pair(changes);
      for (const node of [lb01, lb02]) {
        assert.deepEqual(codes(node), ["vrid_differs"]);
      }
      const text = alarms(lb01).flatMap(({ message, evidence }) => [message, evidence]).join("\n");
      assert.match(text, /\S+12 advertises \S+5 under VRID 56, this node under VRID 55/);
      assert.match(text, /it is \S+12, which advertises it under VRID 56/);
      assert.doesNotMatch(text, /no VRRP of it arrives/);
      edit(lb02, { vrid: 55 });
      cluster.run(20_000);
      assert.deepEqual([codes(lb01), codes(lb02)], [[], []]);
      assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
    });
  }
});

Deno.test("another VRID with other addresses, or that lets go, concerns nobody", () => {
  const { cluster, lb01, lb02 } = pair({}, { addresses: [{ ...VIP, address: "192.168.31.6" }] });
  assert.deepEqual([codes(lb01), codes(lb02)], [[], []]);
  assert.ok(lb01.daemon!.status().dropped.unknown_vrid! > 10);
  cluster.run(10_000);
  assert.deepEqual(codes(lb01), []);
});

Deno.test("addresses that a reload brings are looked for from then on", () => {
  const { cluster, lb01 } = pair({}, { addresses: [{ ...VIP, address: "192.168.31.6" }] });
  edit(lb01, { addresses: [VIP, { ...VIP, address: "192.168.31.6" }] });
  cluster.run(3000);
  assert.ok(codes(lb01).includes("vrid_differs"));
});
