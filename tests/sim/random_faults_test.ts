/**
 * Seeded random faults against two or three simulated nodes. After every event each node's addresses must fit
 * its state; whenever the cluster is left in peace, exactly one able node serves.
 */

import type { InstanceConfig } from "../../src/config/model.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { SimCluster, type SimNode } from "../../src/sim/cluster.ts";

const SEEDS = 1000;
const ROUNDS = 6;
const NAME = "VI_1";

class Scenario {
  readonly cluster: SimCluster;
  readonly log: string[] = [];
  readonly #random: () => number;
  readonly #hung = new Set<SimNode>();
  readonly #stopped = new Set<SimNode>();
  /** What one Master_Down_Interval of the slowest node, one hand-over and some delay add up to. */
  readonly #settleMs: number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const version = this.#random() < 0.5 ? 2 : 3;
    const advertIntervalCs = version === 2 ? 100 : this.#pick([10, 50, 100]);
    const count = this.#random() < 0.7 ? 2 : 3;
    const instances = Array.from({ length: count }, (): Partial<InstanceConfig> => ({
      version,
      advertIntervalCs,
      priority: 1 + Math.floor(this.#random() * 254),
      preempt: this.#random() < 0.7,
      authentication: { type: "none" },
      track: [
        this.#random() < 0.5
          ? { kind: "check", check: "nginx" }
          : { kind: "check", check: "nginx", weight: -50 },
      ],
    }));
    this.cluster = new SimCluster(instances, seed);
    this.#settleMs = 2 * (4 * advertIntervalCs * 10 + 1200);
    this.cluster.network.setConditions({
      loss: this.#random() * 0.1,
      duplication: this.#random() * 0.1,
      delayMs: 0.1,
      jitterMs: this.#random() * 5,
    });
  }

  run(): void {
    this.cluster.start();
    for (let round = 0; round < ROUNDS; round++) {
      this.#disturb();
      this.#calm();
      this.#expectOneMaster();
    }
  }

  #disturb(): void {
    for (let faults = 1 + Math.floor(this.#random() * 5); faults > 0; faults--) {
      this.#fault(this.#pick(this.cluster.nodes));
      this.cluster.run(this.#random() * 6000, () => this.#checkNodes());
    }
  }

  #fault(node: SimNode): void {
    const { host } = node;
    const faults: Record<string, () => void> = {
      "link down": () => host.setLink(false),
      "link up": () => host.setLink(true),
      "nginx dies": () => host.setCheck("nginx", false),
      "nginx returns": () => host.setCheck("nginx", true),
      "stop": () => {
        void node.daemon?.stop();
        this.#stopped.add(node);
      },
      "kill": () => node.kill(),
      "power off": () => {
        node.kill();
        host.powerOff();
      },
      "restart": () => {
        node.kill();
        node.start();
        this.#stopped.delete(node);
      },
      "hang": () => {
        host.hang();
        this.#hung.add(node);
      },
      "partition": () =>
        this.cluster.network.partition(
          [host.name],
          this.cluster.nodes.map((other) => other.host.name).filter((name) => name !== host.name),
        ),
      "heal": () => this.cluster.network.heal(),
      "promote": () => void node.daemon?.promote(NAME),
      "demote": () => void node.daemon?.demote(NAME),
      "release": () => void node.daemon?.release(NAME),
      "clock step": () => host.jumpWallClock((this.#random() - 0.5) * 1e9),
      "address stolen": () => host.stealAddress("192.168.31.5"),
    };
    const what = this.#pick(Object.keys(faults));
    this.#tell(`${host.name}: ${what}`);
    faults[what]!();
  }

  /** Everything is mended but the checks, and nothing is lost any more. */
  #calm(): void {
    this.#tell("calm");
    this.cluster.network.heal();
    this.cluster.network.setConditions({ loss: 0, duplication: 0, delayMs: 0.1, jitterMs: 1 });
    for (const node of this.cluster.nodes) {
      if (this.#hung.delete(node)) node.host.wake();
      node.host.setLink(true);
      if (this.#stopped.delete(node) || node.daemon === null) {
        node.kill();
        node.start();
      }
    }
    this.cluster.run(this.#settleMs, () => this.#checkNodes());
  }

  /** The address is on a node exactly while its daemon is master. */
  #checkNodes(): void {
    for (const node of this.cluster.nodes) {
      if (!node.daemon || this.#hung.has(node)) continue;
      const { state } = node.status;
      const stolen = node.holds ? false : state === "master";
      // A removed address may be missing until it is put back a second later.
      if (node.holds && state !== "master") this.#fail(`${node.host.name} holds it as ${state}`);
      if (stolen && !this.#recentlyStolen(node)) {
        this.#fail(`${node.host.name} is master without it`);
      }
    }
  }

  #recentlyStolen(node: SimNode): boolean {
    return node.daemon!.journal.since().some(({ code }) => code === "address_vanished");
  }

  #expectOneMaster(): void {
    const able = this.cluster.nodes.filter((node) => node.status.faults.length === 0);
    const masters = able.filter((node) => node.status.state === "master");
    const expected = able.length === 0 ? 0 : 1;
    if (masters.length !== expected || this.cluster.holders.length !== expected) {
      const states = this.cluster.nodes.map(({ host, status }) =>
        `${host.name} ${status.state} ${status.priority.effective} ${status.faults}`
      );
      this.#fail(
        `${expected} master expected: ${states.join(", ")}; held by ${this.cluster.holders}`,
      );
    }
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }

  #tell(what: string): void {
    this.log.push(`${this.cluster.time.nowMs.toFixed(1).padStart(10)} ms  ${what}`);
  }

  #fail(why: string): never {
    this.#tell(why);
    throw new Error(why);
  }
}

Deno.test(`under random faults (${SEEDS} seeds) the address follows the state and peace brings one master`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scenario = new Scenario(seed);
    try {
      scenario.run();
    } catch (error) {
      throw new Error(`seed ${seed}:\n${scenario.log.join("\n")}`, { cause: error });
    }
  }
});
