/** A pair whose only address is changed, node by node: it is no other pair. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { edit } from "../reload/reloading_pair.ts";
import {
  holders,
  OTHER,
  OTHER6,
  type Settings,
  SIGNED,
  signed,
  V3,
  V6,
  VIP6,
} from "./vrid_settings.ts";

const alarms = (node: SimNode) => node.daemon!.status().alarms;

/** Both nodes have one address; it becomes another one, on each node when that is reloaded. */
const CHANGES: readonly (readonly [string, Partial<InstanceConfig>, Settings, Settings])[] = [
  ["version 2", {}, { addresses: [VIP] }, { addresses: [OTHER] }],
  ["version 3", V3, { addresses: [VIP] }, { addresses: [OTHER] }],
  ["version 3 over IPv6", V6, { addresses: [VIP6] }, { addresses: [OTHER6] }],
  ["signed", { ...V3, ...SIGNED }, { addresses: [VIP] }, { addresses: [OTHER] }],
  [
    "signatures are not demanded",
    { ...V3, authentication: signed(7, "permissive") },
    { addresses: [VIP] },
    { addresses: [OTHER] },
  ],
];

Deno.test("a pair whose only address is changed, either node first, has one master throughout", async (t) => {
  for (const [name, common, before, after] of CHANGES) {
    for (const order of [[0, 1], [1, 0]] as const) {
      await t.step(`${name}, lb0${order[0] + 1} first`, () => {
        const cluster = new SimCluster([
          { ...common, ...before, priority: 150 },
          { ...common, ...before, priority: 100 },
        ]);
        const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
        cluster.start();
        cluster.run(60_000);
        let wrong = 0;
        const look = () => {
          const states = [lb01.status.state, lb02.status.state].join();
          const holding = cluster.nodes.filter(({ host }) => host.virtualAddresses.length > 0);
          if (states !== "master,backup" || holding.length !== 1) wrong++;
        };
        for (const index of order) {
          edit(cluster.nodes[index]!, after);
          cluster.run(25 * 60_000, look);
        }
        assert.equal(wrong, 0);
        assert.deepEqual(holders(cluster, after.addresses[0]!.address), ["lb01"]);
        const told = lb02.daemon!.journal.since().flatMap(({ alarm }) => alarm ?? []);
        assert.deepEqual(told, ["peer_differs", "peer_differs"], "raised and cleared");
        assert.deepEqual(alarms(lb02), []);
      });
    }
  }
});
