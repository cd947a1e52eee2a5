/** Accept_Mode off: what is refused, when, and what happens where the host cannot refuse. */

import assert from "node:assert/strict";
import { SimCluster, VIP } from "../../../src/sim/cluster.ts";

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
  node!.host.blockProblem = "";
  cluster.run(15_000);
  assert.deepEqual(alarms(), []);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(node!.host.unreachable, [VIP]);
});
