/**
 * The interoperation's walk in the simulator: start, takeover, hand-over, priority, orders and a crash, on a quiet link,
 * with every octet that the nodes send and the time of each.
 *
 * @module
 */

import type { AskedFamily, Question } from "./family.ts";
import { command, SimulatedCluster } from "./simulated.ts";
import type { ClusterSettings, NodeSettings } from "./simulated_configs.ts";
import { traceTexts } from "./traced_host.ts";

/** A pair; the form of `ClusterSettings`, as it stands in the data. */
export type WalkedPair = Omit<ClusterSettings, "nodes" | "common" | "addresses"> & {
  readonly common: readonly string[];
  readonly addresses: readonly (readonly string[])[];
};

const OWN: NodeSettings = {
  ...{ priority: 150, preempt: true, preemptDelayMs: 0, startDelayMs: 0 },
  ...{ weight: -60, addresses: "all" },
};

export const PACKETS: AskedFamily<WalkedPair> = {
  name: "packets",
  origin: "source: the simulator",
  answer: async (pair) => traceTexts((await walk({ ...pair, nodes: 2 })).trace),
};

async function walk(settings: ClusterSettings): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster(settings, [OWN, { ...OWN, priority: 100 }], 1);
  const [lb01, lb02] = cluster.nodes;
  // Longer than Master_Down_Interval, and than the second announcement takes.
  const settleMs = Math.max(6 * settings.intervalMs, 6000);
  const steps: readonly (() => void)[] = [
    () => void lb01!.start(),
    () => void lb02!.start(),
    () => command(lb01!, { kind: "set_priority", instance: "VI_1", priority: 80 }),
    () => command(lb01!, { kind: "clear_priority", instance: "VI_1" }),
    () => lb01!.host.setCheck("nginx", false),
    () => lb01!.host.setCheck("nginx", true),
    () => command(lb02!, { kind: "promote", instance: "VI_1" }),
    () => command(lb02!, { kind: "release", instance: "VI_1" }),
    () => command(lb01!, { kind: "demote", instance: "VI_1", forMs: 3000 }),
    () => void lb01!.stop(),
    () => void lb01!.start(),
    () => lb01!.kill(),
    () => void lb01!.start(),
    () => lb01!.host.setLink(false),
    () => lb01!.host.setLink(true),
  ];
  for (const step of steps) {
    step();
    await cluster.run(settleMs);
  }
  return cluster;
}

const IPV4 = { family: "ipv4", addresses: [["192.168.31.5/24"], ["192.168.31.7/24"]] } as const;
const IPV6 = {
  family: "ipv6",
  addresses: [["fe80::5/64", "2001:db8:31::5/64"], ["fe80::7/64"]],
} as const;
const ALONE = { grouped: false, unicast: false } as const;
const HMAC = `authentication: { type: hmac, keys: [{ id: 1, key: "${"5a".repeat(32)}" }] }`;
const PASS = 'authentication: { type: pass, password: "123456" }';

function version2(...lines: readonly string[]): WalkedPair {
  return { ...IPV4, ...ALONE, intervalMs: 1000, common: ["version: 2", ...lines] };
}

function version3(...lines: readonly string[]): WalkedPair {
  const common = ["version: 3", "advert_interval: 200ms", ...lines];
  return { ...IPV4, ...ALONE, intervalMs: 200, common };
}

export const PAIRS: readonly Question<WalkedPair>[] = [
  ["version 2", version2()],
  ["version 2 with a password", version2(PASS)],
  ["version 2, signed", version2(HMAC)],
  ["version 2 by unicast", { ...version2(), unicast: true }],
  ["version 2 with a virtual MAC address", version2("virtual_mac: true")],
  ["version 2 without a lease", version2("lease: off")],
  ["version 3", version3()],
  ["version 3, checksum of RFC 9568", version3("checksum: rfc9568")],
  ["version 3, signed", version3(HMAC)],
  ["version 3 by unicast", { ...version3(), unicast: true }],
  ["version 3 by unicast, signed", { ...version3(HMAC), unicast: true }],
  ["version 3 with a virtual MAC address", version3("virtual_mac: true")],
  ["version 3, packets refused", version3("accept: false")],
  ["version 3, connections drained", version3("drain: 5s")],
  ["version 3, announced as asked", version3("announce: { delay: 1s, refresh: 2s, repeat: 3 }")],
  ["several addresses", {
    ...version3(),
    addresses: [["192.168.31.5/24", "192.168.31.6/24", "10.0.0.5/24"], ["192.168.31.7/24"]],
  }],
  ["a sync group", { ...version3(), grouped: true }],
  ["IPv6", { ...version3(), ...IPV6 }],
  ["IPv6, signed", { ...version3(HMAC), ...IPV6 }],
  ["IPv6 by unicast", { ...version3(), ...IPV6, unicast: true }],
  ["IPv6 with a virtual MAC address", { ...version3("virtual_mac: true"), ...IPV6 }],
];
