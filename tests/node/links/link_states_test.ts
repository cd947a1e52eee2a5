/** Links of interfaces: what an instance needs must be up, not only there, and with delays a change must last. */

import assert from "node:assert/strict";
import type { InstanceConfig, LinkDelays } from "../../../src/config/model.ts";
import { forecast } from "../../../src/node/forecast.ts";
import { ADDRESS_GRACE_MS } from "../../../src/node/resources/lost_addresses.ts";
import type { CheckFindings } from "../../../src/node/instance/conditions.ts";
import { config, SimCluster, tracked, VIP } from "../../../src/sim/cluster.ts";

const OWN_ON_ETH0 = [{ address: "10.9.0.11", prefixLength: 24 }];
const UP = { enabled: true, up: true, own: OWN_ON_ETH0 };
const DOWN = { enabled: false, up: false, own: OWN_ON_ETH0 };
const NO_CARRIER = { enabled: true, up: false, own: OWN_ON_ETH0 };

const ROUTE = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  table: 254,
} as const;
/** In the network of eth0. */
const GATEWAY = "10.9.0.1";

/** What the instance of lb01 (150) needs of eth0; lb02 (100) is ready to take over. */
const NEEDS: readonly (readonly [what: string, config: Partial<InstanceConfig>, load: string])[] = [
  [
    "an address",
    { addresses: [VIP, { ...VIP, address: "10.0.0.5", device: "eth0" }] },
    "a virtual address",
  ],
  ["a route", { routing: [{ ...ROUTE, device: "eth0" }] }, "a route"],
  ["the gateway of a route", { routing: [{ ...ROUTE, via: GATEWAY }] }, "a route"],
  [
    "the only way of a route that has a next hop",
    { routing: [{ ...ROUTE, nextHops: [{ device: "eth0", weight: 1 }] }] },
    "a route",
  ],
];

function electedPair(
  first: Partial<InstanceConfig>,
  second: Partial<InstanceConfig> = {},
  others = ["eth0"],
) {
  const cluster = new SimCluster([{ priority: 150, ...first }, { priority: 100, ...second }]);
  const [lb01, lb02] = [cluster.nodes[0]!, cluster.nodes[1]!];
  for (const { host } of cluster.nodes) {
    for (const name of others) host.setOther(name, name === "eth0" ? UP : { ...UP, own: [] });
  }
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
  return { cluster, lb01, lb02 };
}

for (const [what, needs, load] of NEEDS) {
  for (
    const [state, problem] of [
      [DOWN, "is down"],
      [NO_CARRIER, "has no carrier"],
      [null, "does not exist"],
    ] as const
  ) {
    Deno.test(`the device of ${what} ${problem}: fault at once, and the other node serves within Skew_Time`, () => {
      const { cluster, lb01, lb02 } = electedPair(needs);
      lb01.host.setOther("eth0", state);
      assert.deepEqual(lb01.status.faults, [
        `interface eth0, which is to carry ${load}, ${problem}`,
      ]);
      assert.equal(lb01.status.counters.priority_zero_sent, 1);
      cluster.run(lb02.status.timers.skew_time_ms + 10);
      assert.deepEqual(cluster.holders, ["lb02"]);
      assert.equal(lb01.status.state, "fault");
      lb01.host.setOther("eth0", UP);
      assert.equal(lb01.status.state, "backup");
    });
  }
}

Deno.test("a route with next hops lives as long as one of them does", () => {
  const nextHops = [{ via: GATEWAY, weight: 1 }, { device: "eth2", weight: 1 }];
  const { cluster, lb01, lb02 } = electedPair({ routing: [{ ...ROUTE, nextHops }] });
  lb01.host.setOther("eth2", UP);
  lb01.host.setOther("eth0", NO_CARRIER);
  assert.deepEqual(lb01.status.faults, []);
  lb01.host.setOther("eth0", UP);
  lb01.host.setOther("eth2", DOWN);
  assert.deepEqual(lb01.status.faults, []);
  lb01.host.setOther("eth0", null);
  assert.deepEqual(lb01.status.faults, [
    "interface eth0, which is to carry a route, does not exist",
    "interface eth2, which is to carry a route, is down",
  ]);
  cluster.run(lb02.status.timers.skew_time_ms + 10);
  assert.deepEqual(cluster.holders, ["lb02"]);
  lb01.host.setOther("eth2", UP);
  assert.equal(lb01.status.state, "backup");
});

