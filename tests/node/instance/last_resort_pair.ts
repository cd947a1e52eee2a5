/** A pair whose nodes may not be well, and what happens to its address. */

import assert from "node:assert/strict";
import type { InstanceConfig, TrackConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";

export const SITE: TrackConfig = tracked({
  kind: "check",
  check: "nginx",
  whenDown: "last_resort",
});
export const WEIGHT: TrackConfig = tracked({ kind: "check", check: "nginx", weight: -60 });

/** lb01 serves, lb02 follows it; both do not know each other's API. */
export function pair(
  lb01: Partial<InstanceConfig> = {},
  lb02: Partial<InstanceConfig> = {},
): { cluster: SimCluster; lb01: SimNode; lb02: SimNode } {
  const cluster = new SimCluster([
    { priority: 150, track: [SITE], ...lb01 },
    { priority: 100, track: [SITE], ...lb02 },
  ]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  const [first, second] = cluster.nodes as [SimNode, SimNode];
  return { cluster, lb01: first, lb02: second };
}

/** What happens to the address within so long: how often it moves, and whether anybody is without it. */
export function watch(cluster: SimCluster, forMs: number): { moves: number; unheldMs: number } {
  const untilMs = cluster.time.nowMs + forMs;
  let [holder = ""] = cluster.holders;
  let moves = 0;
  let unheldMs = 0;
  while (cluster.time.nowMs < untilMs) {
    cluster.run(1);
    const { holders } = cluster;
    if (holders.length === 0) unheldMs++;
    if (holders.length !== 1 || holders[0] === holder) continue;
    [holder = ""] = holders;
    moves++;
  }
  return { moves, unheldMs };
}
