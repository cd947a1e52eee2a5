/** A pair that is reloaded, and what is seen of that. */

import assert from "node:assert/strict";
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";

export const SECOND = { address: "192.168.31.6", prefixLength: 24, device: "eth1" };

interface Sent {
  readonly atMs: number;
  readonly from: string;
  readonly octets: string;
}

/** lb01 (150) and lb02 (100), lb01 master; every advert from then on is kept. */
export function electedPair(changes: Partial<InstanceConfig> = {}, whole: Partial<Config> = {}) {
  const cluster = new SimCluster([{ priority: 150, ...changes }, { priority: 100, ...changes }]);
  for (const node of cluster.nodes) node.reload({ ...node.config, ...whole });
  cluster.start();
  cluster.run(Math.max(10_000, 40 * (changes.advertIntervalCs ?? 0)));
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  assert.ok(lb01.holds && !lb02.holds);
  const sent: Sent[] = [];
  cluster.network.watch(({ name }, payload) => {
    sent.push({ atMs: cluster.time.nowMs, from: name, octets: payload.join() });
  });
  return { cluster, lb01, lb02, sent };
}

/** The node's file has one instance with these changes, and what else is changed. */
export function edit(
  node: SimNode,
  changes: Partial<InstanceConfig>,
  whole: Partial<Config> = {},
): void {
  const instances = node.config.instances.map((instance) => ({ ...instance, ...changes }));
  node.reload({ ...node.config, instances, ...whole });
}

export function codes(node: SimNode): string[] {
  return node.daemon!.journal.since().map(({ code }) => code);
}

export function transitions(node: SimNode): number {
  return codes(node).filter((code) => code === "state_changed").length;
}

export function changesTold(node: SimNode): string[] {
  return node.daemon!.journal.since().filter(({ code }) => code === "config_changed")
    .map(({ message }) => message);
}

/** The time in which nobody, or more than one, had the address, in milliseconds. */
export function watch(cluster: SimCluster) {
  const times = { noneMs: 0, manyMs: 0 };
  let lastMs = cluster.time.nowMs;
  let holders = cluster.holders.length;
  const look = () => {
    const tookMs = cluster.time.nowMs - lastMs;
    if (holders === 0) times.noneMs += tookMs;
    if (holders > 1) times.manyMs += tookMs;
    lastMs = cluster.time.nowMs;
    holders = cluster.holders.length;
  };
  return { times, look };
}
