/**
 * Seeded random faults against nodes whose two instances form a sync group. Whenever the cluster is left in
 * peace, one able node serves both addresses, or none does where no node is able to.
 */

import type { TrackConfig } from "../../src/config/model.ts";
import { type SimNode, tracked } from "../../src/sim/cluster.ts";
import { seededRandom } from "../../src/sim/random.ts";
import {
  BACK,
  FRONT,
  GroupedCluster,
  type GroupedNode,
  statusOf,
} from "../node/instance/grouped_pair.ts";

const SEEDS = 500;
const ROUNDS = 4;
/** Master_Down_Interval, hand-overs, the interval of checks and the longest preempt delay, with some margin. */
const SETTLE_MS = 25_000;

const tracks = (check: string, random: () => number): TrackConfig[] => {
  const kind = random();
  if (kind < 0.3) return [];
  if (kind < 0.5) return [tracked({ kind: "check", check })];
  return kind < 0.75
    ? [tracked({ kind: "check", check, whenDown: "last_resort" })]
    : [tracked({ kind: "check", check, weight: -50 })];
};

class GroupScenario {
  readonly log: string[] = [];
  readonly #cluster: GroupedCluster;
  readonly #random: () => number;
  readonly #hung = new Set<SimNode>();

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.#random = random;
    const version = random() < 0.5 ? 2 : 3;
    const count = random() < 0.7 ? 2 : 3;
    const track = { front: tracks("nginx", random), back: tracks("database", random) };
    const nodes = Array.from({ length: count }, (_, index): GroupedNode => ({
      both: {
        version,
        authentication: { type: "none" },
        // Different ones: between equal priorities the members' addresses would have to agree too.
        priority: 40 + 90 * index + Math.floor(random() * 20),
        preempt: random() < 0.8,
        preemptDelayMs: random() < 0.3 ? 5000 : 0,
      },
      front: { track: track.front },
      back: { track: track.back },
    }));
    this.#cluster = new GroupedCluster(nodes, seed);
  }

  async run(): Promise<void> {
    this.#cluster.start();
    for (let round = 0; round < ROUNDS; round++) {
      for (let faults = 1 + Math.floor(this.#random() * 5); faults > 0; faults--) {
        this.#fault(this.#pick(this.#cluster.nodes));
        await this.#pass(this.#random() * 6000);
      }
      await this.#calm();
      this.#expectTogether();
    }
  }

  #fault(node: SimNode): void {
    const { host } = node;
    const name = this.#pick([FRONT, BACK]);
    const faults: Record<string, () => void> = {
      "link down": () => host.setLink(false),
      "link up": () => host.setLink(true),
      "nginx dies": () => host.setCheck("nginx", false),
      "nginx returns": () => host.setCheck("nginx", true),
      "database dies": () => host.setCheck("database", false),
      "database returns": () => host.setCheck("database", true),
      "kill": () => node.kill(),
      "power off": () => node.powerOff(),
      "restart": () => {
        node.kill();
        node.start();
      },
      "hang": () => {
        host.hang();
        this.#hung.add(node);
      },
      "partition": () =>
        this.#cluster.network.partition(
          [host.name],
          this.#cluster.nodes.map((other) => other.host.name).filter((other) =>
            other !== host.name
          ),
        ),
      "heal": () => this.#cluster.network.heal(),
      "promote": () => void node.daemon?.command({ kind: "promote", instance: name }),
      "demote": () => void node.daemon?.command({ kind: "demote", instance: name }),
      "release": () => void node.daemon?.command({ kind: "release", instance: name }),
    };
    const what = this.#pick(Object.keys(faults));
    this.#tell(`${host.name}: ${what}`);
    faults[what]!();
  }

  /** Everything is mended but the checks. */
  async #calm(): Promise<void> {
    this.#tell("calm");
    this.#cluster.network.heal();
    for (const node of this.#cluster.nodes) {
      if (this.#hung.delete(node)) node.host.wake();
      node.host.setLink(true);
      if (node.daemon === null) node.start();
    }
    await this.#pass(SETTLE_MS);
  }

  /** Lets time pass in steps, between which orders come to their ends. */
  async #pass(forMs: number): Promise<void> {
    const steps = Math.ceil(forMs / 100);
    for (let step = 0; step < steps; step++) {
      this.#cluster.run(forMs / steps);
      for (let turn = 0; turn < 6; turn++) await Promise.resolve();
    }
  }

  #expectTogether(): void {
    const states = this.#cluster.nodes.map((node) => ({
      name: node.host.name,
      states: [FRONT, BACK].map((name) => statusOf(node.daemon, name).state),
      able: statusOf(node.daemon, FRONT).faults.length === 0,
    }));
    const able = states.filter((node) => node.able).map(({ name }) => name);
    const holder = this.#cluster.holdersOf(FRONT);
    const together = states.every((node) => node.states[0] === node.states[1]) &&
      holder === this.#cluster.holdersOf(BACK);
    if (together && (able.length === 0 ? holder === "" : able.includes(holder))) return;
    this.#tell(`${JSON.stringify(states)}, held: ${this.#cluster.holders}`);
    throw new Error(`the group is apart: ${this.#cluster.holders}`);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }

  #tell(what: string): void {
    this.log.push(`${this.#cluster.time.nowMs.toFixed(1).padStart(10)} ms  ${what}`);
  }
}

Deno.test(`under random faults (${SEEDS} seeds) peace brings a sync group together on one node`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scenario = new GroupScenario(seed);
    try {
      await scenario.run();
    } catch (error) {
      throw new Error(`seed ${seed}:\n${scenario.log.join("\n")}`, { cause: error });
    }
  }
});
