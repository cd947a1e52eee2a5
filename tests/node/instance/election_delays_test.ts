/** Delays around the election, with the whole node: preempt delay, start, start delay, missing adverts. */

import { NO_REHEARSAL } from "../../../src/config/model.ts";
import assert from "node:assert/strict";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config, instanceConfig, SimCluster, SimNode } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

/** lb02 is master when lb01 starts, which is preferred and has a preempt delay of a minute. */
function returned() {
  const cluster = new SimCluster([{ priority: 150, preemptDelayMs: 60_000 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes;
  lb02!.start();
  cluster.run(10_000);
  lb01!.start();
  return { cluster, lb01: lb01!, lb02: lb02! };
}

Deno.test("a node that returns leaves a weaker master in peace for the preempt delay", () => {
  const { cluster, lb01 } = returned();
  cluster.run(60_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb01.status.reason.code, "preempted_lower_priority");
});

Deno.test("the preempt delay does not delay the replacement of a dead master", () => {
  const { cluster, lb02 } = returned();
  cluster.run(5000);
  lb02.host.powerOff();
  cluster.run(3500);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a promoted node does not wait for the preempt delay", async () => {
  const { cluster, lb01 } = returned();
  cluster.run(5000);
  assert.ok((await cluster.settle(lb01.daemon!.command({ kind: "promote", instance: "VI_1" }))).ok);
  cluster.run(1);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("fewer missing adverts mean an earlier takeover", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100, downTimerAdverts: 1 }]);
  cluster.nodes[0]!.start();
  cluster.run(10_000);
  cluster.nodes[1]!.start();
  cluster.run(5000);
  cluster.nodes[0]!.host.powerOff();
  cluster.run(1615);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("a takeover is aimed early by what the machine needs for it, and by 2 ms at most", () => {
  for (const [leadMs, earlyMs] of [[0, 0], [0.5, 0.5], [2, 2], [5, 2]] as const) {
    const cluster = new SimCluster([{ version: 2, advertIntervalCs: 100, priority: 100 }]);
    cluster.nodes[0]!.host.leadMs = leadMs;
    cluster.start();
    cluster.run(3609.375 - earlyMs - 0.01);
    assert.deepEqual(cluster.holders, [], `${leadMs} ms`);
    cluster.run(0.02);
    assert.deepEqual(cluster.holders, ["lb01"], `${leadMs} ms`);
  }
});

/** Makes lb01's daemon at once and starts it a second later; its Master_Down_Interval is 3609.375 ms. */
function startLate(cluster: SimCluster): LoadBalancer {
  const { host } = cluster.nodes[0]!;
  const options = { version: "0", store: host.openStore() };
  const daemon = new LoadBalancer(config("lb01", { priority: 100 }), host, options);
  cluster.run(1000);
  daemon.start();
  return daemon;
}

Deno.test("the first wait for a master counts from when the node listens, not from its start", () => {
  const cluster = new SimCluster([{}]);
  startLate(cluster);
  cluster.run(2609);
  assert.deepEqual(cluster.holders, []);
  cluster.run(1);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("who is heard before the start is waited for from then on", () => {
  const cluster = new SimCluster([{}, { priority: 50 }]);
  const lb02 = cluster.nodes[1]!;
  lb02.start();
  cluster.run(9000);
  const sentBefore = lb02.status.counters.advertisements_sent;
  const daemon = startLate(cluster);
  assert.equal(lb02.status.counters.advertisements_sent, sentBefore + 1);
  lb02.powerOff();
  // Its last advert came within the second before the start.
  cluster.run(2650);
  assert.equal(daemon.status().instances[0]!.state, "backup");
  cluster.run(960);
  assert.equal(daemon.status().instances[0]!.state, "master");
  assert.deepEqual(daemon.status().dropped, {});
});

Deno.test("a port that opens with the start has heard nobody before", () => {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const state = host.interfaceState.bind(host);
  host.interfaceState = (name) => cluster.time.nowMs < 1000 ? null : state(name);
  startLate(cluster);
  cluster.run(3609);
  assert.deepEqual(cluster.holders, []);
  cluster.run(1);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

/** One node that starts with a start delay of 30 s. */
function delayedNode(priority = 100): { time: VirtualTime; node: SimNode } {
  const time = new VirtualTime();
  const network = new SimNetwork(time, seededRandom(1));
  const machine = {
    name: "lb01",
    interface: "eth1",
    address: "192.168.31.11",
    linkLocal: "fe80::11",
  };
  const node = new SimNode({
    node: "lb01",
    api: { listen: [], hosts: [], tokenFile: "/run/vipd/token", localReading: "open" },
    runDir: "/run/vipd",
    stateDir: "/var/lib/vipd",
    startDelayMs: 30_000,
    process: {},
    interfaces: [],
    checks: [],
    instances: [instanceConfig({ priority })],
    syncGroups: [],
    rehearse: NO_REHEARSAL,
    notify: [],
    peers: [],
  }, new SimHost(machine, time, network));
  node.start();
  return { time, node };
}

Deno.test("a node with a start delay takes no part in the election before it is over", async () => {
  const { time, node } = delayedNode();
  time.runUntil(29_999);
  assert.equal(node.status.state, "init");
  assert.deepEqual(node.status.faults, ["the start delay is not over"]);
  const refused = await node.daemon!.command({ kind: "promote", instance: "VI_1" });
  assert.ok(!refused.ok && refused.code === "instance_not_ready");
  assert.match(refused.message, /start delay/);
  time.runUntil(30_000);
  assert.equal(node.status.state, "backup");
  assert.deepEqual(node.status.faults, []);
  time.runUntil(33_610);
  assert.equal(node.status.state, "master");
});

Deno.test("the owner of the addresses waits for the start delay too, and then for nothing", () => {
  const { time, node } = delayedNode(255);
  time.runUntil(29_999);
  assert.equal(node.status.state, "init");
  time.runUntil(30_000);
  assert.equal(node.status.state, "master");
});

Deno.test("what fails during the start delay is a fault, and its end does not cut the delay short", () => {
  const { time, node } = delayedNode();
  time.runUntil(10_000);
  node.host.setLink(false);
  assert.equal(node.status.state, "fault");
  node.host.setLink(true);
  time.runUntil(29_999);
  assert.notEqual(node.status.state, "backup");
  time.runUntil(30_000);
  assert.equal(node.status.state, "backup");
});

Deno.test("a stop during the start delay ends it", async () => {
  const { time, node } = delayedNode();
  time.runUntil(10_000);
  await node.daemon!.stop();
  time.runUntil(60_000);
  assert.equal(node.status.state, "init");
  assert.equal(node.holds, false);
});
