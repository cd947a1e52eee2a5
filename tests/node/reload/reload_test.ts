/** A running load balancer takes another configuration: what stays the same router changes in place. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import {
  instanceConfig,
  NGINX_CHECK,
  SimCluster,
  type SimNode,
  tracked,
  VIP,
} from "../../../src/sim/cluster.ts";
import { familyOf } from "../../../src/wire/address.ts";
import { decodeAdvertisement, VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import {
  changesTold,
  codes,
  edit,
  electedPair,
  SECOND,
  transitions,
  watch,
} from "./reloading_pair.ts";

const OTHER = { address: "192.168.31.7", prefixLength: 24, device: "eth1" };

const FAST: Partial<InstanceConfig> = {
  version: 3,
  advertIntervalCs: 10,
  authentication: { type: "none" },
};

const ROUTE = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  device: "eth1",
  table: 254,
} as const;

for (const settings of [{}, FAST]) {
  Deno.test(`version ${settings.version ?? 2}: reloads without a change have no effect on the wire at all`, () => {
    const run = (reload: boolean) => {
      const { cluster, lb01, lb02, sent } = electedPair(settings);
      const announced = lb01.host.announcements;
      for (let step = 0; step < 100; step++) {
        if (reload) {
          for (const node of [lb01, lb02]) node.reload(structuredClone(node.config));
        }
        cluster.run(37);
      }
      assert.equal(lb01.host.announcements, announced);
      assert.ok(!codes(lb01).includes("config_changed"));
      return { sent, counters: [lb01.status.counters, lb02.status.counters] };
    };
    assert.deepEqual(run(true), run(false));
  });
}

const IN_PLACE: readonly [what: string, changes: Partial<InstanceConfig>, told: RegExp][] = [
  ["a higher priority", { priority: 200 }, /priority: 150 -> 200/],
  ["no preemption", { preempt: false }, /preempt: true -> false/],
  ["a preempt delay", { preemptDelayMs: 30_000 }, /preempt_delay: 0s -> 30s/],
  [
    "a tracked check",
    { track: [tracked({ kind: "check", check: "nginx" })] },
    /track: \{ check: nginx \} added/,
  ],
  [
    "a tracked interface with weight",
    { track: [tracked({ kind: "interface", interface: "eth1", weight: 20 })] },
    /track: \{ interface: eth1, weight: 20 \} added/,
  ],
  [
    "other announcements",
    { announce: { ...instanceConfig().announce, refreshMs: 60_000 } },
    /announce\.refresh: 0s -> 1m/,
  ],
  ["another address", { addresses: [VIP, SECOND] }, /addresses: 192\.168\.31\.6\/24 added/],
  ["a route", { routing: [ROUTE] }, /routes: .* added/],
];

for (const [what, changes, told] of IN_PLACE) {
  Deno.test(`${what} is taken in place: the adverts go on as planned, nobody else becomes master`, () => {
    const { cluster, lb01, lb02, sent } = electedPair();
    cluster.run(437);
    const plannedMs = sent.at(-1)!.atMs + 1000;
    const before = [transitions(lb01), transitions(lb02)];
    for (const node of [lb01, lb02]) {
      edit(node, node === lb01 ? changes : { ...changes, priority: 100 }, {
        checks: [NGINX_CHECK],
      });
    }
    const { times, look } = watch(cluster);
    const from = sent.length;
    cluster.run(10_000, look);
    assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
    assert.deepEqual([transitions(lb01), transitions(lb02)], before);
    const adverts = sent.slice(from);
    assert.ok(adverts.every((advert) => advert.from === "lb01"));
    assert.deepEqual(
      adverts.map(({ atMs }) => atMs),
      [...Array(10).keys()].map((n) => plannedMs + 1000 * n),
    );
    assert.match(changesTold(lb01).join("\n"), told);
  });
}

Deno.test("what the adverts say changes with the next one, and with it what is expected of others", () => {
  const { cluster, lb01, lb02, sent } = electedPair(FAST);
  const changes = { checksumForm: "message", addresses: [VIP, SECOND] } as const;
  edit(lb01, changes);
  edit(lb02, changes);
  cluster.run(1000);
  const octets = Uint8Array.from(sent.at(-1)!.octets.split(","), Number);
  const decoded = decodeAdvertisement(octets, {
    source: "192.168.31.11",
    destination: VRRP_GROUP[familyOf("192.168.31.11")],
  });
  assert.ok(decoded.ok);
  assert.equal(decoded.checksumForm, "message");
  assert.deepEqual(decoded.advertisement.addresses, [VIP.address, SECOND.address]);
  assert.equal(lb02.status.state, "backup");
  assert.deepEqual(lb02.daemon!.status().alarms, []);
});

Deno.test("a shorter advert interval is kept from the next advert on, a longer one after one more as planned", () => {
  const { cluster, lb01, lb02, sent } = electedPair(FAST);
  const spacing = (advertIntervalCs: number) => {
    const from = sent.length;
    edit(lb01, { advertIntervalCs });
    const { times, look } = watch(cluster);
    cluster.run(2000, look);
    assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
    assert.equal(lb02.status.state, "backup");
    const at = sent.slice(from).map(({ atMs }) => Math.round(atMs));
    return at.slice(1).map((atMs, index) => atMs - at[index]!);
  };
  assert.deepEqual(new Set(spacing(50)), new Set([500]));
  assert.deepEqual(new Set(spacing(5)), new Set([50]));
  assert.equal(lb02.status.timers.master_down_interval_ms < 200, true, "the backup has learned it");
});

Deno.test("a backup does not take its master for dead because its own timing changed", () => {
  const { cluster, lb01, lb02, sent } = electedPair({ advertIntervalCs: 1000 });
  cluster.run(10_000);
  // Silent for nine seconds, three times what the new interval allows.
  cluster.run(sent.at(-1)!.atMs + 9000 - cluster.time.nowMs);
  edit(lb02, { advertIntervalCs: 100 });
  const { times, look } = watch(cluster);
  cluster.run(500, look);
  edit(lb01, { advertIntervalCs: 100 });
  cluster.run(20_000, look);
  assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
  assert.equal(lb02.status.state, "backup");
});

Deno.test("a lower priority lets the other node take over, by the rules of an election and without a gap", () => {
  const { cluster, lb01 } = electedPair();
  edit(lb01, { priority: 50 });
  const { times, look } = watch(cluster);
  cluster.run(10_000, look);
  assert.equal(times.noneMs, 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("both nodes change their password: no election where the second follows within three adverts", () => {
  const { cluster, lb01, lb02 } = electedPair();
  const authentication = { type: "pass", password: "another" } as const;
  edit(lb01, { authentication });
  cluster.run(1500);
  edit(lb02, { authentication });
  const { times, look } = watch(cluster);
  cluster.run(20_000, look);
  assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
  assert.deepEqual(changesTold(lb01), ["instance VI_1: authentication.password: changed"]);
});

Deno.test("the key of signed adverts is changed under way: first known to both, then used, then alone", () => {
  const key = (id: number) => ({ id, key: new Uint8Array(32).fill(id) });
  const hmac = (ids: readonly number[], activeKey: number) => ({
    authentication: {
      ...{ type: "hmac", mode: "enforce", replay: "monotonic" } as const,
      ...{ keys: ids.map(key), activeKey, windowMs: 5000 },
    },
  });
  const { cluster, lb01, lb02 } = electedPair(hmac([1], 1));
  const { times, look } = watch(cluster);
  for (const [ids, active] of [[[1, 2], 1], [[1, 2], 2], [[2], 2]] as const) {
    for (const node of [lb02, lb01]) {
      edit(node, hmac(ids, active));
      cluster.run(5000, look);
    }
  }
  assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
  assert.deepEqual(lb02.status.counters.dropped, {});
  assert.deepEqual(lb02.daemon!.status().alarms, []);
});

Deno.test("multicast becomes unicast in place", () => {
  const { cluster, lb01, lb02 } = electedPair();
  const peersOf = (peer: string) => ({ unicast: { peers: [peer], ttl: 255, minTtl: 1 } });
  edit(lb01, peersOf("192.168.31.12"));
  edit(lb02, peersOf("192.168.31.11"));
  const received = lb02.status.counters.advertisements_received;
  const { times, look } = watch(cluster);
  cluster.run(10_000, look);
  assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
  assert.equal(lb02.status.counters.advertisements_received, received + 10);
});

Deno.test("a master puts on an address that is added, announces it alone, and takes off one that is removed", () => {
  const { cluster, lb01, lb02 } = electedPair();
  const on = (node: SimNode) => node.host.virtualAddresses.map(({ address }) => address);
  const announced = () => lb01.host.announced.splice(0);
  announced();
  edit(lb01, { addresses: [VIP, SECOND] });
  assert.deepEqual(on(lb01), [VIP.address, SECOND.address]);
  cluster.run(10_000);
  assert.deepEqual(announced(), Array(10).fill(SECOND.address));
  assert.deepEqual(on(lb02), []);
  edit(lb01, { addresses: [SECOND] });
  assert.deepEqual(on(lb01), [SECOND.address]);
  cluster.run(10_000);
  assert.deepEqual(announced(), []);
  edit(lb01, { addresses: [{ ...SECOND, prefixLength: 32 }] });
  assert.deepEqual(lb01.host.virtualAddresses.map(({ prefixLength }) => prefixLength), [32]);
  assert.equal(lb01.status.state, "master");
});

Deno.test("an added address is announced again after the delay, although another reload and a thief came between", () => {
  const { cluster, lb01 } = electedPair();
  edit(lb01, { addresses: [VIP, SECOND] });
  cluster.run(1000);
  edit(lb01, { preemptDelayMs: 1000, addresses: structuredClone([VIP, SECOND]) });
  lb01.host.stealAddress(SECOND.address);
  cluster.run(3000);
  lb01.host.announced.splice(0);
  cluster.run(1500);
  assert.deepEqual(lb01.host.announced, Array(5).fill(SECOND.address));
});

Deno.test("an added address is announced at once alone where no second announcement is configured", () => {
  const announce = { ...instanceConfig().announce, delayMs: 0 };
  const { cluster, lb01 } = electedPair({ announce });
  lb01.host.announced.splice(0);
  edit(lb01, { addresses: [VIP, SECOND] });
  cluster.run(10_000);
  assert.deepEqual(lb01.host.announced, Array(5).fill(SECOND.address));
});

Deno.test("a master adds a route of the new configuration and takes away one of the old", () => {
  const { lb01, lb02 } = electedPair();
  const other = { ...ROUTE, metric: 10 };
  edit(lb01, { routing: [ROUTE] });
  edit(lb02, { routing: [ROUTE] });
  assert.deepEqual([lb01.host.routing, lb02.host.routing], [[ROUTE], []]);
  edit(lb01, { routing: [other] });
  assert.deepEqual(lb01.host.routing, [other]);
});

Deno.test("an address that moves from one instance to another never leaves the host", () => {
  const { cluster, lb01 } = electedPair();
  const one = instanceConfig({ priority: 150, addresses: [VIP, OTHER] });
  const two = instanceConfig({ name: "VI_2", vrid: 56, priority: 150, addresses: [SECOND] });
  lb01.reload({ ...lb01.config, instances: [one, two] });
  cluster.run(10_000);
  const removed: string[] = [];
  const remove = lb01.host.removeAddress.bind(lb01.host);
  lb01.host.removeAddress = (address) => {
    removed.push(address.address);
    return remove(address);
  };
  lb01.reload({
    ...lb01.config,
    instances: [{ ...one, addresses: [VIP] }, { ...two, addresses: [SECOND, OTHER] }],
  });
  cluster.run(2000);
  assert.ok(lb01.host.virtualAddresses.some(({ address }) => address === OTHER.address));
  // And from one that is removed, and hands over, to one that stays.
  lb01.reload({ ...lb01.config, instances: [{ ...two, addresses: [SECOND, OTHER, VIP] }] });
  cluster.run(5000);
  assert.ok(lb01.holds);
  assert.ok(!removed.includes(VIP.address), removed.join());
});

Deno.test("a reload that brings a route looks for the interface of its gateway", () => {
  const { lb01 } = electedPair();
  const own = [{ address: "10.9.0.11", prefixLength: 24 }];
  lb01.host.setOther("eth9", { enabled: true, up: true, own });
  const { device: _, ...route } = ROUTE;
  edit(lb01, { routing: [{ ...route, via: "10.9.0.1" }] });
  assert.deepEqual(lb01.status.faults, []);
  lb01.host.setOther("eth9", { enabled: false, up: false });
  assert.deepEqual(lb01.status.faults, ["interface eth9, which is to carry a route, is down"]);
});

Deno.test("the MAC address of an interface that a reload brings is known from then on", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  const lb01 = cluster.nodes[0]!;
  const up = { enabled: true, up: true };
  lb01.host.setOther("eth9", up);
  cluster.start();
  edit(lb01, { addresses: [VIP, { ...SECOND, device: "eth9" }] });
  lb01.host.setMac(Uint8Array.of(2, 0, 0, 0, 0x77, 1));
  lb01.host.setOther("eth9", up);
  const about = lb01.daemon!.journal.since().flatMap(({ code, message }) =>
    code === "mac_changed" ? [message.split(" ")[1]] : []
  );
  assert.deepEqual(about, ["eth1", "eth9"]);
});

Deno.test("the node's name follows, and every change is reported once", () => {
  const { lb01 } = electedPair();
  lb01.reload({ ...lb01.config, node: "edge-1" });
  assert.equal(lb01.daemon!.status().node, "edge-1");
  assert.deepEqual(changesTold(lb01), ["node: lb01 -> edge-1"]);
});
