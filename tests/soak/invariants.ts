/**
 * What must hold whatever happens to a pair, and where it did not: worked out from what the kernels and the networks
 * of both nodes were like, moment by moment. Never two holders for long, never none for long.
 *
 * @module
 */

import type { Held, Span } from "../../lab/holders.ts";

/** What a node is like from a moment on; times in milliseconds since the epoch. */
export interface Condition {
  readonly atMs: number;
  /** Its cable is whole. */
  readonly connected: boolean;
  /** Its daemon runs, is not stopped, and has not been told to end. */
  readonly daemon: boolean;
  readonly nginx: boolean;
}

/** Node -> its conditions, oldest first; each holds until the next. */
export type Conditions = Readonly<Record<string, readonly Condition[]>>;

/** How long what may happen may last, in milliseconds. */
export interface Bounds {
  /** Two nodes of one network hold the address: what a hand-over and the end of a lease leave. */
  readonly twoMs: number;
  /**
   * The lease, and the kernel's whole second: a daemon that dies leaves the address for so long. Another node that
   * waits for Master_Down_Interval takes over later; one that preempts or is promoted does not wait.
   */
  readonly leaseMs: number;
  /** Nobody serves while a node could: Master_Down_Interval. */
  readonly noneMs: number;
  /** Two nodes whose cable is healed need an advert to hear of each other. */
  readonly mergeMs: number;
  /** A node whose daemon, cable or nginx is back needs its start and its checks before it could serve. */
  readonly readyMs: number;
}

/** An invariant that did not hold. */
export interface Violation extends Span {
  readonly kind: "two_holders" | "no_holder";
  readonly limitMs: number;
}

/** Where the invariants did not hold from `fromMs` to `untilMs`, in the order of time. */
export function violations(
  holdings: readonly Held[],
  conditions: Conditions,
  bounds: Bounds,
  fromMs: number,
  untilMs: number,
): Violation[] {
  const moments = changes(holdings, conditions, bounds, fromMs, untilMs);
  const nodes = Object.keys(conditions);
  const holds = (node: string, atMs: number) =>
    holdings.some((it) => it.host === node && it.fromMs <= atMs && atMs < it.untilMs);
  const hasFor = (node: string, atMs: number, forMs: number, what: readonly Key[]) =>
    what.every((key) => trueSince(conditions[node]!, atMs, key) <= atMs - forMs);

  const merged = (atMs: number) =>
    nodes.every((it) => hasFor(it, atMs, bounds.mergeMs, ["connected"]));
  const leased = (node: string, atMs: number) =>
    atMs < falseSince(conditions[node]!, atMs, "daemon") + bounds.leaseMs;
  const two = (atMs: number) =>
    merged(atMs) && nodes.filter((it) => holds(it, atMs) && !leased(it, atMs)).length > 1;
  const served = (atMs: number) =>
    nodes.some((it) => holds(it, atMs) && hasFor(it, atMs, 0, ["connected", "nginx"]));
  const could = (node: string, atMs: number) =>
    hasFor(node, atMs, bounds.readyMs, ["connected", "nginx", "daemon"]);

  const found: Violation[] = spansOf(moments, two)
    .filter((it) => it.untilMs - it.fromMs > bounds.twoMs)
    .map((it) => ({ kind: "two_holders", limitMs: bounds.twoMs, ...it }));
  for (const node of nodes) {
    // The same node could have served all the time: what another one begins it need not end.
    const none = spansOf(moments, (atMs) => could(node, atMs) && !served(atMs));
    for (const span of none.filter((it) => it.untilMs - it.fromMs > bounds.noneMs)) {
      found.push({ kind: "no_holder", limitMs: bounds.noneMs, ...span });
    }
  }
  return found.sort((a, b) => a.fromMs - b.fromMs);
}

type Key = "connected" | "daemon" | "nginx";

/** Since when a condition has been true without a break; `Infinity` when it is not. */
function trueSince(conditions: readonly Condition[], atMs: number, key: Key): number {
  let sinceMs = Infinity;
  for (const condition of conditions) {
    if (condition.atMs > atMs) break;
    if (!condition[key]) sinceMs = Infinity;
    else if (sinceMs === Infinity) sinceMs = condition.atMs;
  }
  return sinceMs;
}

/** Since when a condition has been false; `-Infinity` when it is true. */
function falseSince(conditions: readonly Condition[], atMs: number, key: Key): number {
  let sinceMs = -Infinity;
  for (const condition of conditions) {
    if (condition.atMs > atMs) break;
    if (condition[key]) sinceMs = -Infinity;
    else if (sinceMs === -Infinity) sinceMs = condition.atMs;
  }
  return sinceMs;
}

/** Every moment at which an answer may change, within the time that is looked at. */
function changes(
  holdings: readonly Held[],
  conditions: Conditions,
  { leaseMs, mergeMs, readyMs }: Bounds,
  fromMs: number,
  untilMs: number,
): number[] {
  const all = [
    ...holdings.flatMap((it) => [it.fromMs, it.untilMs]),
    ...Object.values(conditions).flat().flatMap(({ atMs }) => [
      atMs,
      atMs + leaseMs,
      atMs + mergeMs,
      atMs + readyMs,
    ]),
  ];
  const inside = all.filter((it) => it > fromMs && it < untilMs);
  return [...new Set([fromMs, ...inside, untilMs])].sort((a, b) => a - b);
}

/** The longest spans between moments throughout which something is so. */
function spansOf(moments: readonly number[], isSo: (atMs: number) => boolean): Span[] {
  const spans: { fromMs: number; untilMs: number }[] = [];
  for (const [index, fromMs] of moments.slice(0, -1).entries()) {
    if (!isSo(fromMs)) continue;
    const untilMs = moments[index + 1]!;
    const last = spans.at(-1);
    if (last?.untilMs === fromMs) last.untilMs = untilMs;
    else spans.push({ fromMs, untilMs });
  }
  return spans;
}
