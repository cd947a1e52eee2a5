/** The prober sees a gap of known length: no shorter than it was, no longer than it can have been. Needs namespaces. */

import assert from "node:assert/strict";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS, PAIR_PLAN } from "../../lab/pair_config.ts";
import { Prober } from "../../lab/prober.ts";
import { clockMs, sleep } from "../../lab/wait.ts";

/** Takes the address away for a while; prints the time, in nanoseconds, before and after both changes. */
const GAP = `
date +%s%N; ip address del ${PAIR_ADDRESS}/24 dev eth1; date +%s%N
sleep 0.05
date +%s%N; ip address add ${PAIR_ADDRESS}/24 dev eth1; date +%s%N`;

/** A beat of the prober, and that the address may go right after a probe and come back right before one. */
const BEAT_MS = 2;

Deno.test("a gap of known length is seen as long as it was", async () => {
  await using lab = await Lab.open(`prober-${crypto.randomUUID()}`, PAIR_PLAN);
  const [target, from] = [lab.host("lb01"), lab.host("lb02")];
  await target.run(["ip", "address", "add", `${PAIR_ADDRESS}/24`, "dev", "eth1"]);
  const prober = await Prober.start(from, PAIR_ADDRESS);
  await sleep(200);
  const startedMs = clockMs();
  const { stdout } = await target.run(["sh", "-c", GAP]);
  const [before, gone, coming, back] = stdout.trim().split("\n").map((it) => Number(it) / 1e6);
  await sleep(200);

  const endedMs = clockMs();
  const silences = await prober.silences(startedMs, endedMs);
  // A prober that gets no processor when it should ask sees less by as much.
  const blurMs = BEAT_MS + prober.longestPauseMs(startedMs, endedMs);
  assert.equal(silences.length, 1, JSON.stringify(silences));
  const tookMs = silences[0]!.untilMs - silences[0]!.fromMs;
  assert.ok(tookMs >= coming! - gone! - blurMs, `${tookMs} ms of ${coming! - gone!} ms`);
  assert.ok(tookMs <= back! - before! + blurMs, `${tookMs} ms of ${back! - before!} ms`);
});
