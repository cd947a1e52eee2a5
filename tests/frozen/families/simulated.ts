/**
 * A cluster in the simulator whose nodes' doings are written down.
 *
 * @module
 */

import { parseConfig } from "../../../src/config/load.ts";
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { SimNode } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import type { InstanceCommand } from "../../../src/status/commands/commands.ts";
import {
  type ClusterSettings,
  hostAddress,
  hostName,
  nodeConfig,
  type NodeSettings,
} from "./simulated_configs.ts";
import { emptyTrace, type Trace, traceEntry, traceHost } from "./traced_host.ts";

export class SimulatedCluster {
  readonly settings: ClusterSettings;
  readonly time = new VirtualTime();
  readonly network: SimNetwork;
  readonly nodes: readonly SimNode[];
  readonly trace: Trace = emptyTrace();
  /** Each node's own settings, which a reload changes. */
  readonly #own: NodeSettings[];

  /** One node for each of `own`, none started; `seed` decides what the network and the kernels do by chance. */
  constructor(settings: ClusterSettings, own: readonly NodeSettings[], seed: number) {
    this.settings = settings;
    this.#own = [...own];
    this.network = new SimNetwork(this.time, seededRandom(seed));
    const random = seededRandom(seed);
    this.nodes = own.map((node, index) => {
      const [name, address] = [hostName(index), hostAddress("ipv4", index)];
      const linkLocal = hostAddress("ipv6", index);
      const machine = { name, interface: "eth1", address, linkLocal, random };
      const host = new SimHost(machine, this.time, this.network);
      traceHost(host, this.trace);
      const config = parse(nodeConfig(settings, node, index));
      return new SimNode(config, host, new Set([(_, it) => traceEntry(host, it, this.trace)]));
    });
  }

  /** Lets virtual time pass, then everything that a node does after a promise. */
  async run(forMs: number): Promise<void> {
    this.time.runUntil(this.time.nowMs + forMs);
    await new Promise((resolve) => setImmediate(resolve));
  }

  own(index: number): NodeSettings {
    return this.#own[index]!;
  }

  reload(index: number, changes: Partial<NodeSettings>): void {
    const changed = { ...this.own(index), ...changes };
    this.#own[index] = changed;
    this.nodes[index]!.reload(parse(nodeConfig(this.settings, changed, index)));
  }
}

/** A node of vipd 0.1.0 has a method for each command, and its source is asked when a family is recorded. */
type FrozenNode = Readonly<
  & Record<"promote" | "demote", (instance: string, options: object) => Promise<unknown>>
  & Record<"release" | "clearPriority", (instance: string) => Promise<unknown>>
  & {
    setPriority: (instance: string, priority: number) => Promise<unknown>;
  }
>;

/** Gives the node a command, whichever vipd it is. */
export function command(node: SimNode, given: InstanceCommand): void {
  node.command((daemon) =>
    "command" in daemon ? daemon.command(given) : frozenCommand(daemon as FrozenNode, given)
  );
}

function frozenCommand(node: FrozenNode, given: InstanceCommand): Promise<unknown> {
  const { instance } = given;
  switch (given.kind) {
    case "promote":
    case "demote":
      return node[given.kind](instance, given.forMs === undefined ? {} : { forMs: given.forMs });
    case "release":
      return node.release(instance);
    case "set_priority":
      return node.setPriority(instance, given.priority);
    case "clear_priority":
      return node.clearPriority(instance);
  }
}

function parse(text: string): Config {
  const result = parseConfig(text, "vipd.yaml", { hostname: "lb01" });
  if (!result.ok) throw new SyntaxError(`the configuration has a fault:\n${text}`);
  return { ...result.config, instances: result.config.instances.map(asBefore) };
}

/** 0.1.0 knew no sole backup and no damping: what it did is compared with the present vipd where these are turned off. */
function asBefore(instance: InstanceConfig): InstanceConfig {
  const damping = { moves: Infinity, withinMs: 1000, holdAfterMs: 1000 };
  return { ...instance, soleBackup: false, damping };
}
