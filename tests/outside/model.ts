/**
 * Where a pair must be, given what its hosts are like: the oracle. Its rules are those of docs/how-it-works.md and
 * docs/alarms.md and of RFC 9568; it knows nothing of how vipd comes there.
 *
 * The two families are two virtual routers that share a link. For each, every set of masters is looked at: those that
 * contradict no rule are allowed. Mostly that is one.
 *
 * @module
 */

import type { AlarmCode } from "../../src/status/codes/alarms.ts";
import type { RouterState } from "../../src/vrrp/router_events.ts";
import type { Family } from "../../src/wire/address.ts";
import {
  FAMILIES,
  type NodeName,
  NODES,
  type Other,
  strayOn,
  theOther,
  type World,
} from "./world.ts";

/** Where a node's instance may be. */
export interface Expected {
  readonly states: readonly RouterState[];
  /** Whether addresses, routes and rules are on the host: all of them or none. */
  readonly holds: boolean;
}

/** One way in which the pair may serve one family. */
export interface Outcome {
  readonly masters: readonly NodeName[];
  readonly nodes: Readonly<Record<NodeName, Expected>>;
  /** Those whose fault may outlast its cause and is taken to do so here. */
  readonly lame: readonly NodeName[];
}

/** Every way in which the pair may serve, and why there is more than one. */
export interface Expectation {
  readonly outcomes: readonly Outcome[];
  readonly why: string;
}

/** The pair is where the model says within so long, in milliseconds. */
const SETTLES_MS = 3000;
/** The shortest lease: so long a master keeps what it may have to let go of without having been asked to. */
const LEASE_MS = 2000;
/** What a busy machine adds to the end of a fault. */
const BUSY_MS = 2000;
/** The longest time between two tries of adverts that do not leave. */
const LONGEST_RETRY_MS = 30_000;
/** The first fault of what the kernel refuses; each one lasts twice as long as the one before. */
const FIRST_REFUSAL_MS = 30_000;

/** What keeps an instance out of the election, in a few words; `null` when nothing does. */
export function faultOf(world: World, node: NodeName, family: Family): string | null {
  const { link, ipv6, own } = world.nodes[node];
  if (link !== "up") return `eth1 is ${link}`;
  if (family === "ipv6" && !ipv6) return "IPv6 is disabled";
  return own[family] || hasAnother(world, node, family) ? null : "it has no address of its own";
}

/** Adverts come from whatever address the host has of its own: there another program's is one. */
function hasAnother(world: World, node: NodeName, family: Family): boolean {
  return family === "ipv4" && sourcesOf(world, node).length > 0;
}

/** Addresses of other programs from which adverts may come. */
function sourcesOf({ nodes }: World, node: NodeName): Other[] {
  const sources: readonly Other[] = ["address", "leased address"];
  return sources.filter((it) => nodes[node].others[it] === "there");
}

/** Multicast adverts of a virtual MAC address leave as frames, which a firewall of IP does not see. */
export function isMute({ kind, nodes }: World, node: NodeName, family: Family): boolean {
  const asFrames = kind.virtualMac && (family === "ipv6" || !kind.unicast);
  return nodes[node].dropsOutSinceMs !== null && !asFrames;
}

/** Whether adverts of the other node would arrive if it sent any. */
export function hearsOther(world: World, node: NodeName, family: Family): boolean {
  const other = theOther(node);
  const cable = NODES.every((it) => !world.nodes[it].silent);
  // Unicast peers accept no address but the one that they know.
  const known = family === "ipv6" || !world.kind.unicast ||
    NODES.every((it) => world.nodes[it].own.ipv4);
  // The kernel drops what comes from an address that it has itself.
  const fromOwn = speaksFromAnother(world, other, family) &&
    sourcesOf(world, other).some((it) => sourcesOf(world, node).includes(it));
  return cable && known && !fromOwn && !world.nodes[node].dropsIn &&
    !isMute(world, other, family) && NODES.every((it) => faultOf(world, it, family) === null);
}

/** Its adverts come from another program's address. */
function speaksFromAnother(world: World, node: NodeName, family: Family): boolean {
  return !world.nodes[node].own[family] && hasAnother(world, node, family);
}

/** Where the pair may be for one family. */
export function expectation(world: World, family: Family, nowMs: number): Expectation {
  const lame = NODES.filter((it) => nowMs < world.nodes[it].lameUntilMs[family]);
  const outcomes = subsets(lame).flatMap((absent) =>
    undisturbed(
      world,
      family,
      nowMs,
      subsets(NODES).filter((it) => agrees(world, family, it, absent)),
    )
      .map((masters) => outcomeOf(world, family, masters, absent))
  );
  return { outcomes, why: reasonsFor(outcomes) };
}

