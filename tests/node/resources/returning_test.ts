/** What goes together comes back together: what vipd's own next repair cures is no refusal and no alarm. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { RETRY_MS } from "../../../src/node/resources/reconciler.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";

const OWN = "192.168.31.11";
const ROUTE: RoutingEntry = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  via: "192.168.31.1",
  source: VIP.address,
  table: 254,
};
const VIRTUAL_MAC: Partial<InstanceConfig> = {
  virtualInterface: "vrrp.55",
  addresses: [{ ...VIP, device: "vrrp.55" }],
};

/** A master whose kernel takes the route only while what it needs `isThere`. */
function master(changes: Partial<InstanceConfig>, isThere: (lb: SimNode) => boolean) {
  const cluster = new SimCluster([{ routing: [ROUTE], ...changes }]);
  const [lb01] = cluster.nodes;
  const { host } = lb01!;
  const add = host.addRouting.bind(host);
  host.addRouting = (entry) =>
    isThere(lb01!) ? add(entry) : { code: "EINVAL", message: "Cannot put it: EINVAL" };
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  return { cluster, lb01: lb01! };
}

const dropRoute = ({ host }: SimNode) => host.changeRouting(() => []);
const held = ({ status }: SimNode) => [...status.addresses, ...status.routing].map((it) => it.held);
/** About refusals; an interface that stays down until the next try is a fault, which has an alarm of its own. */
const complaints = (lb: SimNode) => [
  ...lb.daemon!.status().alarms.map(({ code }) => code).filter((code) => code !== "fault"),
  ...lb.daemon!.journal.since().map(({ code }) => code).filter((code) => code.endsWith("_failed")),
];
const stealBoth = (lb: SimNode) => {
  lb.host.stealAddress(VIP.address);
  dropRoute(lb);
};

/** What another program does, and does once more a moment later; `needs`: what the route needs is there. */
const DEEDS: readonly {
  what: string;
  config?: Partial<InstanceConfig>;
  needs: (lb: SimNode) => boolean;
  deed: (lb: SimNode, again: boolean) => void;
}[] = [
  {
    what: "removes an address and the route with it as its source",
    needs: ({ host }) => host.virtualAddresses.length > 0,
    deed: stealBoth,
  },
  {
    what: "sets down a virtual interface with the route that leaves by it",
    config: VIRTUAL_MAC,
    needs: ({ host }) => host.interfaceState("vrrp.55")?.up === true,
    deed: (lb) => {
      lb.host.setMade("vrrp.55", false);
      dropRoute(lb);
    },
  },
  {
    what: "sets down a virtual interface, the second time with the route that leaves by it",
    config: VIRTUAL_MAC,
    needs: ({ host }) => host.interfaceState("vrrp.55")?.up === true,
    deed: (lb, again) => {
      lb.host.setMade("vrrp.55", false);
      if (again) dropRoute(lb);
    },
  },
];

for (const { what, config = {}, needs, deed } of DEEDS) {
  Deno.test(`if another program ${what}, twice within a second, all is back after it with no alarm`, () => {
    const { cluster, lb01 } = master(config, needs);
    deed(lb01, false);
    assert.deepEqual(held(lb01), [true, true], "the first time at once");
    cluster.run(300);
    deed(lb01, true);
    assert.equal(lb01.status.routing[0]!.held, false, "the second time a little later");
    assert.deepEqual(complaints(lb01), []);
    cluster.run(RETRY_MS - 300);
    assert.deepEqual(held(lb01), [true, true]);
    cluster.run(10_000);
    assert.deepEqual(complaints(lb01), []);
  });
}

Deno.test("a route that went with the host's own address is back with it, and was never refused", () => {
  const { cluster, lb01 } = master(
    {},
    ({ host }) => host.ownAddresses.some(({ address }) => address === OWN),
  );
  const all = lb01.host.ownAddresses;
  const others = all.filter(({ address }) => address !== OWN);
  lb01.host.setOwnAddresses(others, [VIP.address]);
  dropRoute(lb01);
  cluster.run(50);
  assert.deepEqual(held(lb01), [false, false]);
  lb01.host.setOwnAddresses(all);
  assert.deepEqual(held(lb01), [true, true]);
  assert.deepEqual(complaints(lb01), []);
});

Deno.test("a route that the kernel still refuses a second after its address is back is an alarm", () => {
  const { cluster, lb01 } = master({}, () => true);
  stealBoth(lb01);
  cluster.run(300);
  lb01.host.addRouting = () => ({ code: "EPERM", message: "Cannot put it: EPERM" });
  stealBoth(lb01);
  assert.deepEqual(complaints(lb01), []);
  cluster.run(2 * RETRY_MS - 310);
  assert.deepEqual(complaints(lb01), []);
  cluster.run(10);
  assert.deepEqual(complaints(lb01), ["resource_refused", "routing_failed"]);
});

Deno.test("an address that is removed as soon as it is back is an alarm within two seconds", () => {
  const { cluster, lb01 } = master({}, () => true);
  cluster.run(2 * RETRY_MS, () => lb01.holds && lb01.host.stealAddress(VIP.address));
  assert.deepEqual(complaints(lb01), ["resource_refused"]);
});
