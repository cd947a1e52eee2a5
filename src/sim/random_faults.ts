/**
 * Seeded random faults against two or three nodes, in rounds: disturbance, then peace in which exactly one able node
 * must come to serve.
 *
 * @module
 */

import type { Config, InstanceConfig, TrackConfig } from "../config/model.ts";
import { centisecondsToMs } from "../vrrp/timers.ts";
import { instanceConfig, NGINX_CHECK, type SimNode, tracked, VIP } from "./cluster.ts";
import { seededRandom } from "./random.ts";
import { Simulation } from "./simulation.ts";

const ROUNDS = 6;

const NGINX_FAULT = tracked({ kind: "check", check: "nginx" });
const NGINX_WEIGHT: TrackConfig = { ...NGINX_FAULT, weight: -50 };
const NGINX_LAST_RESORT: TrackConfig = { ...NGINX_FAULT, whenDown: "last_resort" };
const SECOND_ADDRESS = { address: "192.168.31.6", prefixLength: 24, device: "eth1" };

export class RandomFaults {
  readonly simulation: Simulation;
  readonly #random: () => number;

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
      track: [this.#pick([NGINX_FAULT, NGINX_WEIGHT, NGINX_LAST_RESORT])],
    }));
    this.simulation = new Simulation(instances, seed);
    this.simulation.cluster.network.setConditions({
      loss: this.#random() * 0.1,
      duplication: this.#random() * 0.1,
      delayMs: 0.1,
      // Now and then so much that adverts overtake each other.
      jitterMs: this.#random() * (this.#random() < 0.3 ? 25 * advertIntervalCs : 5),
    });
  }

  /** Runs all rounds, or until the first violation of an invariant. */
  run(): void {
    const { cluster, invariants } = this.simulation;
    this.simulation.step("all start", () => cluster.start());
    for (let round = 0; round < ROUNDS && invariants.violations.length === 0; round++) {
      for (let faults = 1 + Math.floor(this.#random() * 5); faults > 0; faults--) {
        this.#fault(this.#pick(cluster.nodes));
        this.simulation.run(this.#random() * 6000);
      }
      this.simulation.step("everything but the checks is repaired", () => this.#repair());
      // Long enough to see whether it lasts.
      this.simulation.run(cluster.settleMs * 1.5);
    }
  }

  #fault(node: SimNode): void {
    const { host } = node;
    const { nodes, network } = this.simulation.cluster;
    const others = nodes.filter((other) => other !== node).map((other) => other.name);
    const { name } = node.config.instances[0]!;
    const faults: Record<string, () => void> = {
      "link down": () => host.setLink(false),
      "link up": () => host.setLink(true),
      "nginx dies": () => host.setCheck("nginx", false),
      "nginx returns": () => host.setCheck("nginx", true),
      "stop": () => void node.stop(),
      "kill": () => node.kill(),
      "power off": () => node.powerOff(),
      "restart": () => void node.start(),
      "hang": () => node.hang(),
      "wake": () => node.wake(),
      "partition": () => network.partition([node.name], others),
      "deaf": () => others.forEach((other) => network.setDirection(other, node.name, LOST)),
      "heal": () => network.heal(),
      "promote": () =>
        node.command((daemon) => daemon.command({ kind: "promote", instance: name })),
      "demote": () => node.command((daemon) => daemon.command({ kind: "demote", instance: name })),
      "release": () =>
        node.command((daemon) => daemon.command({ kind: "release", instance: name })),
      "clock step": () => host.jumpWallClock((this.#random() - 0.5) * 1e9),
      "address stolen": () => node.stealAddress(),
      "reload": () => node.reload(this.#otherConfig(node)),
    };
    const what = this.#pick(Object.keys(faults));
    this.simulation.step(`${node.name}: ${what}`, faults[what]!);
  }

  /** One thing about the node's configuration changes; both nodes still agree on what they must. */
  #otherConfig(node: SimNode): Config {
    const { config } = node;
    const instance = config.instances[0]!;
    const edits: Record<string, () => Partial<InstanceConfig>> = {
      nothing: () => ({}),
      priority: () => ({ priority: 1 + Math.floor(this.#random() * 254) }),
      preempt: () => ({ preempt: !instance.preempt }),
      preemptDelay: () => ({
        preemptDelayMs: this.#pick([0, centisecondsToMs(instance.advertIntervalCs)]),
      }),
      track: () => ({
        track: this.#pick([[], [NGINX_FAULT], [NGINX_WEIGHT], [NGINX_LAST_RESORT]]),
      }),
      announce: () => ({ announce: { ...instance.announce, refreshMs: this.#pick([0, 1000]) } }),
      addresses: () => ({ addresses: this.#pick([[VIP], [VIP, SECOND_ADDRESS]]) }),
      name: () => ({ name: this.#pick([instanceConfig().name, "renamed"]) }),
    };
    const changes = edits[this.#pick(Object.keys(edits))]!();
    const checks = [{ ...NGINX_CHECK, fall: this.#pick([1, 2, 3]) }];
    return { ...config, checks, instances: [{ ...instance, ...changes }] };
  }

  /** Nothing is lost any more, and everybody runs. */
  #repair(): void {
    const { network, nodes } = this.simulation.cluster;
    network.heal();
    network.setConditions({ loss: 0, duplication: 0, delayMs: 0.1, jitterMs: 1 });
    for (const node of nodes) {
      if (node.hung) node.wake();
      node.host.setLink(true);
      if (!node.running) node.start();
    }
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }
}

const LOST = { loss: 1, duplication: 0, delayMs: 0, jitterMs: 0 };