/** How long the pair may take after the last change, in milliseconds. */
export function patienceMs(world: World, nowMs: number): number {
  // A node that cannot speak is found out at the end of a lease, and it may have become master just now.
  const leased = NODES.some((it) => world.nodes[it].dropsOutSinceMs !== null) ||
    isRefusedJustNow(world, nowMs);
  return SETTLES_MS + (leased ? LEASE_MS : 0);
}

/** What a node is refused it may not have let go of yet: that comes at the end of a lease. */
function isRefusedJustNow({ nodes }: World, nowMs: number): boolean {
  return NODES.some((it) => {
    const { refusedSinceMs } = nodes[it];
    return refusedSinceMs !== null && nowMs < refusedSinceMs + LEASE_MS + SETTLES_MS;
  });
}

/** Until when an instance may be in fault after its adverts could not leave from `sinceMs` to `nowMs`. */
export function muteLameUntilMs(sinceMs: number, nowMs: number): number {
  // It tried after 1 s, 2 s, 4 s and so on: the next time is no further away than all of them together, and the first.
  return nowMs + Math.min(LONGEST_RETRY_MS, nowMs - sinceMs + 1000) + BUSY_MS;
}

/** Until when an instance may be in fault after the kernel refused it something from `sinceMs` to `nowMs`. */
export function refusedLameUntilMs(sinceMs: number, nowMs: number): number {
  return nowMs + Math.max(FIRST_REFUSAL_MS, 2 * (nowMs - sinceMs)) + BUSY_MS;
}

/** Whether nobody else may hold what one node holds: both hear each other, and no other program has the address. */
export function mustBeOne(world: World, family: Family): boolean {
  return NODES.every((it) =>
    hearsOther(world, it, family) && strayOn(world.nodes[it], family) === "gone"
  );
}

/** The world after the pair could not run for so long: what it tries again comes later, and anybody may have moved. */
export function starved(world: World, forMs: number): World {
  const nodes = Object.fromEntries(NODES.map((name) => {
    const { lameUntilMs } = world.nodes[name];
    const later = { ipv4: lameUntilMs.ipv4 + forMs, ipv6: lameUntilMs.ipv6 + forMs };
    return [name, { ...world.nodes[name], lameUntilMs: later }];
  })) as World["nodes"];
  return { ...world, nodes, masters: { ipv4: null, ipv6: null } };
}

/** The world after the pair was seen to be as one of the outcomes says. */
export function settled(world: World, family: Family, { masters, nodes: seen }: Outcome): World {
  const nodes = Object.fromEntries(NODES.map((name) => {
    const node = world.nodes[name];
    if (seen[name].states.includes("fault")) return [name, node];
    return [name, { ...node, lameUntilMs: { ...node.lameUntilMs, [family]: -Infinity } }];
  })) as World["nodes"];
  return { ...world, nodes, masters: { ...world.masters, [family]: masters } };
}

/** Alarms of a node: those that must stand, and those that may. No others. */
export interface ExpectedAlarms {
  readonly must: ReadonlySet<AlarmCode>;
  readonly may: ReadonlySet<AlarmCode>;
}

/** What each node must raise while the pair is as the outcomes say. */
export function alarmsOf(
  world: World,
  outcomes: Readonly<Record<Family, Outcome>>,
): Record<NodeName, ExpectedAlarms> {
  const alarms = { lb01: empty(), lb02: empty() };
  for (const family of FAMILIES) {
    for (const node of NODES) addAlarms(world, family, outcomes[family], node, alarms[node]);
  }
  return alarms;
}

const empty = () => ({
  must: new Set<AlarmCode>(),
  // With damping off, the alarm is all that is left of it, and random changes are what it is about.
  may: new Set<AlarmCode>(["flapping"]),
});

function addAlarms(
  world: World,
  family: Family,
  { masters, nodes }: Outcome,
  node: NodeName,
  { must, may }: { must: Set<AlarmCode>; may: Set<AlarmCode> },
): void {
  const serves = masters.includes(node);
  const { refusedSinceMs } = world.nodes[node];
  const stray = strayOn(world.nodes[node], family);
  if (stray === "there") {
    must.add("own_address");
    if (!serves) must.add("address_on_backup");
  }
  if (stray === "unsure") may.add("own_address").add("address_on_backup");
  if (strayOn(world.nodes[theOther(node)], family) !== "gone") {
    may.add("address_conflict").add("split_brain_address");
  }
  // What it hears of a unicast peer that speaks from another program's address.
  if (world.kind.unicast && !world.nodes[theOther(node)].own.ipv4) may.add("peer_mismatch");
  if (isMute(world, node, family)) {
    (wouldServe(world, family, masters, node) ? must : may).add("adverts_not_sent");
    may.add("fault");
  }
  if (faultOf(world, node, family) !== null) may.add("fault");
  // The one that serves has nobody who would take over, as far as this node knows without its peer's API.
  if (nodes[node].states.includes("fault")) may.add("unprotected");
  if (family === "ipv4" && refusedSinceMs !== null) may.add("resource_refused").add("fault");
  if (family === "ipv4" && refusedSinceMs !== null && serves) must.add("resource_refused");
  if (masters.length < 2) return;
  may.add("split_brain_advert").add("split_brain_address").add("address_conflict");
  // The weaker one goes on, and the stronger one hears it.
  if (node === "lb01" && hearsOther(world, node, family)) must.add("split_brain_advert");
}

