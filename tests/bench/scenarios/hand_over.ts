/**
 * The address is moved on purpose: for how long does it not answer?
 *
 * @module
 */

import { type Daemon, VipdDaemon } from "../../../lab/daemon.ts";
import {
  keepalivedConfig,
  ONE_SECOND,
  PAIR_ADDRESS,
  PRIORITIES,
} from "../../../lab/pair_config.ts";
import { Prober } from "../../../lab/prober.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { type NodeName, Pair } from "../pair.ts";
import { atMost, type Measured, type Scenario } from "../scenario.ts";

/** Nobody should notice: five probes. */
const UNNOTICED = atMost(5, "5 ms");

const INSTANCE = "VI_1";

export const HAND_OVER: Scenario = {
  name: "hand-over",
  title: "Clean stop, demote and promote, version 2, 1 s: how long the address does not answer",
  brands: ["vipd", "keepalived"],
  figures: [
    { id: "stop", title: "clean stop: address silent", unit: "ms", target: UNNOTICED },
    {
      id: "demote",
      title: "demote (keepalived: lower priority, reload): address silent",
      unit: "ms",
      target: UNNOTICED,
    },
    { id: "demote_took", title: "demote: until the other node serves", unit: "ms" },
    {
      id: "promote",
      title: "promote of the backup (keepalived: higher priority, reload): address silent",
      unit: "ms",
      target: UNNOTICED,
    },
    { id: "promote_took", title: "promote: until it serves", unit: "ms" },
  ],
  async measure(brand, { binary, note }) {
    await using pair = await Pair.open(brand, ONE_SECOND, binary);
    const prober = await Prober.start(pair.client, PAIR_ADDRESS);
    const [lb01, lb02] = [pair.daemon("lb01"), pair.daemon("lb02")];

    const stopped = await move(pair, prober, "lb02", () => lb01.stop());
    await lb01.launch();
    await pair.heldBy("lb01");
    const demoted = await move(pair, prober, "lb02", () => demote(lb01));
    await undo(lb01, PRIORITIES.lb01);
    await pair.heldBy("lb01");
    const promoted = await move(pair, prober, "lb02", () => promote(lb02));

    const pauseMs = Math.max(stopped.pauseMs, demoted.pauseMs, promoted.pauseMs);
    if (pauseMs > 0) note(`the prober was held up for ${pauseMs.toFixed(1)} ms`);
    return {
      stop: stopped.silentMs,
      demote: demoted.silentMs,
      demote_took: demoted.tookMs,
      promote: promoted.silentMs,
      promote_took: promoted.tookMs,
    } satisfies Measured;
  },
};

/** Moves the address and looks at it from a second before to a second after. */
async function move(pair: Pair, prober: Prober, to: NodeName, act: () => Promise<void>) {
  await sleep(1000);
  const fromMs = clockMs();
  await act();
  const heldAtMs = await pair.heldBy(to);
  await sleep(1000);
  const untilMs = clockMs();
  const silentMs = await prober.longestSilenceMs(fromMs, untilMs);
  const pauseMs = prober.longestPauseMs(fromMs, untilMs);
  return { silentMs, pauseMs, tookMs: heldAtMs - fromMs };
}

async function demote(daemon: Daemon): Promise<void> {
  if (daemon instanceof VipdDaemon) await daemon.send(INSTANCE, "demote");
  else await daemon.reload(keepalivedConfig(ONE_SECOND, PRIORITIES.lb02 - 50));
}

async function promote(daemon: Daemon): Promise<void> {
  if (daemon instanceof VipdDaemon) await daemon.send(INSTANCE, "promote");
  else await daemon.reload(keepalivedConfig(ONE_SECOND, PRIORITIES.lb01 + 50));
}

async function undo(daemon: Daemon, priority: number): Promise<void> {
  if (daemon instanceof VipdDaemon) await daemon.send(INSTANCE, "release");
  else await daemon.reload(keepalivedConfig(ONE_SECOND, priority));
}
