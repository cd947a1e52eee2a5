/** Two or more simulated nodes whose instances form a sync group. */

import { type Config, type InstanceConfig, NO_REHEARSAL } from "../../../src/config/model.ts";
import type { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { instanceConfig, NGINX_CHECK, SimNode } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";

export const FRONT = "front";
export const BACK = "back";

/** What a node's two instances have beyond the usual. */
export interface GroupedNode {
  readonly both?: Partial<InstanceConfig>;
  readonly front?: Partial<InstanceConfig>;
  readonly back?: Partial<InstanceConfig>;
}

const ADDRESSES = { [FRONT]: "192.168.31.5", [BACK]: "192.168.31.6" };

export class GroupedCluster {
  readonly time = new VirtualTime();
  readonly network: SimNetwork;
  readonly nodes: SimNode[];

  constructor(nodes: readonly GroupedNode[], seed = 1) {
    this.network = new SimNetwork(this.time, seededRandom(seed));
    this.nodes = nodes.map((node, index) => {
      const name = `lb0${index + 1}`;
      const number = 11 + index;
      const machine = {
        name,
        interface: "eth1",
        address: `192.168.31.${number}`,
        linkLocal: `fe80::${number}`,
      };
      return new SimNode(groupConfig(name, node), new SimHost(machine, this.time, this.network));
    });
  }

  start(): void {
    for (const node of this.nodes) node.start();
  }

  run(forMs: number, afterEach?: () => void): void {
    this.time.runUntil(this.time.nowMs + forMs, afterEach);
  }

  /** Runs virtual time until the promise has settled; what a group does waits for each of its members. */
  settle<T>(promise: Promise<T>, afterEach?: () => void): Promise<T> {
    return this.time.settle(promise, afterEach, 6);
  }

  /** Who holds the addresses now: `front: lb01, back: lb01`. */
  get holders(): string {
    return [FRONT, BACK].map((name) => `${name}: ${this.holdersOf(name)}`).join(", ");
  }

  holdersOf(name: string): string {
    const address = ADDRESSES[name as keyof typeof ADDRESSES];
    return this.nodes
      .filter(({ host }) => host.virtualAddresses.some((virtual) => virtual.address === address))
      .map(({ host }) => host.name).join("+");
  }
}

function groupConfig(name: string, { both, front, back }: GroupedNode): Config {
  const instance = (instanceName: keyof typeof ADDRESSES, vrid: number): InstanceConfig =>
    instanceConfig({
      name: instanceName,
      vrid,
      addresses: [{ address: ADDRESSES[instanceName], prefixLength: 24, device: "eth1" }],
      ...both,
    });
  return {
    node: name,
    api: { listen: [], hosts: [], tokenFile: "/run/vipd/token", localReading: "open" },
    runDir: "/run/vipd",
    stateDir: "/var/lib/vipd",
    startDelayMs: 0,
    process: {},
    interfaces: [],
    checks: [NGINX_CHECK, { ...NGINX_CHECK, name: "database" }],
    instances: [{ ...instance(FRONT, 55), ...front }, { ...instance(BACK, 56), ...back }],
    syncGroups: [{ name: "SG", instances: [FRONT, BACK] }],
    rehearse: NO_REHEARSAL,
    notify: [],
    peers: [],
  };
}

/** The status of one of a node's instances. */
export function statusOf(daemon: LoadBalancer | null, name: string): InstanceStatus {
  return daemon!.status().instances.find((instance) => instance.name === name)!;
}
