/** A running load balancer takes another configuration. */

import assert from "node:assert/strict";
import type { Config, InstanceConfig, SyncGroupConfig } from "../../src/config/model.ts";
import type { CheckConfig } from "../../src/health/check_config.ts";
import {
  config,
  instanceConfig,
  NGINX_CHECK,
  SimCluster,
  type SimNode,
  VIP,
} from "../../src/sim/cluster.ts";
import { familyOf } from "../../src/wire/address.ts";
import { decodeAdvertisement, VRRP_GROUP } from "../../src/wire/vrrp.ts";
import { statusOf } from "./grouped_pair.ts";

const SECOND = { address: "192.168.31.6", prefixLength: 24, device: "eth1" };
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

interface Sent {
  readonly atMs: number;
  readonly from: string;
  readonly octets: string;
}

/** lb01 (150) and lb02 (100), lb01 master; every advert from then on is kept. */
function electedPair(changes: Partial<InstanceConfig> = {}, whole: Partial<Config> = {}) {
  const cluster = new SimCluster([{ priority: 150, ...changes }, { priority: 100, ...changes }]);
  for (const node of cluster.nodes) node.reload({ ...node.config, ...whole });
  cluster.start();
  cluster.run(Math.max(10_000, 40 * (changes.advertIntervalCs ?? 0)));
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  assert.ok(lb01.holds && !lb02.holds);
  const sent: Sent[] = [];
  cluster.network.observe(({ name }, payload) => {
    sent.push({ atMs: cluster.time.nowMs, from: name, octets: payload.join() });
  });
  return { cluster, lb01, lb02, sent };
}

/** The node's file has one instance with these changes, and what else is changed. */
function edit(node: SimNode, changes: Partial<InstanceConfig>, whole: Partial<Config> = {}): void {
  const instances = node.config.instances.map((instance) => ({ ...instance, ...changes }));
  node.reload({ ...node.config, instances, ...whole });
}

function codes(node: SimNode): string[] {
  return node.daemon!.journal.since().map(({ code }) => code);
}

function transitions(node: SimNode): number {
  return codes(node).filter((code) => code === "state_changed").length;
}

function changesTold(node: SimNode): string[] {
  return node.daemon!.journal.since().filter(({ code }) => code === "config_changed")
    .map(({ message }) => message);
}

/** The time in which nobody, or more than one, had the address, in milliseconds. */
function watch(cluster: SimCluster) {
  const times = { noneMs: 0, manyMs: 0 };
  let lastMs = cluster.time.nowMs;
  let holders = cluster.holders.length;
  const look = () => {
    const tookMs = cluster.time.nowMs - lastMs;
    if (holders === 0) times.noneMs += tookMs;
    if (holders > 1) times.manyMs += tookMs;
    lastMs = cluster.time.nowMs;
    holders = cluster.holders.length;
  };
  return { times, look };
}

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
  ["a tracked check", { track: [{ kind: "check", check: "nginx" }] }, /track: changed/],
  [
    "a tracked interface with weight",
    { track: [{ kind: "interface", interface: "eth1", weight: 20 }] },
    /track: changed/,
  ],
  [
    "other announcements",
    { announce: { ...instanceConfig().announce, refreshMs: 60_000 } },
    /announce\.refresh: 0s -> 60s/,
  ],
  ["another address", { addresses: [VIP, SECOND] }, /addresses: 192\.168\.31\.6\/24 added/],
  ["a route", { routing: [ROUTE] }, /routes, rules: added/],
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

Deno.test("a removed instance hands over as in a clean stop: the other node takes over without a gap", () => {
  const { cluster, lb01 } = electedPair();
  const two = instanceConfig({ name: "VI_2", vrid: 56, addresses: [SECOND] });
  lb01.reload({ ...lb01.config, instances: [two] });
  assert.equal(statusOf(lb01.daemon, "VI_1").handing_over, true);
  const { times, look } = watch(cluster);
  cluster.run(2000, look);
  assert.equal(times.noneMs, 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01.daemon!.status().instances.map(({ name }) => name), ["VI_2"]);
});

