/** Leased addresses: a node that is killed or stands still loses them, and knows it when it wakes. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { HostError } from "../../../src/host/errors.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config, instanceConfig, SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { SimulationLog } from "../../../src/sim/simulation_log.ts";

const SLOW = { version: 2, advertIntervalCs: 100 } as const;
const FAST = { version: 3, advertIntervalCs: 10, authentication: { type: "none" } } as const;

/** lb01 is master, lb02 backup; nothing has happened since. */
function pair(changes: Partial<InstanceConfig> = SLOW) {
  const instances = [150, 100].map((priority) => ({ ...changes, priority }));
  const cluster = new SimCluster(instances);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const recording = new SimulationLog(cluster);
  const run = (forMs: number) => cluster.run(forMs, () => recording.look());
  const overlapMs = () =>
    recording.overlaps().reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
  return { cluster, lb01, lb02, recording, run, overlapMs };
}

/** Why its present state began. */
function reason({ daemon }: SimNode): string {
  return daemon!.status().instances[0]!.reason.code;
}

Deno.test("a healthy master keeps its addresses, and its status shows the lease", () => {
  for (const changes of [SLOW, FAST]) {
    const { lb01, run, recording } = pair(changes);
    run(3_600_000);
    assert.deepEqual(recording.gaps(), []);
    const { lease } = lb01.status;
    assert.equal(lease?.seconds, changes === SLOW ? 3 : 2);
    assert.ok(lease.renewed_ms_ago! >= 0 && lease.renewed_ms_ago! <= 1000);
  }
  const { lb02 } = pair();
  assert.deepEqual(lb02.status.lease, { seconds: 3, renewed_ms_ago: null });
});

Deno.test("what a renewal failed for is put on again, but by nobody who has lost it meanwhile", () => {
  const { lb01, run } = pair();
  const { host } = lb01;
  const puts: string[] = [];
  const failures: (() => void)[] = [];
  const put = host.addAddress.bind(host);
  Object.assign(host, {
    addAddress(address: VirtualAddress, leaseSeconds?: number) {
      puts.push(`${address.address} for ${leaseSeconds} s`);
      return put(address, leaseSeconds);
    },
    renewAddresses(_: unknown, _seconds: unknown, failed: (error: HostError) => void) {
      failures.push(() => failed({ code: "ENODEV", message: "the interface is gone" }));
    },
  });
  run(1000);
  assert.equal(failures.length, 1);
  assert.deepEqual(puts, []);
  failures.pop()!();
  assert.deepEqual(puts, [`${VIP.address} for 3 s`]);
  run(1000);
  lb01.hang();
  run(3100);
  failures.pop()!();
  assert.equal(puts.length, 1);
});

