/** A reload changes what instances depend on: checks and sync groups. */

import assert from "node:assert/strict";
import type { InstanceConfig, SyncGroupConfig } from "../../../src/config/model.ts";
import type { CheckConfig } from "../../../src/health/check_config.ts";
import {
  config,
  instanceConfig,
  NGINX_CHECK,
  SimCluster,
  type SimNode,
  tracked,
  VIP,
} from "../../../src/sim/cluster.ts";
import { statusOf } from "../instance/grouped_pair.ts";
import { edit, electedPair, SECOND, watch } from "./reloading_pair.ts";

const TRACKED: Partial<InstanceConfig> = { track: [tracked({ kind: "check", check: "nginx" })] };

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
    track: [
      tracked({ kind: "check", check: "nginx" }),
      tracked({ kind: "check", check: "database" }),
    ],
  }, { checks: [database, NGINX_CHECK] });
  const { times, look } = watch(cluster);
  assert.deepEqual(lb01.daemon!.status().checks.map(({ state }) => state), ["unknown", "up"]);
  assert.deepEqual(lb01.daemon!.status().checks[1], before);
  cluster.run(1000, look);
  assert.deepEqual(lb01.daemon!.status().checks.map(({ state }) => state), ["up", "up"]);
  edit(lb01, { track: [tracked({ kind: "check", check: "database" })] }, { checks: [database] });
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