Deno.test("an instance that is added starts as at a start, beside the others", () => {
  const { cluster, lb01, sent } = electedPair();
  const two = instanceConfig({ name: "VI_2", vrid: 56, addresses: [SECOND] });
  const startedMs = cluster.time.nowMs;
  lb01.reload({ ...lb01.config, instances: [...lb01.config.instances, two] });
  assert.equal(statusOf(lb01.daemon, "VI_2").state, "backup");
  cluster.run(10_000);
  assert.equal(statusOf(lb01.daemon, "VI_2").state, "master");
  const first = sent.find(({ octets }) => octets.split(",")[1] === "56")!;
  const tookMs = first.atMs - startedMs;
  assert.ok(tookMs > 3600 && tookMs < 3620, `${tookMs} ms`);
  assert.equal(lb01.status.counters.became_master, 1);
});

const IDENTITY: readonly [what: string, changes: Partial<InstanceConfig>][] = [
  ["VRID", { vrid: 77 }],
  ["version", { version: 3, authentication: { type: "none" } }],
  ["name", { name: "renamed" }],
  ["virtual MAC address", {
    virtualInterface: "vrrp.55",
    addresses: [{ ...VIP, device: "vrrp.55" }],
  }],
];

for (const [what, changes] of IDENTITY) {
  Deno.test(`another ${what} makes another virtual router: the old one hands over first, the new one starts as backup`, () => {
    const { cluster, lb01, lb02 } = electedPair();
    edit(lb01, changes);
    assert.equal(lb01.status.handing_over, true);
    assert.ok(lb01.holds, "it answers until another is heard");
    const { times, look } = watch(cluster);
    cluster.run(1000, look);
    assert.equal(times.noneMs, 0);
    assert.ok(lb02.holds && !lb01.holds);
    assert.equal(lb01.status.state, "backup");
    assert.equal(lb01.daemon!.status().instances.length, 1);
    edit(lb02, changes);
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.equal(lb01.daemon!.status().instances.length, 1);
  });
}

Deno.test("without another node the replaced instance serves again after its own election", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  cluster.start();
  cluster.run(10_000);
  const lb01 = cluster.nodes[0]!;
  edit(lb01, { vrid: 77 });
  cluster.run(10_000);
  assert.ok(lb01.holds);
  assert.equal(lb01.status.vrid, 77);
});

Deno.test("many instances go, come and change places at once, whatever their state", () => {
  for (const priority of [150, 50]) {
    const cluster = new SimCluster([{}, {}]);
    const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
    const made = (name: string, vrid: number, last: number) =>
      instanceConfig({
        name,
        vrid,
        priority,
        addresses: [{ address: `192.168.31.${last}`, prefixLength: 24, device: "eth1" }],
      });
    const before = [made("a", 1, 21), made("b", 2, 22), made("c", 3, 23), made("d", 4, 24)];
    lb01.reload({ ...lb01.config, instances: before });
    lb02.reload({
      ...lb02.config,
      instances: before.map((instance) => ({ ...instance, priority: 100 })),
    });
    cluster.start();
    cluster.run(10_000);
    // a and b go, c and d change their VRIDs, e is new with a's addresses.
    const after = [made("d", 3, 24), made("e", 5, 21), made("c", 4, 23)];
    lb01.reload({ ...lb01.config, instances: after });
    cluster.run(100);
    lb02.reload({
      ...lb02.config,
      instances: after.map((instance) => ({ ...instance, priority: 100 })),
    });
    cluster.run(20_000);
    const on = (node: SimNode) => node.host.virtualAddresses.map(({ address }) => address).sort();
    const all = after.map(({ addresses }) => addresses[0]!.address).sort();
    const [master, backup] = priority > 100 ? [lb01, lb02] : [lb02, lb01];
    assert.deepEqual([on(master), on(backup)], [all, []]);
    const shown = lb01.daemon!.status().instances.map(({ name, vrid }) => `${name} ${vrid}`);
    assert.deepEqual(shown, ["d 3", "e 5", "c 4"]);
  }
});

Deno.test("a reload while another one's instances hand over ends in what it says", () => {
  const { cluster, lb01, lb02 } = electedPair();
  edit(lb01, { vrid: 77 });
  cluster.run(100);
  edit(lb01, { vrid: 78, priority: 160 });
  cluster.run(100);
  edit(lb01, { vrid: 55, priority: 170 });
  cluster.run(100);
  assert.equal(lb01.status.handing_over, true, "the first one is still on its way");
  const { times, look } = watch(cluster);
  cluster.run(10_000, look);
  assert.equal(times.noneMs, 0);
  assert.equal(lb01.status.priority.configured, 170);
  assert.equal(lb01.status.vrid, 55);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb02.status.state, "backup");
  edit(lb01, { vrid: 77 });
  lb01.reload({
    ...lb01.config,
    instances: [instanceConfig({ name: "VI_2", vrid: 56, addresses: [SECOND] })],
  });
  cluster.run(10_000);
  assert.deepEqual(lb01.daemon!.status().instances.map(({ name }) => name), ["VI_2"]);
});

