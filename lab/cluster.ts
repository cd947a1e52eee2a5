/**
 * The pair of load balancers as people run it: vipd and nginx on each, two web servers behind them, a client in
 * front of them.
 *
 * @module
 */

import { SteadyClient } from "./client.ts";
import { HolderWatch } from "./holders.ts";
import type { LabHost } from "./host.ts";
import { Lab, type LabPlan } from "./network.ts";
import { Nginx } from "./nginx.ts";
import { Vipd } from "./vipd.ts";
import { WallClock } from "./wall_clock.ts";

/** The virtual address, its device and its label in the example configs. */
export const VIP = { address: "192.168.31.5", device: "eth1", label: "eth1:1" } as const;

/** The instance's name in the example configs. */
export const INSTANCE = "VI_1";

const PLAN = {
  lb01: {
    eth0: { network: "back", addresses: ["10.0.0.11/24"] },
    eth1: { network: "front", addresses: ["192.168.31.11/24"] },
  },
  lb02: {
    eth0: { network: "back", addresses: ["10.0.0.12/24"] },
    eth1: { network: "front", addresses: ["192.168.31.12/24"] },
  },
  web01: { eth0: { network: "back", addresses: ["10.0.0.21/24"] } },
  web02: { eth0: { network: "back", addresses: ["10.0.0.22/24"] } },
  client: { eth1: { network: "front", addresses: ["192.168.31.100/24"] } },
} as const satisfies LabPlan;

const BACKENDS = ["10.0.0.21", "10.0.0.22"];

/** A drawing of the networks. */
export const PICTURE = `
                       client .100
                            │
  front 192.168.31.0/24 ────┼────────────────────┐      the virtual address
    (eth1)           ┌──────┴─────┐       ┌──────┴─────┐   192.168.31.5
                     │ lb01   .11 │       │ lb02   .12 │
                     │ vipd   150 │       │ vipd   100 │   priority
                     │ nginx      │       │ nginx      │
                     └──────┬─────┘       └──────┬─────┘
  back 10.0.0.0/24 ─────────┼────────────────────┤
    (eth0)              web01 .21            web02 .22
`;

/** The name of one of the two load balancers. */
export type BalancerName = "lb01" | "lb02";

/** A load balancer: the host and the programs on it. */
export interface Balancer {
  readonly host: LabHost;
  readonly nginx: Nginx;
  readonly vipd: Vipd;
  /** vipd's wall clock, if it is not the machine's. */
  readonly clock: WallClock | null;
}

/** The options of a cluster. */
export interface ClusterOptions {
  /** Marks every process of the lab in its environment. */
  readonly name: string;
  /** The built executable; without it vipd runs from source. */
  readonly binary?: string | undefined;
  /** Folder with `lb01.yaml` and `lb02.yaml`. @default {the project's config folder} */
  readonly configFolder?: string;
  /** Each vipd has a wall clock that can be stepped; needs `faketime`. @default {false} */
  readonly ownClocks?: boolean;
}

/** A running cluster, in which vipd is not started yet; disposing of it ends everything. */
export class Cluster implements AsyncDisposable {
  readonly lab: Lab;
  readonly balancers: Readonly<Record<BalancerName, Balancer>>;
  /** Watches which hosts have the virtual address. */
  readonly holders: HolderWatch;
  #client: SteadyClient | null = null;

  private constructor(lab: Lab, balancers: Record<BalancerName, Balancer>, holders: HolderWatch) {
    this.lab = lab;
    this.balancers = balancers;
    this.holders = holders;
  }

  /** Makes the hosts and starts nginx on them. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    await using made = new AsyncDisposableStack();
    const lab = made.use(await Lab.open(options.name, PLAN));
    await Promise.all(["web01", "web02"].map((name) => Nginx.serve(lab.host(name))));
    const folder = options.configFolder ?? new URL("../config", import.meta.url).pathname;
    const balancer = async (name: BalancerName): Promise<Balancer> => {
      const host = lab.host(name);
      const config = undamped(await Deno.readTextFile(`${folder}/${name}.yaml`));
      const clock = options.ownClocks ? await WallClock.on(host) : null;
      const vipd = new Vipd(host, { config, binary: options.binary, clock });
      return { host, nginx: await Nginx.balance(host, BACKENDS), vipd, clock };
    };
    const [lb01, lb02] = await Promise.all([balancer("lb01"), balancer("lb02")]);
    const holders = await HolderWatch.start([lb01.host, lb02.host], VIP.address);
    made.move();
    return new Cluster(lab, { lb01, lb02 }, holders);
  }

  /** The client, which starts to send requests to the virtual address at its first use. */
  get client(): SteadyClient {
    return this.#client ??= SteadyClient.start(this.lab.host("client"), { address: VIP.address });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}

/** Turns damping off, because in a lab the same node fails again and again within minutes, each time on purpose. */
export function undamped(config: string): string {
  return config.replace(/^( *)preempt: .*$/m, "$&\n$1damping: { moves: 0 }");
}
