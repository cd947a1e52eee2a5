import assert from "node:assert/strict";
import type { InstanceConfig } from "../../src/config/model.ts";
import type { RoutingEntry } from "../../src/node/host.ts";
import { FIRST_FAULT_MS } from "../../src/node/refused_resources.ts";
import { SimCluster, type SimNode, VIP } from "../../src/sim/cluster.ts";
import { skewTimeMs } from "../../src/vrrp/timers.ts";

const LEASE_MS = 3000;
const SKEW_MS = skewTimeMs(2, 100, 100);
const ROUTE: RoutingEntry = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  via: "192.168.31.1",
  table: 254,
};
const REFUSAL = { code: "EACCES", message: "Cannot put it: rtnetlink: EACCES, IPv6 is disabled" };

function electedPair(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{ priority: 150, ...changes }, { priority: 100, ...changes }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  const [lb01, lb02] = cluster.nodes;
  return { cluster, lb01: lb01!, lb02: lb02! };
}

const count = (node: SimNode, code: string) =>
  node.daemon!.journal.since().filter((entry) => entry.code === code).length;
const alarms = (node: SimNode) => node.daemon!.status().alarms.map(({ code }) => code);

/** What is taken, so that it must be put back, which the kernel refuses. */
const CASES:
  readonly (readonly [string, Partial<InstanceConfig>, string, (lb: SimNode) => void])[] = [
    ["an address", {}, VIP.address, (lb) => lb.host.stealAddress(VIP.address)],
    ["a route", { routing: [ROUTE] }, "10.1.0.0", (lb) => lb.host.changeRouting(() => [])],
  ];

for (const [what, changes, refused, take] of CASES) {
  Deno.test(`${what} that the kernel refuses is one entry, an alarm, and a fault after a lease`, () => {
    const { cluster, lb01, lb02 } = electedPair(changes);
    const code = changes.routing ? "routing_failed" : "address_failed";
    lb01.host.refuses.set(refused, REFUSAL);
    take(lb01);
    assert.deepEqual(alarms(lb01), ["resource_refused"]);
    const held = changes.routing ? lb01.status.routing[0]!.held : lb01.status.addresses[0]!.held;
    assert.equal(held, false);
    cluster.run(LEASE_MS - 10);
    assert.equal(lb01.status.handing_over, false);
    assert.equal(count(lb01, code), 1, "tried again each second, told once");
    cluster.run(20);
    assert.equal(lb01.status.handing_over, true);
    assert.match(lb01.status.faults.join(), /EACCES/);
    cluster.run(SKEW_MS + 10);
    assert.equal(lb01.status.state, "fault");
    assert.deepEqual(cluster.holders, ["lb02"]);
    assert.deepEqual(alarms(lb01), ["resource_refused"]);
    // It is tried out: the first refusal is enough, and the other node serves again.
    cluster.run(FIRST_FAULT_MS + 10_000);
    assert.equal(lb01.status.state, "fault");
    assert.equal(lb01.status.counters.became_master, 2, "tried");
    assert.deepEqual(cluster.holders, ["lb02"]);
    lb01.host.refuses.clear();
    cluster.run(3 * FIRST_FAULT_MS);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.equal(lb02.status.state, "backup");
    assert.deepEqual(alarms(lb01), []);
  });
}

Deno.test("a refusal that ends within a lease moves nothing", () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.refuses.set(VIP.address, REFUSAL);
  lb01.host.stealAddress(VIP.address);
  cluster.run(1500);
  lb01.host.refuses.clear();
  cluster.run(60_000);
  assert.equal(lb01.status.counters.became_master, 1);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(alarms(lb01), []);
});

Deno.test("another answer of the kernel is another entry", () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.refuses.set(VIP.address, REFUSAL);
  lb01.host.stealAddress(VIP.address);
  cluster.run(1500);
  lb01.host.refuses.set(VIP.address, { code: "EPERM", message: "Cannot put it: EPERM" });
  cluster.run(1400);
  assert.equal(count(lb01, "address_failed"), 2);
});

Deno.test("where nobody else serves, a master that misses a route goes on with what it has", () => {
  const { cluster, lb01, lb02 } = electedPair({ routing: [ROUTE] });
  lb02.kill();
  lb01.host.refuses.set("10.1.0.0", REFUSAL);
  lb01.host.changeRouting(() => []);
  cluster.run(60_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  const { became_master } = lb01.status.counters;
  cluster.run(600_000);
  assert.equal(lb01.status.counters.became_master, became_master, "once and for all");
  assert.deepEqual(alarms(lb01), ["resource_refused"]);
});

Deno.test("a change of the host ends the fault before its time", () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.refuses.set(VIP.address, REFUSAL);
  lb01.host.stealAddress(VIP.address);
  cluster.run(LEASE_MS + 10_000);
  assert.equal(lb01.status.state, "fault");
  lb01.host.refuses.clear();
  lb01.host.setLink(true);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});