Deno.test("a reload in the middle of a demote changes nothing about it", async () => {
  const { cluster, lb01 } = electedPair();
  const answer = lb01.daemon!.demote("VI_1");
  cluster.run(100);
  edit(lb01, { priority: 160, addresses: [VIP, SECOND] });
  assert.ok((await cluster.settle(answer)).ok);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01.host.virtualAddresses, []);
});

Deno.test("a demote whose instance is replaced meanwhile is superseded", async () => {
  const { cluster, lb01 } = electedPair();
  const answer = lb01.daemon!.demote("VI_1");
  cluster.run(100);
  edit(lb01, { vrid: 77 });
  const result = await cluster.settle(answer);
  assert.equal(result.ok ? "" : result.code, "superseded");
  const refused = await cluster.settle(lb01.daemon!.demote("VI_1"));
  assert.ok(refused.ok, "the new one takes orders");
});

Deno.test("a clean stop in the middle of a reload ends with everything handed over", async () => {
  const { cluster, lb01 } = electedPair();
  edit(lb01, { vrid: 77 });
  const { times, look } = watch(cluster);
  await cluster.settle(lb01.stop(), look);
  assert.equal(times.noneMs, 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
  edit(lb01, { vrid: 78 });
  cluster.run(10_000);
  assert.deepEqual(lb01.host.virtualAddresses, []);
});

Deno.test("standing orders outlast every reload that leaves their instance its name", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  await cluster.settle(lb01.daemon!.demote("VI_1", { forMs: 3_600_000 }));
  const order = lb01.status.override;
  edit(lb01, { priority: 200, preempt: false });
  cluster.run(10_000);
  assert.deepEqual(lb01.status.override, order);
  assert.deepEqual(cluster.holders, ["lb02"]);
  edit(lb01, { vrid: 77 });
  assert.equal(statusOf(lb01.daemon, "VI_1").override?.kind, "demoted");
  edit(lb02, { vrid: 77 });
  cluster.run(20_000);
  assert.deepEqual(lb01.status.override, order);
  assert.deepEqual(cluster.holders, ["lb02"]);
  lb01.reload({
    ...lb01.config,
    instances: [instanceConfig({ name: "VI_2", vrid: 56, addresses: [SECOND] })],
  });
  assert.ok(codes(lb01).includes("order_dropped"));
  await cluster.settle(Promise.resolve());
  assert.ok(!lb01.host.disk.text!.includes("VI_1"));
});

Deno.test("an order for a replaced instance outlives a kill before the new one has started", async () => {
  const { cluster, lb01 } = electedPair();
  await cluster.settle(lb01.daemon!.setPriority("VI_1", 200));
  edit(lb01, { vrid: 77 });
  lb01.daemon!.reconfigure({ ...lb01.config, node: "another" });
  await cluster.settle(Promise.resolve());
  lb01.start();
  assert.equal(lb01.status.override?.kind, "priority");
});

const TRACKED: Partial<InstanceConfig> = { track: [{ kind: "check", check: "nginx" }] };

function withCheck(node: SimNode, changes: Partial<CheckConfig>): void {
  node.reload({ ...node.config, checks: [{ ...NGINX_CHECK, ...changes } as CheckConfig] });
}

Deno.test("a check that changes keeps its verdict until its first result, which decides alone", () => {
  const { cluster, lb01 } = electedPair(TRACKED);
  const state = () => lb01.daemon!.status().checks[0]!.state;
  lb01.host.checks.probeTookMs = 500;
  withCheck(lb01, { fall: 5, intervalMs: 10_000 });
  assert.equal(state(), "up");
  cluster.run(400);
  assert.deepEqual([state(), lb01.status.state, lb01.status.faults], ["up", "master", []]);
  lb01.host.checks.set("nginx", false);
  cluster.run(200);
  assert.deepEqual([state(), lb01.status.state], ["down", "master"]);
  assert.equal(lb01.status.handing_over, true);
  cluster.run(5000);
  withCheck(lb01, { fall: 4, intervalMs: 10_000 });
  cluster.run(400);
  assert.equal(lb01.status.state, "fault", "nor is it taken for well without a result");
  lb01.host.checks.set("nginx", true);
  cluster.run(200);
  assert.equal(state(), "up");
});

