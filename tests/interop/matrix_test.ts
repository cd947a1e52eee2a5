/**
 * The matrix: vipd and another daemon as the two nodes of a pair, in every way both can be configured, each both
 * ways round, walked through everything that can happen to it. docs/interoperation.md tells the results.
 * Needs root or user namespaces, and the other daemons.
 *
 * @module
 */

import { atOnce, type Step } from "../at_once.ts";
import type { Brand } from "./daemon.ts";
import { FAST_IPV4, FAST_IPV6, type Pair, SLOW } from "./pair.ts";
import { walk } from "./walk.ts";

const UNICAST_IPV4 = { lb01: "192.168.31.11", lb02: "192.168.31.12" };
const UNICAST_IPV6 = { lb01: "2001:db8:31::11", lb02: "2001:db8:31::12" };

const MATRIX: Readonly<Record<Exclude<Brand, "vipd">, Readonly<Record<string, Pair>>>> = {
  keepalived: {
    "version 2": SLOW,
    "version 2 with a password": { ...SLOW, password: "123456" },
    "version 2 by unicast": { ...SLOW, unicast: UNICAST_IPV4 },
    "version 2 with a virtual MAC address": { ...SLOW, virtualMac: true },
    "version 3": FAST_IPV4,
    "version 3 by unicast": { ...FAST_IPV4, unicast: UNICAST_IPV4 },
    "version 3 with a virtual MAC address": { ...FAST_IPV4, virtualMac: true },
    "IPv6": FAST_IPV6,
    "IPv6 by unicast": { ...FAST_IPV6, unicast: UNICAST_IPV6 },
    "IPv6 with a virtual MAC address": { ...FAST_IPV6, virtualMac: true },
    "a sync group": { ...FAST_IPV4, synced: ["192.168.31.6/24"] },
    "no preemption": { ...FAST_IPV4, preempt: false },
    "delayed preemption": { ...FAST_IPV4, preemptDelayMs: 3000 },
  },
  FRR: {
    "version 2": SLOW,
    "version 3": FAST_IPV4,
    "version 3 with a virtual MAC address": { ...FAST_IPV4, virtualMac: true },
    "IPv6": FAST_IPV6,
    "IPv6 with a virtual MAC address": { ...FAST_IPV6, virtualMac: true },
  },
};

/** Labs at a time, of each rhythm, so that both end together: they wait most of the time, but are sampled every 10 ms. */
const AT_A_TIME = { slow: 5, fast: 3 };

const WALKS = (Object.entries(MATRIX) as [Brand, Record<string, Pair>][]).flatMap((
  [other, pairs],
) =>
  Object.entries(pairs).flatMap(([title, pair]) => [
    { title, pair, brands: { lb01: "vipd", lb02: other } as const },
    { title, pair, brands: { lb01: other, lb02: "vipd" } as const },
  ])
);

Deno.test("vipd and another daemon are a pair", async (t) => {
  const slow = WALKS.filter(({ pair }) => pair.intervalMs === SLOW.intervalMs);
  const fast = WALKS.filter((it) => !slow.includes(it));
  const step = ({ title, pair, brands }: typeof WALKS[number]): Step => [
    `${title}: ${brands.lb01} is preferred to ${brands.lb02}`,
    (t) => walk(t, pair, brands),
  ];
  await Promise.all([
    atOnce(t, slow.map(step), AT_A_TIME.slow),
    atOnce(t, fast.map(step), AT_A_TIME.fast),
  ]);
});
