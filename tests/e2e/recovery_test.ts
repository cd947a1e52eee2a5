/**
 * nginx is killed, and vipd tries to bring it back before it fails over. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { PAIR_ADDRESS, PAIR_PLAN, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";

const RESTART =
  "setsid nginx -p /run/nginx -c /run/nginx/nginx.conf -e stderr >/dev/null 2>&1 & sleep 0.3";

function config(priority: number, onFail: readonly string[]): string {
  return `checks:
  nginx:
    type: process
    process: nginx
    interval: 500ms
    on_fail: { command: ${JSON.stringify(onFail)}, timeout: 2s }
${vipdConfig({ version: 3, advertIntervalMs: 100 }, priority)}    track: [{ check: nginx }]
`;
}

/** A pair whose lb01 has lost its nginx, killed with its workers; when that was. */
async function withDeadNginx(
  onFail: readonly string[],
  test: (watch: HolderWatch, lb01: Vipd, diedAtMs: number) => Promise<void>,
): Promise<void> {
  await using lab = await Lab.open(`recovery-${crypto.randomUUID()}`, PAIR_PLAN);
  const watch = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
  const [nginx] = await Promise.all(lab.hosts.map((host) => Nginx.serve(host)));
  const binary = Deno.env.get("VIPD_BINARY");
  const [lb01, lb02] = lab.hosts.map((host, index) =>
    new Vipd(host, { config: config([150, 100][index]!, onFail), binary })
  ) as [Vipd, Vipd];
  await lb01.start();
  await watch.heldBy("lb01", 10_000);
  await lb02.start();
  await sleep(1000);
  const diedAtMs = clockMs();
  await nginx!.crash();
  await test(watch, lb01, diedAtMs);
}

Deno.test("an nginx that was killed is restarted, and the address stays", async () => {
  await withDeadNginx(["/bin/sh", "-c", RESTART], async (watch, lb01, diedAtMs) => {
    const recovered = () => lb01.lastLines.some((line) => line.includes("[recovery_succeeded]"));
    await waitFor("the recovery", recovered, { timeoutMs: 5000 });
    const { stdout } = await lb01.host.run(["curl", "--silent", "http://127.0.0.1/"]);
    assert.match(stdout, /"backend":"lb01"/);
    await sleep(1000);
    assert.deepEqual(watch.now(), ["lb01"]);
    const status = await lb01.status();
    const check = status?.checks[0];
    assert.deepEqual([check?.state, check?.recovery?.phase], ["up", "recovered"]);
    assert.equal(status?.instances[0]?.counters.released_master, 0);
    assert.ok(clockMs() - diedAtMs < 8000);
  });
});

Deno.test("an nginx that cannot be restarted costs a failover, after the tries", async () => {
  await withDeadNginx(["/bin/false"], async (watch, lb01, diedAtMs) => {
    await watch.heldBy("lb02", 5000);
    // Detection, one program, Skew_Time of 0.1 s adverts; and a machine that is shared with others.
    assert.ok(clockMs() - diedAtMs < 1500, `took ${clockMs() - diedAtMs} ms`);
    const codes = lb01.lastLines.flatMap((line) => /\[(recovery_\w+)\]/.exec(line)?.[1] ?? []);
    assert.deepEqual(codes, ["recovery_started", "recovery_failed", "recovery_exhausted"]);
  });
});
