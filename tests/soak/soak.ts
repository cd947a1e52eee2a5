/**
 * The soak itself: trouble for both nodes at once, and an eye on what must hold.
 *
 * @module
 */

import { Cluster } from "../../lab/cluster.ts";
import { startDaemons } from "../../lab/cluster_daemons.ts";
import type { Brand } from "../../lab/daemon.ts";
import { masterDownMs, ONE_SECOND } from "../../lab/pair_config.ts";
import { clockMs, sleep } from "../../lab/wait.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { type Fault, trouble } from "./faults.ts";
import { Footprint } from "./footprint.ts";
import { type Bounds, type Violation, violations } from "./invariants.ts";
import { SoakNode } from "./node.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly binary: string | undefined;
  /** What lb02 runs. */
  readonly peer: Brand;
  readonly faults: readonly Fault[];
  /** Told what happens, as it happens. */
  readonly tell: (line: string) => void;
}

export interface SoakResult {
  /** What was seen, for a person. */
  readonly report: readonly string[];
  /** What did not hold. */
  readonly problems: readonly string[];
  /** What the daemons said last, when something did not. */
  readonly lastWords: readonly string[];
}

/** A demoted node has priority 1: nobody waits longer. */
const LONGEST_WAIT_MS = masterDownMs(ONE_SECOND, 1);

/** `drain` of config/lb01.yaml: who has handed over keeps the address for so long, silently, for those who are connected. */
const DRAIN_MS = 1000;

/** A busy machine moves everything a little. */
const MARGIN_MS = 500;

const BOUNDS: Bounds = {
  // A lease ends before a backup may take over; what is left is a hand-over.
  twoMs: DRAIN_MS + MARGIN_MS,
  leaseMs: 3 * ONE_SECOND.advertIntervalMs + 1000,
  noneMs: LONGEST_WAIT_MS + MARGIN_MS,
  mergeMs: ONE_SECOND.advertIntervalMs + MARGIN_MS,
  // A check of 2 s has to pass twice, and the daemon has to start.
  readyMs: 6500,
};

const LOOK_MS = 1000;
/** Longer than any bound: a look sees the whole of what is too long. */
const LOOKED_BACK_MS = 60_000;
const FOOTPRINT_MS = 5000;
/** Longer than both nodes need to come to rest. */
const CALM_MS = 20_000;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, binary, peer, faults } = options;
  await using cluster = await Cluster.open({ name: `soak-${Deno.pid}`, binary, ownClocks: true });
  const daemons = await startDaemons(cluster, { lb01: "vipd", lb02: peer });
  const nodes = [
    new SoakNode("lb01", cluster, daemons.lb01, peer),
    new SoakNode("lb02", cluster, daemons.lb02, "vipd"),
  ];
  const startedAtMs = clockMs();
  const seconds = (atMs: number) => `${((atMs - startedAtMs) / 1000).toFixed(2).padStart(8)} s`;
  const tell = (node: string, what: string) =>
    options.tell(`${seconds(clockMs())}  ${node}  ${what}`);

  const untilMs = performance.now() + minutes * 60_000;
  let troubled = true;
  const troubles = Promise.all(
    nodes.map((node, at) =>
      // Each node has a row of numbers of its own: how long one takes does not change what the other is drawn.
      trouble(node, { faults, untilMs, tell, random: seededRandom(seed * 2 + at) })
    ),
  ).finally(() => troubled = false);

  const footprint = new Footprint();
  const found = async (): Promise<Violation[]> => {
    await sleep(LOOK_MS);
    const conditions = Object.fromEntries(nodes.map((it) => [it.name, it.conditions]));
    const bounds = widened(BOUNDS, cluster.holders.longestPauseMs());
    const nowMs = clockMs();
    const fromMs = Math.max(startedAtMs, nowMs - LOOKED_BACK_MS);
    const holdings = cluster.holders.holdings().filter((it) => it.untilMs > fromMs);
    return violations(holdings, conditions, bounds, fromMs, nowMs);
  };
  let broken = await found();
  for (let lookedMs = 0; troubled && broken.length === 0;) {
    broken = await found();
    if (performance.now() - lookedMs < FOOTPRINT_MS) continue;
    lookedMs = performance.now();
    await footprint.look(nodes);
  }
  const problems = broken.map((it) => described(it, seconds));
  if (problems.length === 0) {
    // A trouble that could not be made is no less a reason to stop.
    await troubles;
    problems.push(...await comesToRest(cluster, nodes));
  } else troubles.catch(() => {});
  const { lines, tooMuch } = footprint.report();
  problems.push(...tooMuch.map((it) => `it grows: ${it}`));
  return {
    report: [
      `Changes of the holder: ${cluster.holders.holdings().length - 1}; ` +
      `looked at every ${cluster.holders.longestPauseMs().toFixed(0)} ms or more often`,
      ...lines,
    ],
    problems,
    lastWords: problems.length === 0 ? [] : nodes.flatMap(({ name, daemon }) => [
      `--- ${daemon.brand} on ${name}`,
      ...daemon.lastLines().slice(-30),
    ]),
  };
}

/** When nothing happens any more and no order stands, the preferred node holds the address alone. */
async function comesToRest(cluster: Cluster, nodes: readonly SoakNode[]): Promise<string[]> {
  for (const node of nodes) await node.send("release");
  // What ends such a hold before its time.
  if (await nodes[0]!.heldBack()) await nodes[0]!.send("promote");
  try {
    await cluster.holders.heldBy("lb01", CALM_MS);
    return [];
  } catch (error) {
    return [`${CALM_MS / 1000} s after the last fault: ${(error as Error).message}`];
  }
}

/** The eye itself may have been shut for a moment. */
function widened(bounds: Bounds, byMs: number): Bounds {
  return { ...bounds, twoMs: bounds.twoMs + byMs, noneMs: bounds.noneMs + byMs };
}

function described(
  { kind, fromMs, untilMs, limitMs }: Violation,
  seconds: (atMs: number) => string,
): string {
  const what = kind === "two_holders"
    ? "two nodes held the address"
    : "nobody served the address while a node could";
  const took = `${((untilMs - fromMs) / 1000).toFixed(2)} s`;
  const span = `from ${seconds(fromMs).trim()} to ${seconds(untilMs).trim()}`;
  return `${what} for ${took}, ${span}; at most ${(limitMs / 1000).toFixed(2)} s is allowed`;
}
