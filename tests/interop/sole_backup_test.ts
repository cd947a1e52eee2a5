/**
 * vipd as the only backup of another daemon, by multicast because it was told so, by unicast by itself: it answers its goodbye without Skew_Time.
 * Needs root or user namespaces, and the other daemons.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, waitFor } from "../../lab/wait.ts";
import { atOnce, type Step } from "../at_once.ts";
import { type Brand, daemon } from "./daemon.ts";
import {
  FAST_IPV4,
  FAST_IPV6,
  type NodeName,
  type Pair,
  PLAN,
  skewMs,
  vipdConfig,
  watchedAddresses,
} from "./pair.ts";
import { carriers } from "./walk.ts";

/** Of the lowest priority: its Skew_Time is nearly an advert interval, longer than a busy machine needs. */
const BACKUP_PRIORITY = 2;
const [SLOWER, SOLE] = [{ intervalMs: 1000 }, { soleBackup: true }] as const;
const UNICAST_IPV4 = { lb01: "192.168.31.11", lb02: "192.168.31.12" };
const UNICAST_IPV6 = { lb01: "2001:db8:31::11", lb02: "2001:db8:31::12" };
const PAIRS: Readonly<Record<string, Pair>> = {
  "IPv4": { ...FAST_IPV4, ...SLOWER, ...SOLE },
  "IPv6": { ...FAST_IPV6, ...SLOWER, ...SOLE },
  "IPv4 by unicast": { ...FAST_IPV4, ...SLOWER, unicast: UNICAST_IPV4 },
  "IPv6 by unicast": { ...FAST_IPV6, ...SLOWER, unicast: UNICAST_IPV6 },
  "a sync group": { ...FAST_IPV4, ...SLOWER, ...SOLE, synced: ["192.168.31.6/24"] },
  "a virtual MAC address": { ...FAST_IPV4, ...SLOWER, ...SOLE, virtualMac: true },
  "no preemption": { ...FAST_IPV4, ...SLOWER, ...SOLE, preempt: false },
};
/** What FRR has. */
const FRR = ["IPv4", "IPv6"];
/** Start of a process, Master_Down_Interval, and a machine that is shared with others. */
const PATIENCE_MS = 20_000;

async function takesOverAtOnce(other: Brand, pair: Pair): Promise<void> {
  await using lab = await Lab.open(`interop-${crypto.randomUUID()}`, PLAN);
  const master = await daemon(other, lab.host("lb01"), pair, 150);
  const backup = new Vipd(lab.host("lb02"), {
    config: vipdConfig(pair, "lb02", BACKUP_PRIORITY),
    binary: Deno.env.get("VIPD_BINARY"),
  });
  const brands = { lb01: other, lb02: "vipd" } as const;
  const [watches] = await Promise.all([
    Promise.all(
      watchedAddresses(pair).map((address) =>
        HolderWatch.start(lab.hosts, address, 10, carriers(pair, brands))
      ),
    ),
    master.start().then(() => backup.start()),
  ]);
  const heldBy = async (node: NodeName) =>
    Math.max(...await Promise.all(watches.map((it) => it.heldBy(node, PATIENCE_MS))));
  await heldBy("lb01");
  await waitFor("vipd to follow it", async () => {
    const { instances } = await backup.status() ?? { instances: [] };
    return instances.length > 0 &&
      instances.every(({ state, master, sole_backup: { applies } }) =>
        state === "backup" && master !== null && applies
      );
  }, { timeoutMs: PATIENCE_MS, explain: () => backup.lastLines.join("\n") });
  const fromMs = clockMs();
  await master.stop();
  const tookMs = await heldBy("lb02") - fromMs;
  // Skew_Time would begin with the goodbye, which is later than that.
  const limitMs = skewMs(pair, BACKUP_PRIORITY);
  assert.ok(tookMs < limitMs, `after ${tookMs} ms, no sooner than Skew_Time: ${limitMs} ms`);
}

Deno.test("vipd takes over at once from another daemon that stops", async (t) => {
  const brands = ["keepalived", "FRR"] as const;
  const steps = brands.flatMap((brand) =>
    Object.entries(PAIRS)
      .filter(([what]) => brand === "keepalived" || FRR.includes(what))
      .map(([what, pair]): Step => [`${brand}, ${what}`, () => takesOverAtOnce(brand, pair)])
  );
  await atOnce(t, steps);
});
