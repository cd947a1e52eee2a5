import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config, SimNode, VIP } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

const OTHER = { pid: 4711, name: "vipd" };
const LOCK = `address ${VIP.address}`;
const RULE: RoutingEntry = {
  kind: "rule",
  family: "ipv4",
  from: { address: "192.168.31.5", prefixLength: 32 },
  table: 100,
  priority: 1000,
};

function scene(changes: Partial<InstanceConfig> = {}) {
  const time = new VirtualTime();
  const network = new SimNetwork(time, seededRandom(1));
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, network);
  const node = new SimNode(config("lb01", changes), host);
  const run = (forMs: number) => time.runUntil(time.nowMs + forMs);
  const codes = () => node.daemon!.journal.since().map(({ code }) => code);
  return { host, node, run, codes };
}

Deno.test("an address that another daemon has locked is left alone, its process is named, and it is taken when free", () => {
  const { host, node, run, codes } = scene();
  host.addAddress(VIP, 3600);
  host.lockedElsewhere.set(LOCK, OTHER);
  node.start();
  run(10_000);
  assert.equal(node.status.state, "fault");
  assert.match(node.status.faults.join(), /192\.168\.31\.5 on eth1 .*process 4711 \(vipd\)/);
  assert.equal(host.virtualAddresses.length, 1, "not removed");
  const alarms = node.daemon!.status().alarms.map(({ code }) => code);
  assert.ok(!alarms.includes("address_on_backup"), "the other daemon serves it");
  assert.deepEqual(codes().filter((code) => code === "resource_elsewhere"), ["resource_elsewhere"]);
  assert.ok(!codes().includes("address_left_behind"));
  host.lockedElsewhere.clear();
  run(10_000);
  assert.equal(node.status.state, "master");
  assert.equal(node.status.addresses[0]!.held, true);
});

Deno.test("the routes and interfaces of another daemon stay at the start", () => {
  const { host, node } = scene();
  host.addRouting(RULE);
  host.addInterface({ name: "vrrp.7", parent: "eth1", mac: new Uint8Array(6) });
  host.lockedElsewhere.set(`interface vrrp.7`, OTHER);
  const foreign: RoutingEntry = { ...RULE, priority: 7 };
  host.addRouting(foreign);
  const [lock] = [
    `routing ${
      JSON.stringify(["rule", "ipv4", "192.168.31.5/32", null, null, null, null, 100, 7])
    }`,
  ];
  host.lockedElsewhere.set(lock, OTHER);
  node.start();
  assert.deepEqual(host.routing, [foreign], "vipd's own of an earlier run is gone");
  assert.deepEqual(host.ownInterfaces(), ["vrrp.7"]);
});

Deno.test("a daemon that locks nothing is known by the address being back", () => {
  const { host, node, run, codes } = scene();
  host.addAddress(VIP, 3600);
  node.start();
  assert.ok(codes().includes("address_left_behind"));
  // It puts back at once what was taken from it.
  host.addAddress(VIP, 3600);
  run(2000);
  assert.equal(node.status.state, "fault");
  assert.match(node.status.faults.join(), /renews 192\.168\.31\.5/);
  assert.equal(host.virtualAddresses.length, 1);
  host.removeAddress(VIP);
  run(10_000);
  assert.equal(node.status.state, "master");
});

/** An engine whose own record knows nothing of what is there, with that in another daemon's care or in nobody's. */
function unrecorded(renewEveryMs: number | null) {
  const { host, node, run } = scene();
  const renew = () => host.addAddress(VIP, 3);
  renew();
  const daemon = new LoadBalancer(node.config, host, {
    ...{ version: "simulated", store: host.openStore(), isOwn: () => false },
  });
  node.daemon = daemon;
  daemon.start();
  const pass = (forMs: number) => {
    for (let passedMs = 0; passedMs < forMs; passedMs += renewEveryMs ?? forMs) {
      if (renewEveryMs !== null) renew();
      run(renewEveryMs ?? forMs);
    }
  };
  const codes = () => daemon.journal.since().map(({ code }) => code);
  return { host, node, pass, run, codes };
}

Deno.test("an address that a daemon without locks renews is never removed, and known within one renewal", () => {
  const { host, node, pass, run, codes } = unrecorded(1000);
  assert.equal(host.virtualAddresses.length, 1, "the removal waits");
  pass(2000);
  assert.match(node.status.faults.join(), /renews 192\.168\.31\.5/);
  assert.deepEqual(codes().filter((code) => code === "address_left_behind"), []);
  pass(20_000);
  assert.equal(node.status.state, "fault");
  assert.equal(host.virtualAddresses.length, 1);
  // The other one ends, and its lease with it.
  run(20_000);
  assert.equal(node.status.state, "master");
});

Deno.test("one that nobody renews is removed after the time of a renewal, and nothing else waits for that", () => {
  const { host, node, pass, codes } = unrecorded(null);
  assert.equal(node.status.state, "backup");
  pass(1600);
  assert.equal(host.virtualAddresses.length, 1);
  pass(200);
  assert.equal(host.virtualAddresses.length, 0);
  assert.deepEqual(codes().filter((code) => code === "address_left_behind").length, 1);
  pass(5000);
  assert.equal(node.status.state, "master");
});

Deno.test("an address that stands on two links is two addresses, if it is link-local", () => {
  const linkLocal = (device: string): VirtualAddress => ({
    address: "fe80::5",
    prefixLength: 64,
    device,
  });
  const { host, node, run } = scene({ family: "ipv6", addresses: [linkLocal("eth1")] });
  host.lockedElsewhere.set("address fe80::5%eth2", OTHER);
  node.start();
  run(100);
  assert.doesNotMatch(node.status.faults.join(), /another daemon/);
});
