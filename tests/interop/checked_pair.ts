/**
 * A pair whose nodes track a check that the test lets fail, with a client that asks the address all the time: who serves
 * after each failure, how often the address has moved, and for how long nobody answered.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch, overlaps, seen } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import { Prober } from "../../lab/prober.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import {
  keepalivedConfig,
  type NodeName,
  type Pair,
  PLAN,
  SCRIPT_SECONDS,
  vipdConfig,
  watchedAddresses,
} from "./pair.ts";

/** lb01 is the stronger node. */
const PRIORITIES = { lb01: 150, lb02: 100 } as const;

/** While it is there, a node is well. */
export const WELL_FILE = "/run/lab/well";

/** Until both have noticed what a check says, and what comes of it in the protocol, in milliseconds. */
const NOTICED_MS = SCRIPT_SECONDS * 1000 + 500;
/** For how long afterwards nothing more may move. */
const QUIET_MS = 500;
/** A machine that is shared with others. */
const PATIENCE_MS = 10_000;
/** How finely holders and answers are watched. */
const LOOK_MS = 10;
/** Two hold the address until the old master has heard the new one: less than a backup waits for a silent master. */
const BOTH_MS = 250;

export type CheckedBrand = "vipd" | "keepalived";

/** What happened since a cause. */
export interface Outcome {
  /** How often the address came to a node. */
  readonly moves: number;
  /** The longest time in which nobody answered, in milliseconds. */
  readonly silentMs: number;
}

/** How a pair is made. */
export interface CheckedPairOptions {
  readonly pair: Pair;
  readonly brands: Readonly<Record<NodeName, CheckedBrand>>;
  /** Of keepalived alone. */
  readonly nopreempt?: boolean;
}

/** A running pair; disposing of it ends the lab. */
export class CheckedPair implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #holders: HolderWatch;
  readonly #brands: Readonly<Record<NodeName, CheckedBrand>>;
  readonly #daemons: Readonly<Record<NodeName, Vipd | Keepalived>>;
  readonly #prober: Prober;

  private constructor(
    lab: Lab,
    holders: HolderWatch,
    brands: Readonly<Record<NodeName, CheckedBrand>>,
    daemons: Readonly<Record<NodeName, Vipd | Keepalived>>,
    prober: Prober,
  ) {
    this.#lab = lab;
    this.#holders = holders;
    this.#brands = brands;
    this.#daemons = daemons;
    this.#prober = prober;
  }

  /** Starts both nodes, well; resolves when lb01 serves. */
  static async open({ pair, brands, nopreempt = false }: CheckedPairOptions): Promise<CheckedPair> {
    await using made = new AsyncDisposableStack();
    const client = { eth1: { network: "front", addresses: ["192.168.31.100/24"] } };
    const lab = made.use(await Lab.open(`checked-${crypto.randomUUID()}`, { ...PLAN, client }));
    const [address = ""] = watchedAddresses(pair);
    const nodes = [lab.host("lb01"), lab.host("lb02")];
    const holders = await HolderWatch.start(nodes, address, LOOK_MS);
    const start = async (host: LabHost) => {
      const node = host.name as NodeName;
      await host.write(WELL_FILE, "");
      if (brands[node] === "keepalived") {
        const own = { ...pair, ...(nopreempt && { preempt: false }) };
        return await Keepalived.start(host, keepalivedConfig(own, node, PRIORITIES[node]));
      }
      const config = vipdConfig(pair, node, PRIORITIES[node]);
      const vipd = new Vipd(host, { config, binary: Deno.env.get("VIPD_BINARY") });
      await vipd.start();
      return vipd;
    };
    // One after the other: a node that does not preempt is to find its master.
    const lb01 = await start(nodes[0]!);
    await holders.heldBy("lb01", PATIENCE_MS);
    const daemons = { lb01, lb02: await start(nodes[1]!) };
    const prober = await Prober.start(lab.host("client"), address, LOOK_MS);
    await sleep(NOTICED_MS);
    made.move();
    return new CheckedPair(lab, holders, brands, daemons, prober);
  }

  /** The node of this brand; of a pair of one brand, lb01. */
  node(brand: CheckedBrand): NodeName {
    return this.#brands.lb01 === brand ? "lb01" : "lb02";
  }

  /** Who has the address now. */
  get serving(): string {
    return this.#holders.now().join("+");
  }

  vipd(node: NodeName): Vipd {
    const daemon = this.#daemons[node];
    if (daemon instanceof Vipd) return daemon;
    throw new TypeError(`${node} runs keepalived`);
  }

  async fails(node: NodeName): Promise<void> {
    await this.#lab.host(node).run(["rm", WELL_FILE]);
  }

  async recovers(node: NodeName): Promise<void> {
    await this.#lab.host(node).write(WELL_FILE, "");
  }

  async stops(node: NodeName): Promise<void> {
    await this.#daemons[node].stop();
  }

  /** Lets something happen, waits until `node` alone has the address and all is quiet, and says what came of it. */
  async after(cause: () => Promise<unknown>, node: NodeName): Promise<Outcome> {
    const fromMs = clockMs();
    await cause();
    await sleep(NOTICED_MS);
    await waitFor(`${node} alone to serve`, () => this.serving === node, {
      ...{ timeoutMs: PATIENCE_MS, everyMs: LOOK_MS },
      explain: () => `${this.serving || "nobody"} does\n${this.#lastWords()}`,
    });
    await sleep(QUIET_MS);
    return await this.since(fromMs);
  }

  /** What happened since then, which is milliseconds since the epoch. */
  async since(fromMs: number): Promise<Outcome> {
    const holdings = this.#holders.holdings();
    for (const both of overlaps(seen(holdings)).filter((it) => it.fromMs > fromMs)) {
      const ms = both.untilMs - both.fromMs;
      assert.ok(ms <= BOTH_MS, `two held it for ${ms} ms`);
    }
    return {
      moves: holdings.filter((it) => it.fromMs > fromMs).length,
      silentMs: await this.#prober.longestSilenceMs(fromMs, clockMs()),
    };
  }

  #lastWords(): string {
    return Object.entries(this.#daemons)
      .map(([node, { lastLines }]) => `--- ${node}\n${lastLines.slice(-12).join("\n")}`)
      .join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab[Symbol.asyncDispose]();
  }
}
