/**
 * One virtual router on one node: what it costs to have it run.
 *
 * @module
 */

import { KeepalivedDaemon, VipdDaemon } from "../../../lab/daemon.ts";
import { LabError } from "../../../lab/error.ts";
import { HolderWatch } from "../../../lab/holders.ts";
import { Lab } from "../../../lab/network.ts";
import {
  keepalivedConfig,
  ONE_SECOND,
  PAIR_ADDRESS,
  PAIR_PLAN,
  PRIORITIES,
  vipdConfig,
} from "../../../lab/pair_config.ts";
import { usageOf } from "../../../lab/usage.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { SETTLE_MS } from "../pair.ts";
import type { Scenario } from "../scenario.ts";

const MEBIBYTE = 1024 * 1024;
const SETTLED_MS = 8_000;
const STEADY_MS = 10_000;

export const ONE_INSTANCE: Scenario = {
  name: "one",
  title: "One instance, version 2, 1 s: what it costs",
  brands: ["vipd", "keepalived"],
  figures: [
    { id: "one_memory", title: "one instance: memory (PSS)", unit: "MB" },
    { id: "one_private", title: "one instance: memory of its own (private dirty)", unit: "MB" },
    { id: "one_cpu", title: "one instance: processor, share of a core", unit: "%" },
  ],
  async measure(brand, { binary }) {
    await using lab = await Lab.open(`bench-${Deno.pid}`, PAIR_PLAN);
    const host = lab.host("lb01");
    const daemon = brand === "vipd"
      ? new VipdDaemon(new Vipd(host, { config: vipdConfig(ONE_SECOND, PRIORITIES.lb01), binary }))
      : new KeepalivedDaemon(host, keepalivedConfig(ONE_SECOND, PRIORITIES.lb01));
    const holders = await HolderWatch.start([host], PAIR_ADDRESS);
    await daemon.launch();
    await holders.heldBy("lb01", SETTLE_MS);
    await sleep(SETTLED_MS);
    const pid = await daemon.pid();
    if (pid === null) throw new LabError(`${brand} has ended: ${daemon.lastLines().at(-1)}`);
    const [before, fromMs] = [await usageOf(pid), clockMs()];
    await sleep(STEADY_MS);
    const [after, untilMs] = [await usageOf(pid), clockMs()];
    return {
      one_memory: after.pssOctets / MEBIBYTE,
      one_private: after.privateOctets / MEBIBYTE,
      one_cpu: (after.cpuMs - before.cpuMs) / (untilMs - fromMs) * 100,
    };
  },
};