Deno.test("without a lease an address outlives its daemon", () => {
  const permanent = instanceConfig({ priority: 150, leaseSeconds: null });
  const cluster = new SimCluster([{}]);
  const [{ host }] = cluster.nodes as [SimNode];
  const daemon = new LoadBalancer({ ...config("lb01", {}), instances: [permanent] }, host, {
    version: "simulated",
    store: host.openStore(),
  });
  daemon.start();
  cluster.run(10_000);
  assert.equal(daemon.status().instances[0]!.lease, null);
  host.killProcess();
  cluster.run(60_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

for (const end of ["kill", "hang"] as const) {
  Deno.test(`${end}, adverts of 1 s: at no moment do two nodes hold the address`, () => {
    const { cluster, lb01, run, overlapMs } = pair();
    run(700);
    lb01[end]();
    run(3300);
    assert.deepEqual(cluster.holders, []);
    run(60_000);
    assert.deepEqual(cluster.holders, ["lb02"]);
    assert.equal(overlapMs(), 0);
  });

  Deno.test(`${end}, adverts of 0.1 s: two nodes hold the address until the lease ends, not for ever`, () => {
    const { cluster, lb01, run, overlapMs } = pair(FAST);
    lb01[end]();
    run(60_000);
    assert.deepEqual(cluster.holders, ["lb02"]);
    assert.ok(overlapMs() > 0 && overlapMs() <= 2250 - 300, `${overlapMs()}`);
  });
}

Deno.test("a master that stood still for longer than its lease is backup, and wins its election as any", () => {
  const { cluster, lb01, lb02, run, overlapMs } = pair();
  lb01.hang();
  run(8000);
  lb01.wake();
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(lb01.status.state, "backup");
  assert.equal(reason(lb01), "lease_lapsed");
  const { advertisements_sent: sent } = lb01.status.counters;
  run(3000);
  assert.equal(lb01.status.counters.advertisements_sent, sent, "it has said nothing");
  run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(reason(lb01), "preempted_lower_priority");
  assert.equal(reason(lb02), "higher_priority_master");
  assert.equal(overlapMs() < 5, true, `${overlapMs()}`);
});

Deno.test("a master that stood still for less than its lease, and for less than its backups bear, carries on", () => {
  for (const [changes, sleepMs] of [[SLOW, 2300], [FAST, 250]] as const) {
    const { cluster, lb01, recording, run } = pair(changes);
    lb01.hang();
    run(sleepMs);
    lb01.wake();
    run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.deepEqual([...recording.gaps(), ...recording.overlaps()], []);
    assert.equal(lb01.status.counters.became_master, 1);
  }
});

Deno.test("a master that wakes within its lease, but after a backup took over, yields to that at once", () => {
  for (const preempt of [true, false]) {
    const { cluster, lb01, lb02, run, overlapMs } = pair({ ...FAST, preempt });
    lb01.hang();
    run(1000);
    assert.deepEqual(cluster.holders, ["lb01", "lb02"]);
    const { advertisements_sent: sent } = lb01.status.counters;
    lb01.wake();
    assert.deepEqual(cluster.holders, ["lb02"], "in the moment of waking");
    assert.equal(reason(lb01), "overslept");
    assert.equal(lb01.status.counters.advertisements_sent, sent, "without a word");
    run(5000);
    assert.deepEqual(cluster.holders, [preempt ? "lb01" : "lb02"]);
    assert.equal(lb02.status.counters.became_master, 1);
    assert.ok(overlapMs() < 710, `${overlapMs()}`);
  }
});

Deno.test("after a sleep the lease is looked at before anything else is done or answered", () => {
  const steps: Record<string, (node: SimNode) => unknown> = {
    "a question": (node) => node.status,
    "an order": (node) =>
      node.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 120 }),
    "a demote": (node) => node.daemon!.command({ kind: "demote", instance: "VI_1" }),
    "a stop": (node) => void node.daemon!.stop(),
    "a second signal": (node) => node.daemon!.abandon(),
  };
  for (const [what, step] of Object.entries(steps)) {
    const { cluster, lb01, run } = pair();
    // Nothing that came meanwhile is delivered: what is tried here is the first thing to happen.
    lb01.host.hang();
    run(8000);
    const { advertisements_sent: sent, priority_zero_sent: goodbyes } = lb01.status.counters;
    assert.equal(goodbyes, 0);
    step(lb01);
    assert.deepEqual(cluster.holders, ["lb02"], what);
    const { state, counters } = lb01.daemon!.status().instances[0]!;
    assert.notEqual(state, "master", what);
    assert.equal(counters.advertisements_sent, sent, what);
  }
});

Deno.test("a master that lost its lease in a sleep puts nothing back that went during it", () => {
  const addresses = [{ ...VIP, device: "vrrp.55", label: "vrrp.55:1" }];
  const to = { address: "10.1.0.0", prefixLength: 16 };
  const route = { kind: "route", family: "ipv4", to, table: 254 } as const;
  const losses: Record<string, (host: SimNode["host"]) => void> = {
    "its route": (host) => host.changeRouting(() => []),
    "its address": (host) => host.stealAddress(VIP.address),
    "its virtual interface": (host) => host.setMade("vrrp.55", false),
  };
  for (const [what, lose] of Object.entries(losses)) {
    const { lb01, run } = pair({
      ...{ ...SLOW, virtualInterface: "vrrp.55", addresses },
      routing: [{ ...route, device: "vrrp.55" }],
    });
    const { host } = lb01;
    lb01.hang();
    // The first thing that it hears when it wakes.
    lose(host);
    run(8000);
    const puts: string[] = [];
    host.addAddress = () => (puts.push("address"), null);
    host.addRouting = () => (puts.push("route"), null);
    host.announce = () => (puts.push("announcement"), null);
    host.setInterfaceUp = (_, up) => (puts.push(...(up ? ["interface"] : [])), null);
    lb01.wake();
    assert.deepEqual(puts, [], what);
    assert.equal(reason(lb01), "lease_lapsed");
  }
});

Deno.test("announcements that were due during a sleep are not made by a master that lost its addresses", () => {
  const announce = { ...instanceConfig().announce, delayMs: 900 };
  for (const hasOtherMac of [false, true]) {
    const cluster = new SimCluster([{ priority: 150, announce }]);
    cluster.start();
    const [lb01] = cluster.nodes as [SimNode];
    // Master after 3.4 s. The second announcement is due before the next advert.
    cluster.run(3100);
    if (hasOtherMac) lb01.host.setMac(Uint8Array.of(2, 0, 0, 0, 0, 0x21));
    cluster.run(800);
    // Is announced a second after the first one.
    if (hasOtherMac) lb01.host.setMac(Uint8Array.of(2, 0, 0, 0, 0, 0x22));
    cluster.run(100);
    const announced = () => lb01.host.announced.filter((address) => address === VIP.address).length;
    const before = announced();
    assert.ok(before > 0);
    lb01.hang();
    // The lease ended 5 ms ago, which the kernel has not noticed yet: nothing but timers comes to the process.
    cluster.run(2420);
    assert.equal(lb01.holds, true);
    lb01.wake();
    assert.equal(lb01.holds, false);
    assert.equal(announced(), before);
  }
});

Deno.test("a hand-over is leased to its end", () => {
  // The longest there is beside its shortest lease: with no advert in it, and the last renewal long ago.
  const slow = { ...FAST, advertIntervalCs: 4000, leaseSeconds: 41 };
  const instances = [{ ...slow, priority: 150 }];
  const cluster = new SimCluster(instances);
  cluster.start();
  cluster.run(139_000);
  const [lb01] = cluster.nodes as [SimNode];
  const recording = new SimulationLog(cluster);
  const outcome = lb01.daemon!.command({ kind: "demote", instance: "VI_1" });
  cluster.run(45_000, () => recording.look());
  assert.deepEqual(cluster.holders, ["lb01"], "nobody took over, so it stays");
  assert.deepEqual(recording.gaps(), []);
  return outcome.then((result) => assert.equal(result.ok, false));
});

Deno.test("an address that the kernel took when the lease had all but ended is put back", () => {
  const { cluster, lb01, run } = pair();
  lb01.hang();
  run(2300);
  lb01.host.stealAddress(VIP.address);
  lb01.wake();
  assert.deepEqual(cluster.holders, ["lb01"]);
  run(20_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a lifetime that another program changed lasts until the next renewal", () => {
  for (const leaseSeconds of [undefined, 1]) {
    const { cluster, lb01, run } = pair();
    lb01.host.addAddress(VIP, leaseSeconds);
    run(1000);
    lb01.kill();
    run(1500);
    assert.deepEqual(cluster.holders, ["lb01"]);
    run(1400);
    assert.deepEqual(cluster.holders, []);
  }
});

Deno.test("a reload gives the addresses that are held another lease, or takes it from them", () => {
  for (const leaseSeconds of [60, null]) {
    const { cluster, lb01 } = pair();
    lb01.reload(config("lb01", { priority: 150, leaseSeconds }));
    assert.equal(lb01.status.lease?.seconds ?? null, leaseSeconds);
    lb01.kill();
    cluster.run(50_000);
    assert.equal(lb01.holds, true);
    cluster.run(11_000);
    assert.equal(lb01.holds, leaseSeconds === null);
  }
});

Deno.test("a master that takes the addresses back which it could not take off renews their lease", async () => {
  const { cluster, lb01 } = pair();
  lb01.host.removeAddress = () => ({ code: "EPERM", message: "refused" });
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  cluster.run(1500);
  assert.deepEqual(cluster.holders, ["lb01", "lb02"], "one cannot take them off");
  void lb01.daemon!.command({ kind: "promote", instance: "VI_1" });
  assert.deepEqual(lb01.status.lease, { seconds: 3, renewed_ms_ago: 0 });
  lb01.kill();
  cluster.run(2900);
  assert.ok(lb01.holds, "a whole lease from then on");
  cluster.run(400);
  assert.ok(!lb01.holds);
});
