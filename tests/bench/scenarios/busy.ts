/**
 * The master's machine has twice as many busy programs as processors: do its adverts still leave on time, and what does
 * real-time priority change? And if programs change interfaces all the time, as hosts of containers do?
 *
 * @module
 */

import { BusyLoops, CHANGES_INTERFACES } from "../../../lab/busy_loops.ts";
import { AdvertCapture } from "../../../lab/capture.ts";
import { NODE_ADDRESSES } from "../../../lab/pair_config.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { elections } from "../elections.ts";
import { Pair, TENTH_OF_A_SECOND } from "../pair.ts";
import type { Scenario } from "../scenario.ts";
import { gaps, quantile } from "../statistics.ts";

const PROGRAMS = 2 * navigator.hardwareConcurrency;
const LOAD_MS = 20_000;

const INTERFACE_PROGRAMS = 3;

interface Load {
  readonly programs: number;
  /** The shell program that each of them is; it computes if absent. */
  readonly script?: string;
  readonly realtimePriority?: number;
}

export const BUSY: readonly Scenario[] = [
  busy("busy", "machine busy, version 3, 0.1 s", { programs: PROGRAMS }),
  busy("busy-realtime", "the same with real-time priority", {
    programs: PROGRAMS,
    realtimePriority: 10,
  }),
  busy("busy-interfaces", "interfaces made and removed, version 3, 0.1 s, real-time priority", {
    programs: INTERFACE_PROGRAMS,
    script: CHANGES_INTERFACES,
    realtimePriority: 10,
  }),
];

function busy(
  name: string,
  title: string,
  { programs, script, realtimePriority }: Load,
): Scenario {
  const id = name.replaceAll("-", "_");
  const settings = {
    ...TENTH_OF_A_SECOND,
    ...(realtimePriority !== undefined && { realtimePriority }),
  };
  return {
    name,
    title: `${title} (${programs} busy programs)`,
    brands: ["vipd", "keepalived"],
    figures: [
      { id: `${id}_elections`, title: `${title}: elections`, unit: "count" },
      { id: `${id}_gap_p99`, title: `${title}: gap between two adverts, 99 %`, unit: "ms" },
      { id: `${id}_gap`, title: `${title}: longest gap`, unit: "ms", watched: LOAD_MS },
    ],
    async measure(brand, { binary }) {
      await using pair = await Pair.open(brand, settings, binary);
      await sleep(1000);
      const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1");
      await using _loops = new BusyLoops(pair.lab.host("lb01"), programs, script);
      await sleep(LOAD_MS);
      const untilMs = clockMs();
      const adverts = await capture.stop();
      const own = adverts.filter(({ source }) => source === NODE_ADDRESSES.lb01);
      const between = gaps(own.map(({ atMs }) => atMs), untilMs);
      return {
        [`${id}_elections`]: elections(adverts),
        [`${id}_gap_p99`]: quantile(between, 0.99),
        [`${id}_gap`]: between.length === 0 ? Infinity : quantile(between, 1),
      };
    },
  };
}