Deno.test("a next hop whose interface is not known may live", () => {
  const nextHops = [{ via: "172.16.0.1", weight: 1 }, { device: "eth0", weight: 1 }];
  const { lb01 } = electedPair({ routing: [{ ...ROUTE, nextHops }] });
  lb01.host.setOther("eth0", DOWN);
  assert.deepEqual(lb01.status.faults, []);
});

Deno.test("before a configuration is in force, the interface of its gateway is known, too", () => {
  const { lb01 } = electedPair({});
  const after = config("lb01", { priority: 150, routing: [{ ...ROUTE, via: GATEWAY }] });
  const checks: CheckFindings = { verdict: () => "unknown", number: () => null, detail: () => "" };
  const faults = () => forecast(after, { host: lb01.host, checks })[0]!.faults;
  assert.deepEqual(faults(), []);
  lb01.host.setOther("eth0", NO_CARRIER);
  assert.deepEqual(faults(), ["interface eth0, which is to carry a route, has no carrier"]);
});

Deno.test("an interface that is set down loses its IPv6 addresses, and is the gateway's still", () => {
  const own = [{ address: "2001:db8:9::11", prefixLength: 64 }];
  const { cluster, lb01 } = electedPair({});
  lb01.host.setOther("eth0", { ...UP, own });
  // Known from the reload on, and not before.
  const routing = [{ ...ROUTE, family: "ipv6", to: null, via: "2001:db8:9::1" } as const];
  lb01.reload(config("lb01", { priority: 150, routing }));
  lb01.host.setOther("eth0", { ...DOWN, own: [] });
  const gone = ["interface eth0, which is to carry a route, is down"];
  assert.deepEqual(lb01.status.faults, gone);
  // What the gateway is behind now is another one.
  lb01.host.setOther("eth2", { ...UP, own });
  assert.deepEqual(lb01.status.faults, []);
  lb01.host.setOther("eth2", { ...UP, own: [] });
  assert.deepEqual(lb01.status.faults, gone);
  lb01.host.setOther("eth0", { ...UP, own: [] });
  assert.deepEqual(lb01.status.faults, [], "the kernel says whether it reaches the gateway");
  cluster.run(1000);
});

Deno.test("a gateway in the network of a virtual address is reached by the device of that address", () => {
  const { lb01 } = electedPair(
    {
      addresses: [VIP, { ...VIP, address: "10.9.0.5", prefixLength: 29, device: "eth2" }],
      routing: [{ ...ROUTE, via: GATEWAY }],
    },
    {},
    ["eth0", "eth2"],
  );
  lb01.host.setOther("eth0", DOWN);
  assert.deepEqual(lb01.status.faults, [], "its network is narrower than that of eth0");
});

