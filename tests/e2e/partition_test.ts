/**
 * A partition heals: both nodes were master, and clients must not be left behind with the one that yields. Needs
 * root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SteadyClient } from "../../lab/client.ts";
import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { PAIR_ADDRESS, PAIR_PLAN, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { atOnce } from "../at_once.ts";

const PLAN = {
  ...PAIR_PLAN,
  client: { eth1: { network: "front", addresses: ["192.168.31.100/24"] } },
} as const;

/** Longer than a client may be without an answer. */
const SECOND_ANNOUNCEMENT_MS = 2000;

Deno.test("when the stronger master speaks first after a partition, clients follow it", async (t) => {
  await atOnce(t, [["version 2", () => partition(2)], ["version 3", () => partition(3)]]);
});

async function partition(version: 2 | 3): Promise<void> {
  await using lab = await Lab.open(`partition-${crypto.randomUUID()}`, PLAN);
  const [lb01, lb02, client] = [lab.host("lb01"), lab.host("lb02"), lab.host("client")];
  await Promise.all([Nginx.serve(lb01), Nginx.serve(lb02)]);
  const settings = { version, advertIntervalMs: 1000 };
  const binary = Deno.env.get("VIPD_BINARY");
  const config = (priority: number) =>
    `${vipdConfig(settings, priority)}    announce: { delay: ${SECOND_ANNOUNCEMENT_MS}ms }\n`;
  const nodes = [
    new Vipd(lb01, { config: config(150), binary }),
    new Vipd(lb02, { config: config(100), binary }),
  ];
  const holders = await HolderWatch.start([lb01, lb02], PAIR_ADDRESS);
  await Promise.all(nodes.map((it) => it.start()));
  await holders.heldBy("lb01", 10_000);
  const steady = SteadyClient.start(client, { address: PAIR_ADDRESS });
  await steady.answered(10_000);
  // The second announcement after a takeover would put right what is wrong after the partition.
  await sleep(SECOND_ANNOUNCEMENT_MS + 500);

  await lab.cut("lb01", "eth1", "silent");
  const spoken = async () =>
    (await nodes[1]!.status())?.instances[0]?.counters.advertisements_sent ?? 0;
  const limits = { timeoutMs: 10_000, everyMs: 20 };
  await waitFor("lb02 to be master", async () => await spoken() > 0, limits);
  await steady.answered(5000);
  // Right after the weaker one has spoken it is the stronger one's turn, which thus never hears a rival.
  const before = await spoken();
  await waitFor("the next advert of lb02", async () => await spoken() > before, limits);
  const healedAtMs = clockMs();
  await lab.heal("lb01", "eth1");
  await holders.heldBy("lb01", 5000);
  await sleep(3000);

  const report = await steady.between(healedAtMs, clockMs());
  assert.equal(report.backends.at(-1), "lb01", JSON.stringify(report));
  assert.ok(report.longestGapMs < 500, JSON.stringify(report));
}
