/**
 * vipd as the only backup of another daemon, by multicast: it answers its goodbye without Skew_Time.
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
  type Pair,
  PLAN,
  skewMs,
  vipdConfig,
  watchedAddresses,
} from "./pair.ts";
import { carriers } from "./walk.ts";

/** Of the lowest priority: its Skew_Time is nearly an advert interval, longer than a busy machine needs. */
const BACKUP_PRIORITY = 2;
const SLOWER = { intervalMs: 1000, soleBackup: true } as const;
const PAIRS: Readonly<Record<string, Pair>> = {
  IPv4: { ...FAST_IPV4, ...SLOWER },
  IPv6: { ...FAST_IPV6, ...SLOWER },
};
/** Start of a process, Master_Down_Interval, and a machine that is shared with others. */
const PATIENCE_MS = 20_000;

async function takesOverAtOnce(other: Brand, pair: Pair): Promise<void> {
  await using lab = await Lab.open(`interop-${crypto.randomUUID()}`, PLAN);
  const master = await daemon(other, lab.host("lb01"), pair, 150);
  const backup = new Vipd(lab.host("lb02"), {
    config: vipdConfig(pair, "lb02", BACKUP_PRIORITY),
    binary: Deno.env.get("VIPD_BINARY"),
  });
  const [address] = watchedAddresses(pair);
  const brands = { lb01: other, lb02: "vipd" } as const;
  const [watch] = await Promise.all([
    HolderWatch.start(lab.hosts, address!, 10, carriers(pair, brands)),
    master.start(),
    backup.start(),
  ]);
  await watch.heldBy("lb01", PATIENCE_MS);
  await waitFor("vipd to follow it", async () => {
    const [instance] = (await backup.status())?.instances ?? [];
    return instance?.state === "backup" && instance.master !== null && instance.sole_backup.applies;
  }, { timeoutMs: PATIENCE_MS, explain: () => backup.lastLines.join("\n") });
  const fromMs = clockMs();
  await master.stop();
  const tookMs = await watch.heldBy("lb02", PATIENCE_MS) - fromMs;
  // Skew_Time would begin with the goodbye, which is later than that.
  const limitMs = skewMs(pair, BACKUP_PRIORITY);
  assert.ok(tookMs < limitMs, `after ${tookMs} ms, no sooner than Skew_Time: ${limitMs} ms`);
}

Deno.test("vipd takes over at once from another daemon that stops", async (t) => {
  const brands = ["keepalived", "FRR"] as const;
  const steps = brands.flatMap((brand) =>
    Object.entries(PAIRS).map(([family, pair]): Step => [
      `${brand}, ${family}`,
      () => takesOverAtOnce(brand, pair),
    ])
  );
  await atOnce(t, steps);
});
