/** Nodes that are not well serve only if nobody else does, on virtual time. */

import assert from "node:assert/strict";
import type { InstanceConfig, TrackConfig } from "../../../src/config/model.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";
import { handOverLimitMs } from "../../../src/vrrp/timers.ts";
import { knownPair } from "../pair/known_pair.ts";
import { BACK, FRONT, GroupedCluster, statusOf } from "./grouped_pair.ts";
import { pair, SITE, watch, WEIGHT } from "./last_resort_pair.ts";

/** Two failures, or successes, in a row. */
const CHECK_MS = 2 * NGINX_CHECK.intervalMs + 10;
const SETTLED_MS = 20_000;

const fails = ({ host }: SimNode) => host.setCheck("nginx", false);
const recovers = ({ host }: SimNode) => host.setCheck("nginx", true);
const alarms = ({ daemon }: SimNode) => daemon!.status().alarms.map(({ code }) => code);
const goodbyes = ({ status }: SimNode) => status.counters.priority_zero_sent;
const NOTHING = { moves: 0, unheldMs: 0 };
const ONE_MOVE = { moves: 1, unheldMs: 0 };

/** lb02's API answers lb01. */
function reports({ daemon, config: { node } }: SimNode, to: SimNode): void {
  const instances = daemon!.status().instances.map((instance) => ({
    ...instance,
    addresses: instance.addresses.map(({ address, prefix_length: length }) =>
      `${address}/${length}`
    ),
    advert_interval_ms: instance.timers.advert_interval_ms,
    override: instance.override?.kind ?? null,
  }));
  to.daemon!.peerReported(node, { ok: true, answer: { node, version: "simulated", instances } });
}

Deno.test("the check fails on the master: the other node serves, after one move and without a gap", () => {
  const others: Partial<InstanceConfig>[] = [{}, { preempt: false }, { track: [WEIGHT] }];
  const owns: Partial<InstanceConfig>[] = [{}, { version: 3, advertIntervalCs: 10 }];
  for (const changes of others) {
    for (const own of owns) {
      const plain = { authentication: { type: "none" } } as const;
      const made = pair({ ...plain, ...own }, { ...plain, ...own, ...changes });
      fails(made.lb01);
      assert.deepEqual(watch(made.cluster, SETTLED_MS), ONE_MOVE);
      const { state, priority, reason, faults } = made.lb01.status;
      assert.deepEqual([state, priority.effective, faults], ["backup", 2, []]);
      assert.equal(reason.code, "unwell");
      assert.deepEqual(priority.reasons, [{
        what: "check nginx is down: last resort",
        change: -148,
      }]);
      assert.deepEqual(alarms(made.lb01), ["unprotected"]);
      recovers(made.lb01);
      assert.deepEqual(watch(made.cluster, SETTLED_MS), ONE_MOVE);
      assert.equal(made.lb01.status.priority.effective, 150);
    }
  }
});

Deno.test("with preempt: false the node that has recovered stays backup", () => {
  const { cluster, lb01 } = pair({ preempt: false }, { preempt: false });
  fails(lb01);
  assert.deepEqual(watch(cluster, SETTLED_MS), ONE_MOVE);
  recovers(lb01);
  assert.deepEqual(watch(cluster, SETTLED_MS), NOTHING);
});

Deno.test("the check fails on both: the master asks once, goes on and says so; who recovers serves", () => {
  for (const both of [{}, { preempt: false }]) {
    const { cluster, lb01, lb02 } = pair(both, both);
    fails(lb02);
    assert.deepEqual(watch(cluster, CHECK_MS + 5000), NOTHING);
    assert.deepEqual(alarms(lb02), ["unprotected"]);
    const before = goodbyes(lb01);
    fails(lb01);
    assert.deepEqual(watch(cluster, 60_000), NOTHING);
    assert.equal(goodbyes(lb01), before + 1);
    assert.deepEqual(alarms(lb01), ["serving_unwell"]);
    assert.equal(lb01.status.priority.effective, 2);
    assert.deepEqual(lb02.status.counters.became_master, 0);
    recovers(lb01);
    assert.deepEqual(watch(cluster, SETTLED_MS), NOTHING);
    assert.deepEqual(alarms(lb01), []);
  }
});

Deno.test("both fail at once, and the backup recovers: with preempt it takes over, else when lb01 learns of it", () => {
  for (const preempt of [true, false]) {
    const { cluster, lb01, lb02 } = pair({}, { preempt });
    lb01.reload({ ...lb01.config, peers: [{ name: "lb02", url: "http://192.168.31.12:9112" }] });
    fails(lb01);
    fails(lb02);
    assert.deepEqual(watch(cluster, SETTLED_MS), NOTHING);
    const before = goodbyes(lb01);
    reports(lb02, lb01);
    assert.deepEqual(watch(cluster, 2000), NOTHING);
    assert.equal(goodbyes(lb01), before, "lb02 is known to be no better");
    recovers(lb02);
    assert.deepEqual(watch(cluster, SETTLED_MS), preempt ? ONE_MOVE : NOTHING);
    if (preempt) continue;
    reports(lb02, lb01);
    assert.deepEqual(watch(cluster, SETTLED_MS), ONE_MOVE);
    assert.deepEqual(cluster.holders, ["lb02"]);
  }
});

