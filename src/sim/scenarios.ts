/**
 * Events that can happen to a cluster, as stories with a name.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { instanceConfig, type SimCluster, type SimNode, tracked } from "./cluster.ts";
import type { LinkConditions } from "./network.ts";
import { Simulation } from "./simulation.ts";

export interface Scenario {
  readonly name: string;
  /** One line for a list. */
  readonly summary: string;
  /** Loss and delay from the beginning; a quiet link if omitted. */
  readonly conditions?: Partial<LinkConditions>;
  readonly steps: readonly ScenarioStep[];
  readonly lastsMs: number;
}

interface ScenarioStep {
  readonly atMs: number;
  readonly text: string;
  /** `first` is the node with the highest priority. */
  act(first: SimNode, cluster: SimCluster): void;
}

export interface ScenarioOptions {
  readonly seed: number;
  /** How many nodes, 2 to 9. */
  readonly nodes: number;
  /** Probability in [0, 1) that a datagram is lost, instead of the scenario's own. */
  readonly loss?: number;
}

function others(first: SimNode, { nodes }: SimCluster): SimNode[] {
  return nodes.filter((node) => node !== first);
}

const NOTHING_PASSES: LinkConditions = { loss: 1, duplication: 0, delayMs: 0, jitterMs: 0 };

/** All scenarios, in the order in which a person may want to see them. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "election",
    summary: "all nodes start at once; the highest priority wins",
    steps: [],
    lastsMs: 10_000,
  },
  {
    name: "clean-stop",
    summary: "the master is stopped, hands over, and comes back",
    steps: [
      { atMs: 10_000, text: "vipd on lb01 is stopped", act: (first) => void first.stop() },
      { atMs: 20_000, text: "vipd on lb01 is started", act: (first) => void first.start() },
    ],
    lastsMs: 30_000,
  },
  {
    name: "promote",
    summary: "a command moves the address, and its end moves it back",
    steps: [
      {
        atMs: 10_000,
        text: "lb02 is promoted",
        act: (_, { nodes }) =>
          void nodes[1]!.daemon?.command({ kind: "promote", instance: instanceConfig().name }),
      },
      {
        atMs: 20_000,
        text: "lb02 is released",
        act: (_, { nodes }) =>
          void nodes[1]!.daemon?.command({ kind: "release", instance: instanceConfig().name }),
      },
    ],
    lastsMs: 30_000,
  },
  {
    name: "crash",
    summary: "the master's machine loses its power and comes back",
    steps: [
      { atMs: 10_000, text: "lb01 loses its power", act: (first) => first.powerOff() },
      { atMs: 20_000, text: "lb01 is back", act: (first) => void first.start() },
    ],
    lastsMs: 30_000,
  },
  {
    name: "kill",
    summary: "vipd on the master is killed; its machine keeps the address until the lease ends",
    steps: [
      { atMs: 10_000, text: "vipd on lb01 is killed", act: (first) => first.kill() },
      { atMs: 20_000, text: "vipd on lb01 is started", act: (first) => void first.start() },
    ],
    lastsMs: 30_000,
  },
  {
    name: "hang",
    summary:
      "vipd on the master stands still for 8 s, longer than its lease, and is backup when it goes on",
    steps: [
      { atMs: 10_000, text: "vipd on lb01 hangs", act: (first) => first.hang() },
      { atMs: 18_000, text: "vipd on lb01 goes on", act: (first) => first.wake() },
    ],
    lastsMs: 30_000,
  },
  {
    name: "unplugged",
    summary: "the master's cable is pulled and put back",
    steps: [
      { atMs: 10_000, text: "lb01's cable is pulled", act: (first) => first.host.setLink(false) },
      { atMs: 20_000, text: "lb01's cable is back", act: (first) => first.host.setLink(true) },
    ],
    lastsMs: 30_000,
  },
  {
    name: "partition",
    summary: "the link between the nodes is cut: one master on each side; then it heals",
    steps: [
      {
        atMs: 10_000,
        text: "nothing passes between lb01 and the others",
        act: (first, cluster) =>
          cluster.network.partition(
            [first.name],
            others(first, cluster).map(({ name }) => name),
          ),
      },
      { atMs: 20_000, text: "the link is whole", act: (_, { network }) => network.heal() },
    ],
    lastsMs: 30_000,
  },
  {
    name: "asymmetric-link",
    summary: "the master is not heard any more but hears the others: two masters",
    steps: [
      {
        atMs: 10_000,
        text: "what lb01 sends is lost",
        act: (first, cluster) => {
          for (const { name } of others(first, cluster)) {
            cluster.network.setDirection(first.name, name, NOTHING_PASSES);
          }
        },
      },
      { atMs: 20_000, text: "the link is whole", act: (_, { network }) => network.heal() },
    ],
    lastsMs: 30_000,
  },
  {
    name: "lossy-link",
    summary: "of a hundred datagrams 20 are lost, some are late or doubled; then a crash",
    conditions: { loss: 0.2, duplication: 0.05, jitterMs: 20 },
    steps: [
      { atMs: 60_000, text: "lb01 loses its power", act: (first) => first.powerOff() },
    ],
    lastsMs: 75_000,
  },
  {
    name: "flapping-check",
    summary: "the check of nginx on the master fails and recovers every 2 s",
    steps: [10, 12, 14, 16, 18, 20].map((second, index): ScenarioStep => {
      const well = index % 2 === 1;
      const text = well ? "nginx on lb01 is back" : "nginx on lb01 dies";
      return { atMs: second * 1000, text, act: (first) => first.host.setCheck("nginx", well) };
    }),
    lastsMs: 30_000,
  },
  {
    name: "clock-step",
    summary: "the wall clock of every node jumps; nothing happens",
    steps: [
      {
        atMs: 10_000,
        text: "the clock of lb01 jumps a day ahead, those of the others an hour back",
        act: (first, cluster) => {
          first.host.jumpWallClock(86_400_000);
          for (const node of others(first, cluster)) node.host.jumpWallClock(-3_600_000);
        },
      },
    ],
    lastsMs: 30_000,
  },
];

/** Plays a scenario on nodes with the priorities 150, 100, 90 and so on. */
export async function playScenario(
  scenario: Scenario,
  { seed, nodes, loss }: ScenarioOptions,
): Promise<Simulation> {
  const instances = Array.from({ length: nodes }, (_, index): Partial<InstanceConfig> => ({
    priority: index === 0 ? 150 : 110 - 10 * index,
    track: [tracked({ kind: "check", check: "nginx" })],
  }));
  const simulation = new Simulation(instances, seed);
  const { cluster } = simulation;
  cluster.network.setConditions({
    loss: 0,
    duplication: 0,
    delayMs: 0.1,
    jitterMs: 0.1,
    ...scenario.conditions,
    ...(loss === undefined ? {} : { loss }),
  });
  simulation.step("all nodes start", () => cluster.start());
  for (const { atMs, text, act } of scenario.steps) {
    simulation.run(atMs - cluster.time.nowMs);
    // A node's work after a promise, such as closing its ports after a stop, is done between the events.
    await Promise.resolve();
    simulation.step(text, () => act(cluster.nodes[0]!, cluster));
  }
  simulation.run(scenario.lastsMs - cluster.time.nowMs);
  return simulation;
}
