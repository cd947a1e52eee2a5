/**
 * What simulated nodes do under faults and orders that a seed draws: every effect with its time.
 *
 * @module
 */

import { seededRandom } from "../../../src/sim/random.ts";
import type { AskedFamily } from "./family.ts";
import { command, SimulatedCluster } from "./simulated.ts";
import {
  drawCluster,
  drawNode,
  type NodeSettings,
  pick,
  type Random,
} from "./simulated_configs.ts";
import { traceTexts } from "./traced_host.ts";

export const SEEDS = 500;

const ROUNDS = 2;
/** Virtual milliseconds. */
const START_MS = 5000;
const FAULT_MAX_MS = 4000;
/** Of advert intervals: long enough for an election, a hand-over and what follows. */
const PEACE_INTERVALS = 8;

const LOST = { loss: 1, duplication: 0, delayMs: 0, jitterMs: 0 };
const GOOD = { loss: 0, duplication: 0, delayMs: 0.1, jitterMs: 1 };

export const TRACES: AskedFamily<number> = {
  name: "traces",
  origin: "source: the simulator",
  answer: async (seed) => traceTexts((await walk(seed)).trace),
};

async function walk(seed: number): Promise<SimulatedCluster> {
  const random = seededRandom(seed);
  const settings = drawCluster(random);
  const own = Array.from({ length: settings.nodes }, () => drawNode(random));
  const cluster = new SimulatedCluster(settings, own, seed);
  const { nodes, network } = cluster;
  network.setConditions({
    loss: random() * 0.1,
    duplication: random() * 0.1,
    delayMs: 0.1,
    // Now and then so much that adverts overtake each other.
    jitterMs: random() * (random() < 0.3 ? 0.25 * settings.intervalMs : 5),
  });
  for (const node of nodes) node.start();
  await cluster.run(START_MS);
  for (let round = 0; round < ROUNDS; round++) {
    for (let faults = 1 + Math.floor(random() * 5); faults > 0; faults--) {
      disturb(cluster, Math.floor(random() * nodes.length), random);
      await cluster.run(random() * FAULT_MAX_MS);
    }
    restore(cluster);
    await cluster.run(PEACE_INTERVALS * settings.intervalMs);
  }
  return cluster;
}

/** Something happens to one node. */
function disturb(cluster: SimulatedCluster, index: number, random: Random): void {
  const { nodes, network } = cluster;
  const node = nodes[index]!;
  const { host } = node;
  const others = nodes.filter((other) => other !== node).map(({ name }) => name);
  const instance = cluster.settings.grouped && random() < 0.5 ? "VI_2" : "VI_1";
  const options = random() < 0.5 ? { forMs: 1000 + Math.floor(random() * 5000) } : {};
  const priority = 1 + Math.floor(random() * 254);
  const faults: readonly (() => void)[] = [
    () => host.setLink(false),
    () => host.setLink(true),
    () => host.setCheck("nginx", false),
    () => host.setCheck("nginx", true),
    () => void node.stop(),
    () => node.kill(),
    () => node.powerOff(),
    () => void node.start(),
    () => node.hang(),
    () => node.wake(),
    () => network.partition([node.name], others),
    () => others.forEach((other) => network.setDirection(other, node.name, LOST)),
    () => others.forEach((other) => network.filterVrrp(other, node.name)),
    () => network.heal(),
    () => command(node, { kind: "promote", instance, ...options }),
    () => command(node, { kind: "demote", instance, ...options }),
    () => command(node, { kind: "set_priority", instance, priority }),
    () => command(node, { kind: "clear_priority", instance }),
    () => command(node, { kind: "release", instance }),
    () => host.jumpWallClock((random() - 0.5) * 1e9),
    () => node.stealAddress(),
    () => cluster.reload(index, drawChange(cluster.own(index), random)),
  ];
  pick(random, faults)();
}

function drawChange(own: NodeSettings, random: Random): Partial<NodeSettings> {
  return pick<Partial<NodeSettings>>(random, [
    {},
    { priority: 2 + Math.floor(random() * 253) },
    { preempt: true, preemptDelayMs: own.preemptDelayMs > 0 ? 0 : 1000 },
    { weight: own.weight === null ? -50 : null },
    { addresses: own.addresses === "all" ? "first" : "all" },
  ]);
}

/** Nothing is lost any more, and every process runs. */
function restore({ network, nodes }: SimulatedCluster): void {
  network.heal();
  network.setConditions(GOOD);
  for (const node of nodes) {
    if (node.hung) node.wake();
    node.host.setLink(true);
    if (!node.running) node.start();
  }
}