Deno.test("a virtual interface that is set down on the master is set up at once; again: fault, and this node can serve later", () => {
  const instance = {
    virtualInterface: "vrrp.55",
    addresses: [{ ...VIP, device: "vrrp.55", label: "vrrp.55:1" }],
  };
  const { cluster, lb01, lb02 } = electedPair({ ...instance, preempt: false }, instance);
  lb01.host.setMade("vrrp.55", false);
  assert.equal(lb01.host.interfaceState("vrrp.55")?.enabled, true);
  assert.deepEqual(lb01.status.faults, []);
  assert.equal(lb01.holds, true);
  lb01.host.setMade("vrrp.55", false);
  assert.deepEqual(lb01.status.faults, [
    "interface vrrp.55, which carries the virtual addresses, is down",
  ]);
  cluster.run(lb02.status.timers.skew_time_ms + 10);
  assert.deepEqual(cluster.holders, ["lb02"]);
  // On a backup it is down rightly.
  cluster.run(1000);
  assert.equal(lb01.status.state, "backup");
  lb02.host.setLink(false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("the interface of the adverts says whether it is down or has no carrier", () => {
  const { lb01 } = electedPair({});
  lb01.host.setCarrier(false);
  assert.deepEqual(lb01.status.faults, ["interface eth1 has no carrier"]);
  assert.equal(lb01.holds, false);
  lb01.host.setLink(false);
  assert.deepEqual(lb01.status.faults, ["interface eth1 is down"]);
});

Deno.test("a fault with the link up is a goodbye, also without an address to send it from", () => {
  const { cluster, lb01, lb02 } = electedPair({});
  lb01.host.setOwnAddresses([]);
  cluster.run(ADDRESS_GRACE_MS);
  assert.match(lb01.status.faults[0]!, /has no IPv4 address of its own/);
  assert.equal(lb01.status.counters.priority_zero_sent, 1);
  cluster.run(lb02.status.timers.skew_time_ms + 10);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

const UNTRACKED = {
  trackInterface: false,
  addresses: [{ ...VIP, device: "eth0", label: "eth0:1" }],
} as const satisfies Partial<InstanceConfig>;

for (
  const [family, needs] of [
    ["IPv4", UNTRACKED],
    // With its link the interface loses its link-local address.
    ["IPv6", {
      ...UNTRACKED,
      family: "ipv6",
      version: 3,
      authentication: { type: "none" },
      addresses: [{ address: "fe80::5", prefixLength: 64, device: "eth0" }],
    }],
  ] as const satisfies readonly (readonly [string, Partial<InstanceConfig>])[]
) {
  Deno.test(`${family}: an untracked interface that loses its link leaves the master what it is`, () => {
    const { cluster, lb01, lb02 } = electedPair(needs, needs);
    lb02.powerOff();
    lb01.host.setLink(false);
    if (family === "IPv6") lb01.host.setOwnAddresses([]);
    cluster.run(10_000);
    assert.deepEqual([lb01.status.state, lb01.status.faults], ["master", []]);
    assert.equal(lb01.host.virtualAddresses.length, 1);
    assert.deepEqual(lb01.daemon!.status().alarms, []);
  });
}

Deno.test("untracked or not, an interface that is gone is a fault", () => {
  const cluster = new SimCluster([{ trackInterface: false, interface: "eth9" }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.nodes[0]!.status.faults, ["interface eth9 does not exist"]);
});

/** A pair whose lb01 has these delays for eth1. */
function delayedPair(delays: Omit<LinkDelays, "name">, first: Partial<InstanceConfig> = {}) {
  const pair = electedPair(first);
  const file = config("lb01", { priority: 150, ...first });
  pair.lb01.reload({ ...file, interfaces: [{ name: "eth1", ...delays }] });
  pair.cluster.run(1000);
  return pair;
}

Deno.test("down_delay: a flap changes nothing, a lost link is a fault when the delay is over", () => {
  const { cluster, lb01 } = delayedPair({ upDelayMs: 0, downDelayMs: 500 });
  const transitions = lb01.status.counters.became_master;
  for (let flap = 0; flap < 3; flap++) {
    lb01.host.setCarrier(false);
    cluster.run(120);
    lb01.host.setCarrier(true);
    cluster.run(480);
  }
  assert.deepEqual([lb01.status.state, lb01.status.counters.became_master], [
    "master",
    transitions,
  ]);
  lb01.host.setCarrier(false);
  cluster.run(499);
  assert.deepEqual([lb01.status.state, lb01.status.faults], ["master", []]);
  cluster.run(1);
  assert.deepEqual(lb01.status.faults, ["interface eth1 has no carrier"]);
});

Deno.test("up_delay: a link that has come up counts when the delay is over, and counts from the start after a flap", () => {
  const { cluster, lb01, lb02 } = delayedPair(
    { upDelayMs: 12_000, downDelayMs: 0 },
    { preempt: false },
  );
  lb01.host.setCarrier(false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  lb01.host.setCarrier(true);
  cluster.run(11_000);
  assert.deepEqual(lb01.status.faults, [
    "interface eth1 has a carrier, but its up_delay is not over",
  ]);
  lb01.host.setCarrier(false);
  cluster.run(100);
  lb01.host.setCarrier(true);
  cluster.run(11_999);
  assert.equal(lb01.status.state, "fault");
  cluster.run(1);
  assert.equal(lb01.status.state, "backup");
  // The port passes adverts by now: with preempt: false the other node stays.
  cluster.run(10_000);
  assert.deepEqual([lb01.status.state, lb02.status.state], ["backup", "master"]);
});

Deno.test("up_delay: an interface that is another by now begins from the start; at vipd's start its link counts", () => {
  const { cluster, lb01 } = electedPair({
    addresses: [VIP, { ...VIP, address: "10.0.0.5", device: "eth0" }],
  });
  const file = config("lb01", lb01.config.instances[0]!);
  lb01.reload({ ...file, interfaces: [{ name: "eth0", upDelayMs: 3000, downDelayMs: 1000 }] });
  assert.equal(lb01.status.state, "master");
  lb01.host.setOther("eth0", null);
  assert.match(lb01.status.faults[0]!, /eth0, .* does not exist/);
  lb01.host.setOther("eth0", UP);
  cluster.run(2999);
  assert.match(lb01.status.faults[0]!, /up_delay is not over/);
  cluster.run(1);
  assert.deepEqual(lb01.status.faults, []);
  const another = { ...UP, index: 4 };
  lb01.host.setOther("eth0", another);
  cluster.run(2999);
  assert.match(lb01.status.faults[0]!, /up_delay is not over/);
  cluster.run(1);
  lb01.host.setOther("eth0", { ...another, own: [] });
  assert.deepEqual(
    lb01.status.faults,
    [],
    "its addresses are other ones, and its link is as it was",
  );
});

Deno.test("a reload without the delay makes what waits for it count at once", () => {
  const { cluster, lb01 } = delayedPair({ upDelayMs: 60_000, downDelayMs: 0 });
  lb01.host.setCarrier(false);
  lb01.host.setCarrier(true);
  cluster.run(10_000);
  assert.equal(lb01.status.state, "fault");
  lb01.reload(config("lb01", { priority: 150 }));
  assert.equal(lb01.status.state, "backup");
  cluster.run(60_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a reload with another delay begins the wait again", () => {
  const { cluster, lb01 } = delayedPair({ upDelayMs: 0, downDelayMs: 5000 });
  lb01.host.setCarrier(false);
  cluster.run(4000);
  const interfaces = [{ name: "eth1", upDelayMs: 0, downDelayMs: 2000 }];
  lb01.reload({ ...config("lb01", { priority: 150 }), interfaces });
  cluster.run(1999);
  assert.deepEqual(lb01.status.faults, []);
  cluster.run(1);
  assert.deepEqual(lb01.status.faults, ["interface eth1 has no carrier"]);
});

Deno.test("a tracked interface has its delays, too", () => {
  const { cluster, lb01 } = electedPair({
    track: [tracked({ kind: "interface", interface: "eth0", weight: -60 })],
  });
  const file = config("lb01", lb01.config.instances[0]!);
  lb01.reload({ ...file, interfaces: [{ name: "eth0", upDelayMs: 0, downDelayMs: 500 }] });
  lb01.host.setOther("eth0", NO_CARRIER);
  cluster.run(499);
  assert.equal(lb01.status.priority.effective, 150);
  cluster.run(1);
  assert.equal(lb01.status.priority.effective, 90);
});
