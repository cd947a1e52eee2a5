/** How adverts travel: multicast or unicast, IPv4 or IPv6, from which address. */

import assert from "node:assert/strict";
import type { Host } from "../../../src/host/host.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config, instanceConfig, SimCluster } from "../../../src/sim/cluster.ts";
import { decodeAdvertisement, encodeAdvertisement, VRRP_GROUP } from "../../../src/wire/vrrp.ts";

const NONE = { authentication: { type: "none" } } as const;
const unicastTo = (...peers: string[]) => ({ unicast: { peers, ttl: 255, minTtl: 1 } });

/** lb01 is 192.168.31.11 and fe80::11, lb02 .12 and fe80::12, lb03 .13 and fe80::13. */
function unicastTrio(version: 2 | 3 = 3) {
  const common = { version, ...NONE };
  return new SimCluster([
    { priority: 150, ...common, ...unicastTo("192.168.31.12", "192.168.31.13") },
    { priority: 100, ...common, ...unicastTo("192.168.31.11", "192.168.31.13") },
    { priority: 50, ...common, ...unicastTo("192.168.31.11", "192.168.31.12") },
  ]);
}

for (const version of [2, 3] as const) {
  Deno.test(`three unicast nodes elect, fail over and hand back (version ${version})`, async () => {
    const cluster = unicastTrio(version);
    cluster.start();
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    const [lb01, lb02, lb03] = cluster.nodes;
    const seen = { address: "192.168.31.11", priority: 150 };
    assert.deepEqual([lb02!.status.master, lb03!.status.master], [seen, seen]);
    lb01!.host.powerOff();
    cluster.run(5000);
    assert.deepEqual(cluster.holders, ["lb02"]);
    lb01!.start();
    cluster.run(5000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.ok(
      (await cluster.settle(lb01!.daemon!.command({ kind: "demote", instance: "VI_1" }))).ok,
    );
    assert.deepEqual(cluster.holders, ["lb02"]);
    for (const { status } of cluster.nodes) assert.deepEqual(status.counters.dropped, {});
  });
}

Deno.test("each peer gets an advert of its own, whose checksum covers its address", () => {
  const cluster = unicastTrio();
  const sums = new Set<string>();
  cluster.network.watch((_, payload) => sums.add(payload.slice(6, 8).toHex()));
  cluster.start();
  cluster.run(8000);
  assert.equal(sums.size, 2);
  const sent = cluster.nodes[0]!.status.counters.advertisements_sent;
  assert.equal(cluster.nodes[1]!.status.counters.advertisements_received, sent);
});

function versionThree(destination: string): Uint8Array {
  const { addresses } = instanceConfig();
  return encodeAdvertisement(
    {
      ...{ version: 3, vrid: 55, priority: 200, intervalCs: 100 },
      addresses: addresses.map(({ address }) => address),
    },
    { source: "192.168.31.12", destination },
    "pseudo_header",
  );
}

Deno.test("a unicast instance listens to its peers alone, a multicast one to the group alone", () => {
  const cluster = new SimCluster([
    { version: 3, ...NONE, ...unicastTo("192.168.31.12") },
    { version: 3, ...NONE },
  ]);
  cluster.start();
  cluster.run(10_000);
  const [unicast, multicast] = cluster.nodes;
  const common = { interface: "eth1", source: "192.168.31.12", ttl: 255 };
  unicast!.host.deliver({
    ...{ ...common, source: "192.168.31.13", destination: "192.168.31.11" },
    payload: versionThree("192.168.31.11"),
  });
  const { dropped } = unicast!.status.counters;
  assert.deepEqual(dropped, { unicast_source: 1 });
  assert.ok(multicast!.status.counters.dropped.unicast_mode! > 0, "adverts to the other's address");
  assert.deepEqual(cluster.holders, ["lb01", "lb02"], "they do not hear each other");
});

Deno.test("next to a multicast instance a unicast one refuses what the group brings", () => {
  const cluster = new SimCluster([{ version: 3, ...NONE, ...unicastTo("192.168.31.12") }]);
  const [lb01] = cluster.nodes;
  let received: Parameters<Host["openVrrp"]>[2] | undefined;
  const open = lb01!.host.openVrrp.bind(lb01!.host);
  lb01!.host.openVrrp = (name, family, receive, options) => {
    received = receive;
    assert.equal(options?.multicast, false, "no membership for a unicast instance alone");
    return open(name, family, receive, options);
  };
  cluster.start();
  const destination = VRRP_GROUP.ipv4;
  const payload = versionThree(destination);
  received!({ interface: "eth1", source: "192.168.31.12", destination, ttl: 255, payload });
  assert.deepEqual(lb01!.status.counters.dropped, { unicast_mode: 1 });
});

Deno.test("a peer that cannot be reached does not keep the others from hearing", () => {
  const cluster = unicastTrio();
  const [lb01] = cluster.nodes;
  const open = lb01!.host.openVrrp.bind(lb01!.host);
  lb01!.host.openVrrp = (...input) => {
    const port = open(...input);
    return {
      send: (payload, source, destination, ttl) =>
        destination === "192.168.31.12"
          ? { code: "EHOSTUNREACH", message: "no route to 192.168.31.12" }
          : port.send(payload, source, destination, ttl),
      expect: (routers) => port.expect(routers),
      close: () => port.close(),
    };
  };
  cluster.start();
  cluster.run(10_000);
  const { counters } = lb01!.status;
  assert.ok(counters.advertisements_sent > 5);
  assert.equal(cluster.nodes[2]!.status.master?.address, "192.168.31.11");
  const told = lb01!.daemon!.journal.since(0).filter(({ code }) => code === "send_failed");
  assert.equal(told.length, 1);
  assert.match(told[0]!.message, /192\.168\.31\.12/);
});

Deno.test("adverts come from the configured source address, and its absence is a fault", () => {
  const extra = { address: "192.168.31.99", prefixLength: 24, device: "eth1" };
  const cluster = new SimCluster([{ priority: 150, sourceAddress: extra.address }, {}]);
  const [lb01, lb02] = cluster.nodes;
  cluster.start();
  cluster.run(5000);
  assert.equal(lb01!.status.state, "fault");
  assert.match(lb01!.status.faults[0]!, /eth1 does not have 192\.168\.31\.99.*source_address/);
  lb01!.host.addAddress(extra);
  lb01!.host.setLink(true);
  cluster.run(10_000);
  assert.deepEqual(lb02!.status.master, { address: extra.address, priority: 150 });
});

const VIP6 = [
  { address: "fe80::5", prefixLength: 64, device: "eth1" },
  { address: "2001:db8::5", prefixLength: 64, device: "eth1" },
];
const IPV6 = { family: "ipv6", version: 3, ...NONE, addresses: VIP6 } as const;

function holders6(cluster: SimCluster): string[] {
  return cluster.nodes.filter(({ host }) =>
    VIP6.every(({ address }) => host.virtualAddresses.some((other) => other.address === address))
  ).map(({ host }) => host.name);
}

Deno.test("IPv6: adverts come from the link-local address that is not virtual", () => {
  const cluster = new SimCluster([{ priority: 150, ...IPV6 }, IPV6]);
  const adverts = new Set<string>();
  cluster.network.watch((from, payload) => {
    const source = from.name === "lb01" ? "fe80::11" : "fe80::12";
    const decoded = decodeAdvertisement(payload, { source, destination: VRRP_GROUP.ipv6 });
    adverts.add(decoded.ok ? decoded.advertisement.addresses.join() : decoded.error);
  });
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(holders6(cluster), ["lb01"]);
  assert.deepEqual(cluster.nodes[1]!.status.master, { address: "fe80::11", priority: 150 });
  assert.deepEqual([...adverts], ["fe80::5,2001:db8::5"]);
  cluster.nodes[0]!.host.powerOff();
  cluster.run(5000);
  assert.deepEqual(holders6(cluster), ["lb02"]);
});

Deno.test("IPv6 between global peers comes from the global address", () => {
  const cluster = new SimCluster([{ ...IPV6, ...unicastTo("2001:db8::12") }]);
  const [lb01] = cluster.nodes;
  cluster.start();
  assert.match(lb01!.status.faults[0]!, /has no IPv6 address of its own/);
  lb01!.host.addAddress({ address: "2001:db8::11", prefixLength: 64, device: "eth1" });
  lb01!.host.setLink(true);
  cluster.run(10_000);
  assert.equal(lb01!.status.master?.address, "2001:db8::11");
});

Deno.test("an IPv4 and an IPv6 instance with one VRID live next to each other", () => {
  const cluster = new SimCluster([{}, {}]);
  const daemons = cluster.nodes.map(({ host }, index) => {
    const priority = 150 - index * 50;
    const instances = [
      instanceConfig({ priority }),
      instanceConfig({ ...IPV6, name: "VI_6", priority: 200 - priority }),
    ];
    const daemon = new LoadBalancer({ ...config(host.name, {}), instances }, host, {
      version: "0",
      store: host.openStore(),
    });
    daemon.start();
    return daemon;
  });
  cluster.run(10_000);
  const states = () => daemons.map((it) => it.status().instances.map(({ state }) => state).join());
  assert.deepEqual(states(), ["master,backup", "backup,master"]);
  assert.deepEqual(daemons[1]!.status().instances[0]!.master?.address, "192.168.31.11");
  assert.deepEqual(daemons[0]!.status().instances[1]!.master?.address, "fe80::12");
  for (const daemon of daemons) {
    assert.deepEqual(daemon.status().dropped, {});
    for (const { counters } of daemon.status().instances) assert.deepEqual(counters.dropped, {});
  }
});

Deno.test("the virtual address of one instance is never the source of another's adverts", () => {
  const cluster = new SimCluster([{}]);
  const [lb01] = cluster.nodes;
  const other = { ...VIP6[0]!, address: "fe80::6" };
  const instances = [
    instanceConfig(IPV6),
    instanceConfig({ ...IPV6, name: "VI_2", vrid: 56, addresses: [other] }),
  ];
  // The kernel shows the newest IPv6 address of a scope first.
  const state = lb01!.host.interfaceState.bind(lb01!.host);
  lb01!.host.interfaceState = (name) => {
    const shown = state(name);
    return shown && { ...shown, addresses: shown.addresses.toReversed() };
  };
  const daemon = new LoadBalancer({ ...config("lb01", {}), instances }, lb01!.host, {
    version: "0",
    store: lb01!.host.openStore(),
  });
  daemon.start();
  cluster.run(10_000);
  // The interfaces are looked at anew.
  lb01!.host.setLink(true);
  const sources = daemon.status().instances.map(({ master }) => master?.address);
  assert.deepEqual(sources, ["fe80::11", "fe80::11"]);
});

Deno.test("of a flood that is not read the count is kept and reported, not each packet", () => {
  const cluster = new SimCluster([NONE]);
  const [lb01] = cluster.nodes;
  let unread: ((count: number) => void) | undefined;
  const open = lb01!.host.openVrrp.bind(lb01!.host);
  lb01!.host.openVrrp = (name, family, receive, options) => {
    assert.deepEqual(options?.expected, [{ version: 2, vrid: 55 }]);
    unread = options?.unread;
    return open(name, family, receive, options);
  };
  cluster.start();
  unread!(4000);
  unread!(500);
  assert.deepEqual(lb01!.daemon!.status().dropped, { unread: 4500 });
  const told = lb01!.daemon!.journal.since(0).filter(({ code }) => code === "packet_dropped");
  assert.equal(told.length, 1);
  assert.match(told[0]!.message, /packets on eth1 discarded \(unread, 4000 so far\)/);
});
