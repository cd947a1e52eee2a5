/** Two simulated nodes that have settled, and all that a pair goes through in its life. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../src/config/model.ts";
import { SimCluster, type SimNode } from "../../src/sim/cluster.ts";

export interface Pair {
  readonly cluster: SimCluster;
  readonly lb01: SimNode;
  readonly lb02: SimNode;
}

/** lb01 (150) and lb02 (100), long enough after their start that lb01 is master. */
export function electedPair(changes: Partial<InstanceConfig> = {}): Pair {
  const cluster = new SimCluster([{ priority: 150, ...changes }, { priority: 100, ...changes }]);
  cluster.start();
  cluster.run(10_000);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
  return { cluster, lb01, lb02 };
}

/** lb02 is promoted and released, then lb01 loses its power and starts again. */
export async function handOversAndRestart({ cluster, lb01, lb02 }: Pair): Promise<void> {
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  cluster.run(3000);
  await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
  cluster.run(5000);
  lb01.powerOff();
  cluster.run(8000);
  lb01.start();
  cluster.run(8000);
}
