/**
 * Two nodes of one brand in a lab of their own, and a client beside them: lb01 is preferred, lb02 its backup.
 *
 * @module
 */

import { type Brand, type Daemon, KeepalivedDaemon, VipdDaemon } from "../../lab/daemon.ts";
import { LabError } from "../../lab/error.ts";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import {
  keepalivedConfig,
  PAIR_ADDRESS,
  PAIR_PLAN,
  type PairSettings,
  PRIORITIES,
  vipdConfig,
} from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";

export type NodeName = keyof typeof PRIORITIES;

/** As fast as both can be told to be in practice. */
export const TENTH_OF_A_SECOND = {
  version: 3,
  advertIntervalMs: 100,
} as const satisfies PairSettings;

const PLAN = {
  ...PAIR_PLAN,
  client: { eth1: { network: "front", addresses: ["192.168.31.100/24"] } },
} as const;

/** How a pair differs from the usual one. */
export interface PairOptions {
  /** vipd's config file of one node. */
  readonly config?: (node: NodeName) => string;
  /** keepalived's. */
  readonly keepalivedConfig?: (node: NodeName) => string;
  /** The daemon on lb01, where it is not the one that is measured. */
  readonly first?: Brand;
  /** Stands before the command that starts vipd on one node. */
  readonly before?: (node: NodeName) => readonly string[];
  /** Done in the lab before the nodes start. */
  readonly prepare?: (lab: Lab) => Promise<void>;
}

/** Longer than any start, in milliseconds: what is waited for when it must come. */
export const SETTLE_MS = 20_000;

/** Two running nodes; disposing of them ends the lab. */
export class Pair implements AsyncDisposable {
  readonly lab: Lab;
  readonly settings: PairSettings;
  readonly holders: HolderWatch;
  readonly #daemons: Readonly<Record<NodeName, Daemon>>;

  private constructor(
    lab: Lab,
    settings: PairSettings,
    holders: HolderWatch,
    daemons: Record<NodeName, Daemon>,
  ) {
    this.lab = lab;
    this.settings = settings;
    this.holders = holders;
    this.#daemons = daemons;
  }

  /** Starts both nodes; resolves when lb01 alone holds the address. */
  static async open(
    brand: Brand,
    settings: PairSettings,
    binary?: string,
    { before, prepare, first = brand, ...options }: PairOptions = {},
  ): Promise<Pair> {
    await using made = new AsyncDisposableStack();
    const lab = made.use(await Lab.open(`bench-${Deno.pid}`, PLAN));
    await prepare?.(lab);
    const nodes = [lab.host("lb01"), lab.host("lb02")];
    const holders = await HolderWatch.start(nodes, PAIR_ADDRESS);
    const usual = (node: NodeName) => vipdConfig(settings, PRIORITIES[node]);
    const usualKeepalived = (node: NodeName) => keepalivedConfig(settings, PRIORITIES[node]);
    const { config = usual, keepalivedConfig: keepalived = usualKeepalived } = options;
    const daemon = (node: NodeName) => {
      const host = lab.host(node);
      return (node === "lb01" ? first : brand) === "vipd"
        ? new VipdDaemon(new Vipd(host, { config: config(node), binary, before: before?.(node) }))
        : new KeepalivedDaemon(host, keepalived(node));
    };
    const daemons = { lb01: daemon("lb01"), lb02: daemon("lb02") };
    const pair = new Pair(lab, settings, holders, daemons);
    for (const each of Object.values(daemons)) await each.launch();
    await pair.heldBy("lb01");
    made.move();
    return pair;
  }

  daemon(node: NodeName): Daemon {
    return this.#daemons[node];
  }

  get client(): LabHost {
    return this.lab.host("client");
  }

  /** Waits until one node alone holds the address; resolves with when it began to. */
  async heldBy(node: NodeName): Promise<number> {
    try {
      return await this.holders.heldBy(node, SETTLE_MS);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      throw new LabError(`${error.message}\n${this.#lastWords()}`);
    }
  }

  #lastWords(): string {
    return Object.values(this.#daemons)
      .map((it) => `--- ${it.brand} on ${it.host.name}\n${it.lastLines().slice(-8).join("\n")}`)
      .join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}
