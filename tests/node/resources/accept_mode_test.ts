/** Accept_Mode off: what is refused, when, and what happens where the host cannot refuse. */

import assert from "node:assert/strict";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { AcceptMode } from "../../../src/node/resources/accept_mode.ts";
import { instanceConfig, SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

Deno.test("with accept off packets are refused before the address is there, on every node", () => {
  const cluster = new SimCluster([{ priority: 150, accept: false }, { accept: false }]);
  cluster.start();
  for (const { host, holds } of cluster.nodes) {
    assert.equal(holds, false);
    assert.deepEqual(host.unreachable, [VIP]);
  }
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(cluster.nodes[0]!.host.unreachable, [VIP]);
});

Deno.test("without accept off nothing is refused", () => {
  const cluster = new SimCluster([{}]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.nodes[0]!.host.unreachable, []);
});

Deno.test("what was refused is accepted again after a clean stop", async () => {
  const cluster = new SimCluster([{ accept: false }]);
  cluster.start();
  cluster.run(10_000);
  await cluster.settle(cluster.nodes[0]!.stop());
  assert.deepEqual(cluster.nodes[0]!.host.unreachable, []);
});

Deno.test("a host that cannot refuse packets is no master until it can, and says why", () => {
  const cluster = new SimCluster([{ accept: false }]);
  const [node] = cluster.nodes;
  node!.host.blockProblem = "the kernel has no nf_tables";
  cluster.start();
  cluster.run(10_000);
  assert.equal(node!.status.state, "fault");
  assert.deepEqual(node!.status.faults, ["the kernel has no nf_tables"]);
  assert.deepEqual(cluster.holders, []);
  const alarms = () =>
    node!.daemon!.status().alarms.map(({ code, severity, message }) => [code, severity, message]);
  assert.deepEqual(alarms(), [["refusal_failed", "error", "the kernel has no nf_tables"]]);
  assert.match(node!.daemon!.status().alarms[0]!.hint, /which is tried every 1 s; /);
  node!.host.blockProblem = "";
  cluster.run(15_000);
  assert.deepEqual(alarms(), []);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(node!.host.unreachable, [VIP]);
});

Deno.test("the host is asked once a second while it cannot refuse, and what changes is reported once", () => {
  const cluster = new SimCluster([{}]);
  const [{ host }] = cluster.nodes as [SimNode];
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  let [asked, changes] = [0, 0];
  const { blockPackets } = host;
  host.blockPackets = (addresses) => {
    asked++;
    return blockPackets.call(host, addresses);
  };
  const mode = new AcceptMode(host, alarms, () => changes++);
  const [refuses, accepts] = [instanceConfig({ accept: false }), instanceConfig()];
  const all = [refuses, accepts];
  host.blockProblem = "no nf_tables";
  mode.start(all);
  mode.start(all);
  assert.deepEqual([asked, changes], [2, 1]);
  assert.deepEqual(all.map((each) => mode.fault(each)), ["no nf_tables", null]);
  for (const [forMs, more] of [[999, 0], [1, 1], [1000, 1]] as const) {
    const before = asked;
    cluster.run(forMs);
    assert.equal(asked, before + more);
  }
  mode.stop();
  host.blockProblem = "";
  mode.stop();
  const before = asked;
  cluster.run(60_000);
  assert.deepEqual([asked, changes], [before, 2]);
  assert.deepEqual(all.map((each) => mode.fault(each)), [null, null]);
});
