/** Damping of a sync group: what holds one member back holds all of them back. On virtual time. */

import assert from "node:assert/strict";
import type { InstanceConfig, TrackConfig } from "../../../src/config/model.ts";
import { USUAL_DAMPING } from "../../../src/config/values/defaults.ts";
import { type SimNode, tracked } from "../../../src/sim/cluster.ts";
import { Restarted } from "../restarted.ts";
import { BACK, FRONT, GroupedCluster, type GroupedNode, statusOf } from "./grouped_pair.ts";

const { withinMs: WINDOW_MS, holdAfterMs: HOLD_MS } = USUAL_DAMPING;
const ON_LB01 = "front: lb01, back: lb01";
const ON_LB02 = "front: lb02, back: lb02";
const MEMBERS = [FRONT, BACK];

const SITE: TrackConfig = tracked({ kind: "check", check: "nginx", whenDown: "last_resort" });
const FAULT: TrackConfig = tracked({ kind: "check", check: "nginx" });
const WEIGHT: TrackConfig = tracked({ kind: "check", check: "nginx", weight: -60 });
const OFF = { damping: { moves: 0, withinMs: WINDOW_MS, holdAfterMs: HOLD_MS } };

/** lb01 serves both, lb02 follows it. */
function serving(lb01: GroupedNode, lb02: GroupedNode = {}): GroupedCluster {
  const cluster = new GroupedCluster([
    { ...lb01, both: { priority: 150, ...lb01.both } },
    { ...lb02, both: { priority: 100, ...lb02.both } },
  ]);
  cluster.start();
  cluster.run(10_000);
  assert.equal(cluster.holders, ON_LB01);
  return cluster;
}

const effective = ({ daemon }: SimNode) =>
  MEMBERS.map((name) => statusOf(daemon, name).priority.effective);
const alarmsOf = ({ daemon }: SimNode) =>
  daemon!.status().alarms.map(({ code, subject }) => `${code} ${subject}`).toSorted();

/** The check fails on lb01 whenever it is master. Afterwards no member of it is better than another at any moment. */
function failingMaster(cluster: GroupedCluster, forMs: number, failing: readonly SimNode[]): void {
  const untilMs = cluster.time.nowMs + forMs;
  while (cluster.time.nowMs < untilMs) {
    for (const node of failing) {
      node.host.setCheck("nginx", node.host.virtualAddresses.length === 0);
    }
    cluster.run(500, () => {
      for (const node of failing) {
        const [front, back] = effective(node);
        assert.equal(front, back, `${node.name} at ${cluster.time.nowMs}`);
      }
    });
  }
  for (const node of failing) node.host.setCheck("nginx", true);
}

Deno.test("all members are held back in one turn, whichever tracks what fails and however", () => {
  const cases: [string, GroupedNode, string[]][] = [
    ["a last resort", { front: { track: [SITE] } }, [`flapping ${BACK}`, `flapping ${FRONT}`]],
    ["a fault", { back: { track: [FAULT] } }, [`flapping ${BACK}`, `flapping ${FRONT}`]],
    ["a weight", { back: { track: [WEIGHT] } }, [`flapping ${BACK}`, `flapping ${FRONT}`]],
  ];
  for (const [what, node, alarms] of cases) {
    const cluster = serving(node);
    const [lb01] = cluster.nodes as [SimNode];
    failingMaster(cluster, 120_000, [lb01]);
    cluster.run(10_000);
    assert.deepEqual(effective(lb01), [1, 1], what);
    assert.deepEqual([cluster.holders, alarmsOf(lb01)], [ON_LB02, alarms], what);
    cluster.run(HOLD_MS + 10_000);
    assert.deepEqual(effective(lb01), [150, 150], what);
    assert.deepEqual([cluster.holders, alarmsOf(lb01)], [ON_LB01, []], what);
  }
});

Deno.test("one member that is held back holds the others, although nothing damps them", () => {
  for (const held of ["front", "back"] as const) {
    const other = held === "front" ? "back" : "front";
    const cluster = serving({ [held]: { track: [SITE] }, [other]: OFF });
    const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
    failingMaster(cluster, 120_000, [lb01]);
    cluster.run(10_000);
    assert.deepEqual([cluster.holders, effective(lb01)], [ON_LB02, [1, 1]], held);
    for (const name of MEMBERS) {
      const { reasons } = statusOf(lb01.daemon, name).priority;
      assert.match(JSON.stringify(reasons), /held back: the addresses came or went 4 times/, name);
    }
    lb02.powerOff();
    cluster.run(5000);
    assert.equal(cluster.holders, ON_LB01, "nobody else serves");
  }
});

Deno.test("a check that fails on each node that is master: the moves of a group end, and no member is apart", () => {
  const cluster = serving({ front: { track: [SITE] } }, { front: { track: [SITE] } });
  failingMaster(cluster, WINDOW_MS / 2, cluster.nodes);
  const before = cluster.holders;
  assert.ok([ON_LB01, ON_LB02].includes(before), before);
  const came = () =>
    cluster.nodes.flatMap(({ daemon }) =>
      MEMBERS.map((name) => statusOf(daemon, name).counters.became_master)
    );
  const counted = came();
  failingMaster(cluster, WINDOW_MS / 4, cluster.nodes);
  assert.deepEqual([cluster.holders, came()], [before, counted]);
});

Deno.test("a hold of one member's engine before this one holds all from their first election on", () => {
  const cluster = serving({ front: { track: [SITE] }, back: OFF });
  const lb01 = new Restarted(cluster.nodes[0]!);
  failingMaster(cluster, 120_000, [lb01.node]);
  lb01.kill();
  lb01.start();
  assert.deepEqual(effective(lb01.node), [1, 1]);
  cluster.run(20_000);
  assert.deepEqual([cluster.holders, effective(lb01.node)], [ON_LB02, [1, 1]]);
});

Deno.test("a promote of one member ends the hold of all, without an advert of the low priority", async () => {
  const speakers: Partial<InstanceConfig>[] = [
    {},
    { version: 3, advertIntervalCs: 10, authentication: { type: "none" } },
  ];
  for (const both of speakers) {
    for (const name of MEMBERS) {
      const cluster = serving({ both, front: { track: [SITE] } }, { both });
      const [lb01] = cluster.nodes as [SimNode];
      failingMaster(cluster, 120_000, [lb01]);
      cluster.run(10_000);
      assert.deepEqual([cluster.holders, effective(lb01)], [ON_LB02, [1, 1]]);
      const priorities = new Set<number>();
      // The third octet (RFC 9568 section 5.1).
      cluster.network.watch((from, payload) => {
        if (from.name === lb01.name) priorities.add(payload[2]!);
      });
      const result = await cluster.settle(
        lb01.daemon!.command({ kind: "promote", instance: name }),
      );
      assert.ok(result.ok, JSON.stringify(result));
      cluster.run(50);
      assert.deepEqual([...priorities], [254], name);
      assert.deepEqual([cluster.holders, effective(lb01)], [ON_LB01, [254, 254]], name);
      await cluster.settle(lb01.daemon!.command({ kind: "release", instance: name }));
      cluster.run(10_000);
      assert.deepEqual([cluster.holders, effective(lb01)], [ON_LB01, [150, 150]], name);
      assert.deepEqual(alarmsOf(lb01), []);
    }
  }
});
