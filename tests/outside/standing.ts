/**
 * What a pair is configured to put on its hosts, once as vipd's configuration and once as `ip` shows it.
 *
 * @module
 */

import type { Family } from "../../src/wire/address.ts";
import { type NodeName, type Other, type PairKind, strayOn, type World } from "./world.ts";

export const OWN = { lb01: "192.168.31.11/24", lb02: "192.168.31.12/24" } as const;
/** The link-local address that the fuzzer gives a host that has lost its own. */
export const OWN_LINK_LOCAL = { lb01: "fe80::11/64", lb02: "fe80::12/64" } as const;
const PRIORITIES = { lb01: 150, lb02: 100 } as const;

/** The first address of each family that only its holder has; the one whose holders are watched. */
export const WATCHED = { ipv4: "192.168.31.5", ipv6: "2001:db8:31::5" } as const;
const ADDRESSES = {
  ipv4: ["192.168.31.5/24", "192.168.31.6/24"],
  ipv6: ["fe80::5/64", "2001:db8:31::5/64"],
} as const;
/** Of vipd's two addresses of a family, the one that another program may have put there, too. */
export const STRAY = {
  ipv4: "192.168.31.5/24",
  ipv6: "2001:db8:31::5/64",
} as const satisfies Readonly<Record<Family, string>>;
/** What other programs renew, as a DHCP client does. */
export const RENEWED = {
  "leased address": "192.168.31.78/32",
  "leased virtual address": STRAY.ipv4,
} as const satisfies Partial<Readonly<Record<Other, string>>>;
export const ROUTES = {
  ipv4: { to: "10.8.0.0/16", via: "192.168.31.1" },
  ipv6: { to: "2001:db8:8::/48", via: "2001:db8:31::1" },
} as const;
export const RULES = {
  ipv4: { from: "192.168.31.5", table: 100, priority: 900 },
  ipv6: { from: "2001:db8:31::5", table: 100, priority: 900 },
} as const;
export const INSTANCES = { ipv4: "V4", ipv6: "V6" } as const;

/** Interfaces with the virtual MAC addresses, where there are any. */
export const VIRTUAL = {
  ipv4: { name: "vrrp.55", mac: "00:00:5e:00:01:37" },
  ipv6: { name: "vrrp6.55", mac: "00:00:5e:00:02:37" },
} as const;

/** The configuration of one node, in YAML's subset JSON. */
export function configOf(kind: PairKind, node: NodeName): string {
  return JSON.stringify(settingsOf(kind, node));
}

/** The configuration of a second daemon on that node, which is to have the same. */
export function secondConfigOf(kind: PairKind, node: NodeName): string {
  return JSON.stringify({
    ...settingsOf(kind, node),
    run_dir: "/run/lab/second",
    state_dir: "/run/lab/second-state",
    api: { listen: ["127.0.0.1:9113"], token_file: "/run/lab/second/token" },
  });
}

function settingsOf(kind: PairKind, node: NodeName) {
  const peer = (node === "lb01" ? OWN.lb02 : OWN.lb01).split("/")[0];
  const instance = (family: Family) => ({
    name: INSTANCES[family],
    interface: "eth1",
    vrid: 55,
    version: 3,
    advert_interval: "100ms",
    priority: PRIORITIES[node],
    preempt: kind.preempt,
    sole_backup: kind.soleBackup,
    virtual_mac: kind.virtualMac,
    damping: { moves: 0 },
    addresses: ADDRESSES[family],
    routes: [ROUTES[family]],
    rules: [RULES[family]],
    ...(family === "ipv4" && kind.unicast && { unicast: { peers: [peer] } }),
  });
  return { node, instances: [instance("ipv4"), instance("ipv6")] };
}

/** The interface of a family's addresses. */
export function deviceOf(kind: PairKind, family: Family): string {
  return kind.virtualMac ? VIRTUAL[family].name : "eth1";
}

/** What must be on a host of vipd's for one family, each as `seen.ts` says it. */
export function standing(world: World, node: NodeName, family: Family, holds: boolean): string[] {
  const { kind, nodes } = world;
  const { link, refusedSinceMs } = nodes[node];
  const things: string[] = [];
  if (kind.virtualMac && link !== "renamed") {
    const { name, mac } = VIRTUAL[family];
    things.push(`interface ${name} ${mac} ${holds ? "up" : "down"}`);
  }
  if (!holds) return things;
  const device = deviceOf(kind, family);
  for (const address of ADDRESSES[family]) {
    if (address !== STRAY[family] || strayOn(nodes[node], family) !== "there") {
      things.push(`address ${address} dev ${device}`);
    }
  }
  const { to, via } = ROUTES[family];
  if (family === "ipv6" || refusedSinceMs === null) things.push(`route ${to} via ${via}`);
  const { from, table, priority } = RULES[family];
  things.push(`rule from ${from} table ${table} priority ${priority}`);
  return things;
}
