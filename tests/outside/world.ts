/**
 * What there is on the two hosts of a pair that is not vipd's doing: links, own addresses, firewalls, what other programs
 * have put there; and what has been seen of the pair before. Nothing in here asks vipd.
 *
 * @module
 */

import type { Family } from "../../src/wire/address.ts";

export const NODES = ["lb01", "lb02"] as const;
/** lb01 has the higher priority. */
export type NodeName = typeof NODES[number];

export const FAMILIES = ["ipv4", "ipv6"] as const satisfies readonly Family[];

/** How a pair is configured; the same on both nodes. */
export interface PairKind {
  readonly virtualMac: boolean;
  /** The IPv4 instance's adverts. */
  readonly unicast: boolean;
  readonly soleBackup: boolean;
  readonly preempt: boolean;
  /** The kernel's `promote_secondaries` of eth1 before vipd starts. */
  readonly promoteSecondaries: boolean;
}

/** What another program may have put on a host. The renewed ones have a lifetime, which the program renews. */
export const OTHERS = [
  "address",
  "leased address",
  "ipv6 address",
  "route",
  "route beside ours",
  "route in the place of ours",
  "rule",
  "virtual address",
  "leased virtual address",
  "virtual ipv6 address",
] as const;
export type Other = typeof OTHERS[number];

/** `unsure`: the kernel may have removed it together with something else; whoever looks next knows. */
export type Presence = "there" | "gone" | "unsure";

/** Those that stand in the place of a virtual address. */
export const STRAYS: Readonly<Record<Family, readonly Other[]>> = {
  ipv4: ["virtual address", "leased virtual address"],
  ipv6: ["virtual ipv6 address"],
};

export interface NodeWorld {
  /** Of eth1, which carries adverts and addresses. `renamed` is up, under another name. */
  readonly link: "up" | "down" | "unplugged" | "renamed";
  /** The cable passes nothing, and neither host notices. */
  readonly silent: boolean;
  /** IPv6: a link-local address. */
  readonly own: Readonly<Record<Family, boolean>>;
  /** False with `disable_ipv6`. */
  readonly ipv6: boolean;
  /** A firewall drops protocol 112 on its way in. */
  readonly dropsIn: boolean;
  /** Since when a firewall drops protocol 112 on its way out, in milliseconds; `null` when none does. */
  readonly dropsOutSinceMs: number | null;
  /** Since when another program's route stands in the place of the IPv4 instance's; `null` when none does. */
  readonly refusedSinceMs: number | null;
  readonly others: Readonly<Record<Other, Presence>>;
  /** A second daemon with the same configuration runs. */
  readonly second: boolean;
  /** When something that vipd had put there was last deleted or changed, and the time before, in milliseconds. */
  readonly undoneMs: readonly number[];
  /**
   * Until when a fault may go on whose cause is gone, in milliseconds: adverts that did not leave and refused resources
   * are tried again at longer and longer distances.
   */
  readonly lameUntilMs: Readonly<Record<Family, number>>;
}

export interface World {
  readonly kind: PairKind;
  readonly nodes: Readonly<Record<NodeName, NodeWorld>>;
  /** Who served when the pair was last seen to be as expected; `null` when something happened since that may move it. */
  readonly masters: Readonly<Record<Family, readonly NodeName[] | null>>;
}

const WELL: NodeWorld = {
  link: "up",
  silent: false,
  own: { ipv4: true, ipv6: true },
  ipv6: true,
  dropsIn: false,
  dropsOutSinceMs: null,
  refusedSinceMs: null,
  others: {
    "address": "gone",
    "leased address": "gone",
    "ipv6 address": "gone",
    "route": "gone",
    "route beside ours": "gone",
    "route in the place of ours": "gone",
    "rule": "gone",
    "virtual address": "gone",
    "leased virtual address": "gone",
    "virtual ipv6 address": "gone",
  },
  second: false,
  undoneMs: [],
  lameUntilMs: { ipv4: -Infinity, ipv6: -Infinity },
};

/** Both nodes as they were made. */
export function newWorld(kind: PairKind): World {
  return { kind, nodes: { lb01: WELL, lb02: WELL }, masters: { ipv4: null, ipv6: null } };
}

/** The world in which one node is another way. */
export function withNode(world: World, node: NodeName, change: Partial<NodeWorld>): World {
  return { ...world, nodes: { ...world.nodes, [node]: { ...world.nodes[node], ...change } } };
}

/** Whether another program has a virtual address of this family on the node. */
export function strayOn({ others }: NodeWorld, family: Family): Presence {
  const present = STRAYS[family].map((it) => others[it]);
  if (present.includes("there")) return "there";
  return present.includes("unsure") ? "unsure" : "gone";
}

export function theOther(node: NodeName): NodeName {
  return node === "lb01" ? "lb02" : "lb01";
}
