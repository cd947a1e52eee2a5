/** Addresses that the master carries without naming them in its adverts. */

import assert from "node:assert/strict";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";
import { decodeAdvertisement } from "../../../src/wire/vrrp.ts";

const HIDDEN = { ...VIP, address: "192.168.31.6", label: "eth1:2", advertise: false } as const;

Deno.test("an address that is not advertised is carried, announced and not in the adverts", () => {
  const cluster = new SimCluster([{ addresses: [VIP, HIDDEN] }, { priority: 50 }]);
  const named: string[][] = [];
  cluster.network.watch((_, payload) => {
    const decoded = decodeAdvertisement(payload, {
      source: "192.168.31.11",
      destination: "224.0.0.18",
    });
    if (decoded.ok) named.push([...decoded.advertisement.addresses]);
  });
  cluster.start();
  cluster.run(10_000);
  const [lb01, lb02] = cluster.nodes;
  assert.deepEqual(
    lb01!.host.virtualAddresses.map(({ address }) => address),
    [VIP.address, HIDDEN.address],
  );
  assert.ok(named.length > 3);
  for (const addresses of named) assert.deepEqual(addresses, [VIP.address]);
  assert.deepEqual(lb01!.status.addresses.map(({ advertised }) => advertised), [true, false]);
  assert.equal(lb01!.host.announcements, 20);
  // A peer that does not carry it has no reason to complain.
  const codes = lb02!.daemon!.journal.since().map(({ code }) => code);
  assert.ok(!codes.includes("peer_differs"));
});