Deno.test("a master that knows that nobody is able asks nobody", () => {
  const { cluster, lb01, lb02 } = pair();
  lb01.reload({ ...lb01.config, peers: [{ name: "lb02", url: "http://192.168.31.12:9112" }] });
  fails(lb02);
  cluster.run(SETTLED_MS);
  const before = goodbyes(lb01);
  reports(lb02, lb01);
  fails(lb01);
  for (let second = 0; second < 30; second++) {
    reports(lb02, lb01);
    assert.deepEqual(watch(cluster, 1000), NOTHING);
  }
  assert.equal(goodbyes(lb01), before);
  assert.deepEqual(alarms(lb01), ["serving_unwell", "unprotected"]);
});

Deno.test("the remedy names the promote that ends the hold of a node that is well", () => {
  const { lb01, lb02, altered, run } = knownPair({ track: [SITE] });
  const what = "held back: the addresses came or went 4 times within 10 min";
  altered.set(lb02, (instance) => ({
    ...instance,
    priority: { ...instance.priority, effective: 1, reasons: [{ what, change: -99 }] },
  }));
  run(3000);
  fails(lb01);
  run(5000);
  const remedy = () =>
    lb01.daemon!.status().alarms.find(({ code }) => code === "serving_unwell")?.hint;
  assert.match(remedy()!, /^vipd promote VI_1 on lb02 ends its hold/);
});

Deno.test("one that is not well serves when nobody else does, later than a hand-over lasts", () => {
  const { cluster, lb01, lb02 } = pair();
  fails(lb02);
  cluster.run(SETTLED_MS);
  lb01.powerOff();
  cluster.run(4000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  cluster.run(100);
  assert.deepEqual(alarms(lb02), ["serving_unwell"]);
  lb01.start();
  assert.deepEqual(watch(cluster, SETTLED_MS), ONE_MOVE);
  assert.deepEqual(alarms(lb02), ["unprotected"], "lb01 serves");
  void lb01.stop();
  const { moves, unheldMs } = watch(cluster, SETTLED_MS);
  assert.equal(moves, 1);
  assert.ok(unheldMs <= handOverLimitMs(2, 100) / 4, `${unheldMs} ms`);
});

Deno.test("a failure stands above a promote, and promote says so", async () => {
  const { cluster, lb01, lb02 } = pair();
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  fails(lb02);
  assert.deepEqual(watch(cluster, SETTLED_MS), ONE_MOVE);
  assert.equal(lb02.status.priority.effective, 2);
  const refused = await lb02.daemon!.command({ kind: "promote", instance: "VI_1" });
  assert.ok(!refused.ok && refused.code === "instance_not_ready", JSON.stringify(refused));
  assert.match(refused.message, /not well.*check nginx is down/);
  assert.deepEqual(watch(cluster, SETTLED_MS), NOTHING);
  fails(lb01);
  assert.deepEqual(watch(cluster, SETTLED_MS), NOTHING);
});

Deno.test("demoted and not well is 1, and serves if nobody else does", async () => {
  const { cluster, lb01, lb02 } = pair();
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  fails(lb01);
  cluster.run(SETTLED_MS);
  assert.equal(lb01.status.priority.effective, 1);
  lb02.powerOff();
  cluster.run(4500);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("well again before anybody came: the master stays, without a wait", () => {
  const { cluster, lb01, lb02 } = pair();
  lb02.powerOff();
  fails(lb01);
  while (!lb01.status.handing_over) cluster.run(1);
  recovers(lb01);
  lb01.host.checks.publish("nginx");
  cluster.run(5000);
  assert.equal(lb01.status.priority.effective, 150);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("restarts of nodes that are not well move the address once each at most", () => {
  const { cluster, lb01, lb02 } = pair();
  fails(lb01);
  fails(lb02);
  cluster.run(SETTLED_MS);
  lb02.start();
  assert.deepEqual(watch(cluster, SETTLED_MS), NOTHING);
  lb01.start();
  const { moves } = watch(cluster, SETTLED_MS);
  assert.ok(moves <= 1, `${moves}`);
  assert.equal(cluster.holders.length, 1);
});

Deno.test("all members of a sync group go in one turn, and none if nobody comes", () => {
  const both = { authentication: { type: "none" } } as const;
  const group = new GroupedCluster([
    { both: { ...both, priority: 150 }, front: { track: [SITE] } },
    { both: { ...both, priority: 100 }, back: { track: [SITE] } },
  ]);
  group.start();
  group.run(10_000);
  const [lb01, lb02] = group.nodes as [SimNode, SimNode];
  const zeros = (node: SimNode) =>
    [FRONT, BACK].map((name) => statusOf(node.daemon, name).counters.priority_zero_sent);
  fails(lb02);
  fails(lb01);
  group.run(20_000, () => assert.equal(zeros(lb01)[0], zeros(lb01)[1]));
  assert.deepEqual(zeros(lb01), [1, 1]);
  assert.equal(group.holders, "front: lb01, back: lb01");
  assert.deepEqual(
    [FRONT, BACK].map((name) => statusOf(lb01.daemon, name).priority.effective),
    [2, 2],
  );
  assert.deepEqual(alarms(lb01), ["serving_unwell", "serving_unwell"]);
  recovers(lb02);
  group.run(20_000);
  assert.equal(group.holders, "front: lb02, back: lb02");
});

Deno.test("a tracked interface may be what makes a node the last resort", () => {
  const uplink: TrackConfig = tracked({
    kind: "interface",
    interface: "eth9",
    whenDown: "last_resort",
  });
  const cluster = new SimCluster([{ priority: 150, track: [uplink] }, { priority: 100 }]);
  cluster.start();
  cluster.run(SETTLED_MS);
  assert.deepEqual(cluster.holders, ["lb02"]);
  cluster.nodes[1]!.powerOff();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(cluster.nodes[0]!.status.faults, []);
});
