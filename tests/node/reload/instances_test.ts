/** A reload brings instances, takes them away and puts others in their place; orders outlive it. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { instanceConfig, SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { statusOf } from "../instance/grouped_pair.ts";
import { codes, edit, electedPair, SECOND, watch } from "./reloading_pair.ts";

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

Deno.test("the alarms of a removed instance go with it", () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.setLink(false);
  cluster.run(1000);
  const subjects = () => lb01.daemon!.status().alarms.map(({ subject }) => subject);
  assert.ok(subjects().includes("VI_1"));
  const two = instanceConfig({ name: "VI_2", vrid: 56, addresses: [SECOND] });
  lb01.reload({ ...lb01.config, instances: [two] });
  assert.ok(!subjects().includes("VI_1"), subjects().join());
});

Deno.test("an instance that is added starts as at a start, next to the others", () => {
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
  const answer = lb01.daemon!.command({ kind: "demote", instance: "VI_1" });
  cluster.run(100);
  edit(lb01, { priority: 160, addresses: [VIP, SECOND] });
  assert.ok((await cluster.settle(answer)).ok);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01.host.virtualAddresses, []);
});

Deno.test("a demote whose instance is replaced meanwhile is superseded", async () => {
  const { cluster, lb01 } = electedPair();
  const answer = lb01.daemon!.command({ kind: "demote", instance: "VI_1" });
  cluster.run(100);
  edit(lb01, { vrid: 77 });
  const result = await cluster.settle(answer);
  assert.equal(result.ok ? "" : result.code, "superseded");
  const refused = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.ok(refused.ok, "the new one takes orders");
});

Deno.test("a command for an instance that waits for its former self is refused, with nothing but the reason", async () => {
  const { cluster, lb01 } = electedPair();
  edit(lb01, { vrid: 77 });
  const command = { kind: "demote", instance: "VI_1" } as const;
  assert.deepEqual(await cluster.settle(lb01.daemon!.command(command)), {
    ok: false,
    code: "instance_not_ready",
    message: "VI_1 hands over for the new configuration; try again in a moment",
  });
});

Deno.test("a command that is refused has the reason, and no instance", async () => {
  const cluster = new SimCluster([{ priority: 255 }, { priority: 100 }]);
  cluster.start();
  cluster.run(5000);
  const { daemon } = cluster.nodes[1]!;
  const refused = await cluster.settle(daemon!.command({ kind: "promote", instance: "VI_1" }));
  assert.deepEqual(Object.keys(refused).sort(), ["code", "message", "ok"]);
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

Deno.test("overrides outlast every reload that leaves their instance its name", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  await cluster.settle(
    lb01.daemon!.command({ kind: "demote", instance: "VI_1", forMs: 3_600_000 }),
  );
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

Deno.test("an override of a replaced instance outlives a kill before the new one has started", async () => {
  const { cluster, lb01 } = electedPair();
  await cluster.settle(
    lb01.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 200 }),
  );
  edit(lb01, { vrid: 77 });
  lb01.daemon!.reconfigure({ ...lb01.config, node: "another" });
  await cluster.settle(Promise.resolve());
  lb01.start();
  assert.equal(lb01.status.override?.kind, "priority");
});

Deno.test("the journal says why a reload ends an instance", async (t) => {
  const ended = ({ daemon }: SimNode) =>
    daemon!.journal.since().filter(({ transition }) => transition?.to === "init")
      .map(({ message }) => message);
  await t.step("it is not configured any more", () => {
    const { cluster, lb01, lb02 } = electedPair();
    for (const node of [lb01, lb02]) node.reload({ ...node.config, instances: [] });
    cluster.run(10_000);
    const why = "a reload took it out of the configuration";
    assert.deepEqual(ended(lb01), [`VI_1: master -> init: ${why}`]);
    assert.deepEqual(ended(lb02), [`VI_1: backup -> init: ${why}`]);
  });
  await t.step("it is another virtual router", () => {
    const { cluster, lb01 } = electedPair();
    edit(lb01, { vrid: 77, priority: 140, interface: "eth9" });
    cluster.run(10_000);
    assert.deepEqual(ended(lb01), [
      "VI_1: master -> init: a reload makes another virtual router of it, " +
      "interface: eth1 -> eth9, vrid: 55 -> 77",
    ]);
  });
  await t.step("vipd stops", async () => {
    const { cluster, lb01 } = electedPair();
    await cluster.settle(lb01.stop());
    assert.deepEqual(ended(lb01), ["VI_1: master -> init: vipd stops"]);
  });
});
