/**
 * The master's API is asked by many clients at once: do its adverts still leave on time? And how many answers are there,
 * next to the version before, whose one process is asked in the same way?
 *
 * @module
 */

import { PREVIOUS, previousExecutable } from "../../../build/previous.ts";
import { ApiLoad } from "../../../lab/api_load.ts";
import { AdvertCapture } from "../../../lab/capture.ts";
import { NODE_ADDRESSES } from "../../../lab/pair_config.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { elections } from "../elections.ts";
import { Pair, TENTH_OF_A_SECOND } from "../pair.ts";
import { atLeast, atMost, never, type Scenario } from "../scenario.ts";
import { gaps, quantile } from "../statistics.ts";

const CLIENTS = 64;
const STREAMS = 8;
const LOAD_MS = 20_000;

const title = `${CLIENTS} API clients and ${STREAMS} event streams, version 3, 0.1 s`;

export const API_LOAD: Scenario = {
  name: "api-load",
  title,
  brands: ["vipd"],
  figures: [
    {
      id: "api_elections",
      title: `${title}: elections`,
      unit: "count",
      target: never(),
    },
    {
      id: "api_gap_p99",
      title: `${title}: gap between two adverts, 99 %`,
      unit: "ms",
      target: atMost(103, "103 ms"),
    },
    { id: "api_gap", title: `${title}: longest gap`, unit: "ms", watched: LOAD_MS },
    { id: "api_rate", title: `${title}: answers a second`, unit: "count" },
    {
      id: "api_rate_previous",
      title: `${title}: answers a second by ${PREVIOUS.version}`,
      unit: "count",
    },
    {
      id: "api_rate_share",
      title: `${title}: answers, as a share of those by ${PREVIOUS.version}`,
      unit: "%",
      target: atLeast(50, "50 %"),
    },
  ],
  async measure(_brand, { binary, run, note }) {
    const previous = await previousExecutable();
    const present = () => underLoad(binary, note);
    const before = () => underLoad(previous, (text) => note(`${PREVIOUS.version}: ${text}`));
    // They change places from run to run, so that neither always has the fresher machine.
    const [first, second] = run % 2 === 0 ? [present, before] : [before, present];
    const [one, other] = [await first(), await second()];
    const [now, then] = run % 2 === 0 ? [one, other] : [other, one];
    return {
      api_elections: now.elections,
      api_gap_p99: quantile(now.gapsMs, 0.99),
      api_gap: quantile(now.gapsMs, 1),
      api_rate: now.rate,
      api_rate_previous: then.rate,
      api_rate_share: 100 * now.rate / then.rate,
    };
  },
};

interface UnderLoad {
  readonly elections: number;
  /** Between two adverts of the master, in milliseconds. */
  readonly gapsMs: readonly number[];
  /** Answers a second. */
  readonly rate: number;
}

async function underLoad(
  binary: string | undefined,
  note: (text: string) => void,
): Promise<UnderLoad> {
  await using pair = await Pair.open("vipd", TENTH_OF_A_SECOND, binary);
  await sleep(1000);
  const load = await ApiLoad.start(pair.lab.host("lb01"), CLIENTS, STREAMS);
  const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1");
  const [before, fromMs] = [load.counts.answered, clockMs()];
  await sleep(LOAD_MS);
  const { answered, refused, streams } = load.counts;
  const untilMs = clockMs();
  const adverts = await capture.stop();
  if (refused > 0) note(`${refused} requests were refused, ${answered} answered`);
  if (streams < STREAMS) note(`${streams} of ${STREAMS} event streams are open`);
  const own = adverts.filter(({ source }) => source === NODE_ADDRESSES.lb01);
  const between = gaps(own.map(({ atMs }) => atMs), untilMs);
  return {
    elections: elections(adverts),
    gapsMs: between.length === 0 ? [Infinity] : between,
    rate: (answered - before) / (untilMs - fromMs) * 1000,
  };
}
