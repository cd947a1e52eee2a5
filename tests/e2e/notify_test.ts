/**
 * A script that was written for keepalived hears of a whole failover, in order. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS, PAIR_PLAN, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";

const SCRIPT = "/run/lab/notify.sh";
const TOLD = "/run/lab/told";

function config(priority: number): string {
  return `notify: [{ type: exec, command: [${SCRIPT}] }]
${vipdConfig({ version: 3, advertIntervalMs: 100 }, priority)}`;
}

Deno.test("keepalived's arguments notify a script of start, failover and stop, in order", async () => {
  await using lab = await Lab.open(`notify-${crypto.randomUUID()}`, PAIR_PLAN);
  const watch = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
  const binary = Deno.env.get("VIPD_BINARY");
  const [lb01, lb02] = lab.hosts.map((host, index) =>
    new Vipd(host, { config: config([150, 100][index]!), binary })
  ) as [Vipd, Vipd];
  for (const { host } of [lb01, lb02]) {
    await host.write(SCRIPT, `#!/bin/sh\necho "$*" >> ${TOLD}\n`);
    await host.run(["chmod", "700", SCRIPT]);
  }
  const told = async ({ host }: Vipd) =>
    (await host.run(["cat", TOLD], { check: false })).stdout.trim().split("\n");
  await lb01.start();
  await watch.heldBy("lb01", 10_000);
  await lb02.start();
  await waitFor("lb02 to be told", async () => (await told(lb02)).length === 1, {
    timeoutMs: 5000,
  });
  await lb01.stop();
  await watch.heldBy("lb02", 5000);
  await waitFor("lb02 to be told", async () => (await told(lb02)).length === 2, {
    timeoutMs: 5000,
  });
  assert.deepEqual(await told(lb01), [
    "INSTANCE VI_1 BACKUP 150",
    "INSTANCE VI_1 MASTER 150",
    "INSTANCE VI_1 STOP 150",
  ]);
  assert.deepEqual(await told(lb02), ["INSTANCE VI_1 BACKUP 100", "INSTANCE VI_1 MASTER 100"]);
});