Deno.test("checks that stay are probed as planned, new ones are awaited, removed ones end", () => {
  const { cluster, lb01 } = electedPair(TRACKED);
  const before = lb01.daemon!.status().checks[0];
  const database = { ...NGINX_CHECK, name: "database" };
  lb01.host.checks.probeTookMs = 500;
  edit(lb01, {
    track: [{ kind: "check", check: "nginx" }, { kind: "check", check: "database" }],
  }, { checks: [database, NGINX_CHECK] });
  const { times, look } = watch(cluster);
  assert.deepEqual(lb01.daemon!.status().checks.map(({ state }) => state), ["unknown", "up"]);
  assert.deepEqual(lb01.daemon!.status().checks[1], before);
  cluster.run(1000, look);
  assert.deepEqual(lb01.daemon!.status().checks.map(({ state }) => state), ["up", "up"]);
  edit(lb01, { track: [{ kind: "check", check: "database" }] }, { checks: [database] });
  lb01.host.setCheck("nginx", false);
  cluster.run(10_000, look);
  assert.deepEqual(times, { noneMs: 0, manyMs: 0 });
  assert.deepEqual(lb01.daemon!.status().checks.map(({ name }) => name), ["database"]);
});

const FRONT = instanceConfig({ name: "front", addresses: [VIP] });
const BACK = instanceConfig({ name: "back", vrid: 56, addresses: [SECOND] });
const GROUPED: readonly SyncGroupConfig[] = [{ name: "SG", instances: ["front", "back"] }];

function splitPair(preempt: boolean) {
  const cluster = new SimCluster([{}, {}]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const instances = (front: number, back: number) => [
    { ...FRONT, preempt, priority: front },
    { ...BACK, preempt, priority: back },
  ];
  lb01.reload({ ...config("lb01", {}), instances: instances(150, 100) });
  lb02.reload({ ...config("lb02", {}), instances: instances(100, 150) });
  cluster.start();
  cluster.run(10_000);
  const holders = () =>
    [VIP, SECOND].map(({ address }) =>
      cluster.nodes.filter(({ host }) =>
        host.virtualAddresses.some((virtual) => virtual.address === address)
      ).map(({ name }) => name).join("+")
    ).join(" ");
  assert.equal(holders(), "lb01 lb02");
  return { cluster, lb01, lb02, holders, instances };
}

for (const preempt of [true, false]) {
  Deno.test(`instances that become a sync group come together on one node (preempt: ${preempt})`, () => {
    const { cluster, lb01, lb02, holders, instances } = splitPair(preempt);
    lb01.reload({ ...lb01.config, instances: instances(150, 150), syncGroups: GROUPED });
    lb02.reload({ ...lb02.config, instances: instances(100, 100), syncGroups: GROUPED });
    let both = 0;
    let none = 0;
    cluster.run(20_000, () => {
      if (holders().includes("+")) both++;
      if (holders().split(" ").some((who) => who === "")) none++;
    });
    assert.match(holders(), /^(lb01 lb01|lb02 lb02)$/);
    assert.equal(none, 0);
    assert.equal(statusOf(lb01.daemon, "back").sync_group, "SG");
    // Apart again, each goes its own way.
    lb01.reload({ ...lb01.config, syncGroups: [] });
    lb02.reload({ ...lb02.config, syncGroups: [] });
    assert.equal(statusOf(lb01.daemon, "back").sync_group, null);
    const before = holders();
    cluster.run(10_000);
    assert.equal(holders(), before);
  });
}

Deno.test("a member that joins a sync group on the master's node goes along with it", () => {
  const { cluster, lb01, lb02 } = electedPair();
  const grouped = (node: SimNode, priority: number) => ({
    ...node.config,
    instances: [{ ...FRONT, name: "VI_1", priority }, { ...BACK, priority }],
    syncGroups: [{ name: "SG", instances: ["VI_1", "back"] }],
  });
  lb01.reload(grouped(lb01, 150));
  assert.equal(statusOf(lb01.daemon, "back").state, "master");
  lb02.reload(grouped(lb02, 100));
  cluster.run(10_000);
  assert.equal(statusOf(lb02.daemon, "back").state, "backup");
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("the node's name follows, and every change is told once", () => {
  const { lb01 } = electedPair();
  lb01.reload({ ...lb01.config, node: "edge-1" });
  assert.equal(lb01.daemon!.status().node, "edge-1");
  assert.deepEqual(changesTold(lb01), ["node: lb01 -> edge-1"]);
});