/** An instance that is well would be master here if its adverts left. */
function wouldServe(
  world: World,
  family: Family,
  masters: readonly NodeName[],
  node: NodeName,
): boolean {
  if (faultOf(world, node, family) !== null) return false;
  const follows = masters.includes(theOther(node)) && hearsOther(world, node, family);
  return !follows || node === "lb01" && world.kind.preempt;
}

/** Whether nothing speaks against these being the masters, and no others; `absent` ones are in fault. */
function agrees(
  world: World,
  family: Family,
  masters: readonly NodeName[],
  absent: readonly NodeName[],
): boolean {
  const able = (node: NodeName) =>
    faultOf(world, node, family) === null && !isMute(world, node, family) && !absent.includes(node);
  return NODES.every((node) => {
    const other = theOther(node);
    const hears = hearsOther(world, node, family);
    const serves = masters.includes(node);
    const followed = masters.includes(other) && hears;
    if (!able(node)) return !serves;
    if (family === "ipv4" && world.nodes[node].refusedSinceMs !== null) {
      // It serves with what it has if nobody else can; without preempt the other one does not take over when it can again.
      const letsGo = able(other) && hears;
      if (!serves) return letsGo && followed;
      return !letsGo || !world.kind.preempt && !followed;
    }
    // One that serves without what the kernel refuses is a last resort.
    const isLast = family === "ipv4" && world.nodes[other].refusedSinceMs !== null;
    const stronger = node === "lb01" || isLast;
    // RFC 9568 section 6.4.3: a master yields to a stronger one. Section 6.4.2: a backup follows any master without
    // Preempt_Mode, with it only one that is stronger.
    if (serves) return stronger || !followed;
    return followed && (!stronger || !world.kind.preempt);
  });
}

/** Without preempt, a master that nothing happened to stays; two that hear each other again leave the stronger one. */
function undisturbed(
  world: World,
  family: Family,
  nowMs: number,
  allowed: readonly (readonly NodeName[])[],
): readonly (readonly NodeName[])[] {
  const before = world.masters[family];
  if (before === null || allowed.length < 2) return allowed;
  // The fault at the end of the lease is still to come, and may be over at once: by then the other one may serve.
  if (family === "ipv4" && isRefusedJustNow(world, nowMs)) return allowed;
  const stays = before.length === 2 ? "lb01" : before.join();
  const same = allowed.filter((it) => it.join() === stays);
  return same.length > 0 ? same : allowed;
}

function outcomeOf(
  world: World,
  family: Family,
  masters: readonly NodeName[],
  lame: readonly NodeName[],
): Outcome {
  const of = (node: NodeName): Expected => {
    if (masters.includes(node)) return { states: ["master"], holds: true };
    if (faultOf(world, node, family) !== null) return { states: ["fault"], holds: false };
    const refused = family === "ipv4" && world.nodes[node].refusedSinceMs !== null;
    // Between two tries it is one or the other.
    const tries = isMute(world, node, family) || lame.includes(node) || refused;
    return { states: tries ? ["fault", "backup"] : ["backup"], holds: false };
  };
  return { masters, lame, nodes: { lb01: of("lb01"), lb02: of("lb02") } };
}

function reasonsFor(outcomes: readonly Outcome[]): string {
  const reasons: string[] = [];
  const sound = outcomes.filter(({ lame }) => lame.length === 0);
  if (sound.length > 1) reasons.push("without preempt either may be first");
  const lame = new Set(outcomes.flatMap((it) => it.lame));
  for (const node of lame) reasons.push(`${node} may not have tried again yet`);
  if (sound.some(({ masters }) => masters.length === 2)) {
    reasons.push("one does not hear the other");
  }
  return reasons.join(", ");
}

function subsets<T>(of: readonly T[]): T[][] {
  return of.reduce<T[][]>((all, it) => [...all, ...all.map((some) => [...some, it])], [[]]);
}
