/**
 * The walk of a pair through everything that can happen to it, and what must be true all the way.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Frr } from "../../lab/frr.ts";
import { gaps, type Held, HolderWatch, overlaps, possible, seen } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { clockMs, sleep } from "../../lab/wait.ts";
import { type Brand, type Daemon, daemon } from "./daemon.ts";
import {
  frrRouter,
  masterDownMs,
  type NodeName,
  type Pair,
  PLAN,
  skewMs,
  watchedAddresses,
} from "./pair.ts";

/** lb01 is the stronger node, until its priority is lowered. */
const PRIORITIES = { lb01: 150, lb02: 100 } as const;
const LOWERED = 50;

/** How much later than the protocol says something may happen: the processes share a machine with others. */
const MARGIN_MS = 1000;
/** A busy machine needs as long as a fast pair's Skew_Time to stop a daemon and to see who holds the address. */
const BUSY_MS = 300;
/** A daemon takes this long to start, at most. */
const START_MS = 10_000;
/** Nobody may hold the address for this long when vipd hands over: the other speaks before it has the address. */
const GAP_MS = 100;
/**
 * Two may be seen to hold it for one advert interval, with looks 10 ms apart at both. FRR needs all of that for IPv6:
 * its first advert as master is lost, as the interface has no carrier yet, so the one before holds on to the next.
 */
const LOOKS_MS = 20;

/** Who is on which node. */
export type Brands = Readonly<Record<NodeName, Brand>>;

/** Walks one pair through all events, each a step of `t`; the first one that fails ends the walk. */
export async function walk(t: Deno.TestContext, pair: Pair, brands: Brands): Promise<void> {
  await using run = await Walk.open(pair, brands);
  for (const [event, happens] of run.events()) {
    if (!await t.step(event, () => run.explained(happens))) return;
  }
}

class Walk implements AsyncDisposable {
  readonly #pair: Pair;
  readonly #brands: Brands;
  readonly #lab: Lab;
  readonly #watches: readonly HolderWatch[];
  readonly #daemons: Readonly<Record<NodeName, Daemon>>;
  /** Spans in which a node may hold the addresses but does not speak: nobody can tell it to let go. */
  readonly #silent: Held[] = [];
  #holder: NodeName = "lb01";

  private constructor(
    pair: Pair,
    brands: Brands,
    lab: Lab,
    watches: HolderWatch[],
    daemons: Record<NodeName, Daemon>,
  ) {
    this.#pair = pair;
    this.#brands = brands;
    this.#lab = lab;
    this.#watches = watches;
    this.#daemons = daemons;
  }

  static async open(pair: Pair, brands: Brands): Promise<Walk> {
    await using made = new AsyncDisposableStack();
    const lab = made.use(await Lab.open(`interop-${crypto.randomUUID()}`, PLAN));
    const daemons = {
      lb01: await daemon(brands.lb01, lab.host("lb01"), pair, PRIORITIES.lb01),
      lb02: await daemon(brands.lb02, lab.host("lb02"), pair, PRIORITIES.lb02),
    };
    const watches = await Promise.all(
      watchedAddresses(pair).map((address) =>
        HolderWatch.start(lab.hosts, address, 10, carriers(pair, brands))
      ),
    );
    made.move();
    return new Walk(pair, brands, lab, watches, daemons);
  }

