/**
 * A hundred adverts a second, the fastest that the protocol has: after how long does the address of a node that vanishes
 * answer, and how often does a backup take over from a master that lives, on a machine at rest and on one whose
 * processors are all busy?
 *
 * @module
 */

import { BusyLoops } from "../../../lab/busy_loops.ts";
import { AdvertCapture } from "../../../lab/capture.ts";
import { LabError } from "../../../lab/error.ts";
import {
  masterDownMs,
  NODE_ADDRESSES,
  PAIR_ADDRESS,
  PRIORITIES,
} from "../../../lab/pair_config.ts";
import { Prober } from "../../../lab/prober.ts";
import { stolenShare } from "../../../lab/usage.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { elections } from "../elections.ts";
import { Pair } from "../pair.ts";
import { type Scenario, type Target, timesKeepalived } from "../scenario.ts";

const SETTINGS = { version: 3, advertIntervalMs: 10, realtimePriority: 10 } as const;
const LIMIT_MS = masterDownMs(SETTINGS, PRIORITIES.lb02);
const PROGRAMS = 2 * navigator.hardwareConcurrency;
/** Of each run: five make ten minutes. */
const WATCHED_MS = 120_000;
/** The hypervisor may keep the processor from both: what counts is the other daemon in the same run. */
const NOT_MORE: Target = {
  text: "≤ keepalived, all runs together",
  judged: "sum",
  met: (vipd, keepalived) => !(vipd > keepalived),
};
const NAME = "version 3, 0.01 s, real-time priority";

export const HUNDREDTH: readonly Scenario[] = [{
  name: "hundredth-vanish",
  title: `The master vanishes, ${NAME}: Master_Down_Interval is ${LIMIT_MS.toFixed(1)} ms`,
  brands: ["vipd", "keepalived"],
  figures: [{
    id: "hundredth_silent",
    title: `node vanishes, ${NAME}: from the last advert until the address answers`,
    unit: "ms",
    target: timesKeepalived(1),
  }],
  async measure(brand, { binary, run, runs }) {
    await using pair = await Pair.open(brand, SETTINGS, binary);
    await sleep(1000);
    return { hundredth_silent: await vanish(pair, run / runs) };
  },
}, {
  name: "hundredth-watch",
  title: `The master lives, ${NAME}: does the backup take over?`,
  brands: ["vipd", "keepalived"],
  figures: [{
    id: "hundredth_idle",
    title: `${NAME}: false elections in ${WATCHED_MS / 60_000} minutes`,
    unit: "count",
    target: NOT_MORE,
  }, {
    id: "hundredth_idle_stolen",
    title: "stolen from this machine meanwhile, of its processors' time",
    unit: "%",
  }, {
    id: "hundredth_busy",
    title: `the same with ${PROGRAMS} busy programs: false elections`,
    unit: "count",
    target: NOT_MORE,
  }, {
    id: "hundredth_busy_stolen",
    title: "stolen meanwhile",
    unit: "%",
  }],
  async measure(brand, { binary }) {
    await using pair = await Pair.open(brand, SETTINGS, binary);
    await sleep(1000);
    const idle = await watch(pair);
    const busy = await watch(pair, PROGRAMS);
    return {
      hundredth_idle: idle.elections,
      hundredth_idle_stolen: idle.stolen,
      hundredth_busy: busy.elections,
      hundredth_busy_stolen: busy.stolen,
    };
  },
}];

/** What happens while so many programs compute on the master. */
async function watch(pair: Pair, programs = 0) {
  const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1");
  const stolen = await stolenShare();
  {
    await using _loops = new BusyLoops(pair.lab.host("lb01"), programs);
    await sleep(WATCHED_MS);
  }
  return { elections: elections(await capture.stop()), stolen: 100 * await stolen() };
}

/**
 * Cuts the master off, `phase` (0 to 1) of an advert interval after a moment that nobody chose. The time counts from its
 * last advert: where in the interval the cut falls is chance, and up to 10 ms.
 */
async function vanish(pair: Pair, phase: number): Promise<number> {
  const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1");
  const prober = await Prober.start(pair.client, PAIR_ADDRESS);
  await sleep(1000 + SETTINGS.advertIntervalMs * phase);
  const fromMs = clockMs();
  await pair.lab.cut("lb01", "eth1", "silent");
  await sleep(1000);
  const silences = await prober.silences(fromMs, clockMs());
  const adverts = await capture.stop();
  const last = adverts.findLast(({ source }) => source === NODE_ADDRESSES.lb01);
  const answers = silences.at(-1);
  if (last === undefined || answers === undefined) throw new LabError("The node did not vanish");
  return answers.untilMs - last.atMs;
}