  /** What happens, in this order. */
  events(): [event: string, happens: () => Promise<void>][] {
    const preempts = this.#pair.preempt !== false;
    return [
      ["election", () => this.#election()],
      [preempts ? "lower priority" : "lower priority, nothing moves", () => this.#lower()],
      [preempts ? "higher priority" : "higher priority, nothing moves", () => this.#higher()],
      ["clean stop", () => this.#stop()],
      [preempts ? "return" : "return, nothing moves", () => this.#return("lb01")],
      ["kill -9", () => this.#crash()],
      ["return after kill -9", () => this.#returnAfterCrash()],
      ["one holder at any time, and no advert was discarded", () => this.#invariants()],
    ];
  }

  async #election(): Promise<void> {
    await this.#daemons.lb01.start();
    // Where nobody preempts, who is first stays.
    if (this.#pair.preempt === false) await this.#comesTo("lb01");
    await this.#daemons.lb02.start();
    // A start is no hand-over: a daemon that is late with its first advert may meet another that did not hear it.
    await sleep(masterDownMs(this.#pair, LOWERED) + MARGIN_MS);
    await this.#comesTo("lb01");
  }

  async #lower(): Promise<void> {
    await this.#daemons.lb01.setPriority(LOWERED);
    await this.#settles(this.#pair.preempt === false ? "lb01" : "lb02");
  }

  async #higher(): Promise<void> {
    await this.#daemons.lb01.setPriority(PRIORITIES.lb01);
    await this.#settles("lb01");
  }

  async #stop(): Promise<void> {
    const fromMs = clockMs();
    await this.#daemons.lb01.stop();
    const takenMs = await this.#comesTo("lb02");
    const waitMs = skewMs(this.#pair, PRIORITIES.lb02);
    // The only unicast peer of vipd is its only backup: it waits for nothing.
    const sole = this.#pair.unicast !== undefined && this.#brands.lb02 === "vipd";
    if (!sole) assertWithin(takenMs - fromMs, waitMs);
    // sole_backup_test.ts has slower pairs of the other kinds.
    else if (waitMs > BUSY_MS) assertWithin(takenMs - fromMs, 0, waitMs);
    if (this.#brands.lb01 === "vipd") {
      const without = gaps(possible(this.#watches[0]!.holdings())).filter((it) =>
        it.fromMs > fromMs
      );
      const longestMs = Math.max(0, ...without.map((it) => it.untilMs - it.fromMs));
      assert.ok(longestMs <= GAP_MS, `make before break, but nobody held it for ${longestMs} ms`);
    }
  }

  async #return(node: NodeName): Promise<void> {
    const fromMs = clockMs();
    await this.#daemons[node].start();
    if (this.#pair.preempt === false) return await this.#settles(this.#holder);
    const takenMs = await this.#comesTo("lb01");
    assertWithin(takenMs - fromMs, this.#pair.preemptDelayMs ?? 0, this.#patienceMs);
  }

  async #crash(): Promise<void> {
    const fromMs = clockMs();
    const gone = this.#holder;
    const heir = gone === "lb01" ? "lb02" : "lb01";
    await this.#daemons[gone].crash();
    const limitMs = masterDownMs(this.#pair, PRIORITIES[heir]);
    await sleep(limitMs + MARGIN_MS);
    for (const watch of this.#watches) {
      const taken = watch.holdings().findLast((it) => it.host === heir);
      assert.ok(taken && taken.fromMs > fromMs, `${heir} holds the address`);
      // The last advert was heard up to one interval before the kill.
      assertWithin(
        taken.fromMs - fromMs,
        limitMs - this.#pair.intervalMs,
        limitMs + MARGIN_MS,
      );
    }
    this.#silent.push({ host: gone, fromMs, untilMs: clockMs() });
    this.#holder = heir;
  }

  async #returnAfterCrash(): Promise<void> {
    const fromMs = clockMs();
    const host = this.#holder === "lb01" ? "lb02" : "lb01";
    await this.#return(host);
    const tookMs = masterDownMs(this.#pair, PRIORITIES[host]);
    this.#silent.push({ host, fromMs, untilMs: fromMs + MARGIN_MS + tookMs });
  }

  async #invariants(): Promise<void> {
    const limitMs = this.#pair.intervalMs + LOOKS_MS;
    for (const watch of this.#watches) {
      // What nobody saw between two looks was no longer than that.
      const pauseMs = watch.longestPauseMs();
      assert.ok(pauseMs <= limitMs, `a look came ${pauseMs} ms after the last`);
      for (const { fromMs, untilMs } of overlaps(speaking(seen(watch.holdings()), this.#silent))) {
        const bothMs = untilMs - fromMs;
        assert.ok(bothMs <= limitMs, `two held it for ${bothMs} ms`);
      }
    }
    for (const [node, daemon] of Object.entries(this.#daemons)) {
      assert.deepEqual(await daemon.discarded(), {}, `what ${node} discarded`);
    }
  }

  /** The addresses are with `node` alone, and stay; resolves with when the last of them came there. */
  async #comesTo(node: NodeName): Promise<number> {
    const came = await Promise.all(this.#watches.map((it) => it.heldBy(node, this.#patienceMs)));
    this.#holder = node;
    await this.#staysFor(3 * this.#pair.intervalMs);
    return Math.max(...came);
  }

  /** The addresses come to `node`, or stay there for longer than it takes to lose them. */
  async #settles(node: NodeName): Promise<void> {
    const stays = node === this.#holder;
    // A node that was killed has the addresses until it has started again.
    await this.#comesTo(node);
    if (stays) await this.#staysFor(masterDownMs(this.#pair, LOWERED) + MARGIN_MS);
  }

  async #staysFor(ms: number): Promise<void> {
    const untilMs = clockMs() + ms;
    while (clockMs() < untilMs) {
      for (const watch of this.#watches) assert.deepEqual(watch.now(), [this.#holder]);
      await sleep(10);
    }
  }

  get #patienceMs(): number {
    const electedMs = masterDownMs(this.#pair, LOWERED) + (this.#pair.preemptDelayMs ?? 0);
    return START_MS + electedMs + MARGIN_MS;
  }

  /** Adds to an error what the daemons said. */
  async explained(happens: () => Promise<void>): Promise<void> {
    try {
      await happens();
    } catch (error) {
      const said = Object.entries(this.#daemons).map(([node, it]) =>
        `${node}, ${this.#brands[node as NodeName]}:\n${it.lastLines().slice(-25).join("\n")}`
      );
      throw new Error(`${error instanceof Error ? error.message : error}\n${said.join("\n")}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab[Symbol.asyncDispose]();
  }
}

/** The interfaces that carry the addresses for good, by host. */
export function carriers(pair: Pair, brands: Brands): Record<string, string> {
  const nodes = Object.entries(brands).filter(([, brand]) => brand === "FRR");
  return Object.fromEntries(nodes.map(([node]) => [node, Frr.carrier(frrRouter(pair))]));
}

function assertWithin(tookMs: number, soonestMs: number, latestMs = soonestMs + MARGIN_MS): void {
  // Sampling and the delay of timers: 20 ms early is on time.
  assert.ok(tookMs >= soonestMs - 20, `after ${tookMs} ms, before its time: ${soonestMs} ms`);
  assert.ok(tookMs <= latestMs, `after ${tookMs} ms, later than ${latestMs} ms`);
}

/** What a node held without speaking does not count. */
function speaking(holdings: readonly Held[], silent: readonly Held[]): Held[] {
  return silent.reduce<Held[]>(
    (rest, span) => rest.flatMap((it) => it.host === span.host ? without(it, span) : [it]),
    [...holdings],
  );
}

function without(holding: Held, span: Held): Held[] {
  const before = { ...holding, untilMs: Math.min(holding.untilMs, span.fromMs) };
  const after = { ...holding, fromMs: Math.max(holding.fromMs, span.untilMs) };
  return [before, after].filter((it) => it.untilMs > it.fromMs);
}
