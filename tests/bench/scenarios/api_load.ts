/**
 * The master's API is asked by many clients at once: do its adverts still leave on time?
 *
 * @module
 */

import { ApiLoad } from "../../../lab/api_load.ts";
import { AdvertCapture } from "../../../lab/capture.ts";
import { NODE_ADDRESSES } from "../../../lab/pair_config.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { elections } from "../elections.ts";
import { Pair, TENTH_OF_A_SECOND } from "../pair.ts";
import { atMost, type Scenario } from "../scenario.ts";
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
      target: atMost(0, "0"),
    },
    {
      id: "api_gap_p99",
      title: `${title}: gap between two adverts, 99 %`,
      unit: "ms",
      target: atMost(130, "130 ms"),
    },
    { id: "api_gap", title: `${title}: longest gap`, unit: "ms", watched: LOAD_MS },
    { id: "api_rate", title: `${title}: answers a second`, unit: "count" },
  ],
  async measure(brand, { binary, note }) {
    await using pair = await Pair.open(brand, TENTH_OF_A_SECOND, binary);
    await sleep(1000);
    const load = await ApiLoad.start(pair.lab.host("lb01"), CLIENTS, STREAMS);
    const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1");
    const [before, fromMs] = [load.counts.answered, clockMs()];
    await sleep(LOAD_MS);
    const { answered, refused, streams } = load.counts;
    const untilMs = clockMs();
    const rate = (answered - before) / (untilMs - fromMs) * 1000;
    const adverts = await capture.stop();
    if (refused > 0) note(`${refused} requests were refused, ${answered} answered`);
    if (streams < STREAMS) note(`${streams} of ${STREAMS} event streams are open`);
    const own = adverts.filter(({ source }) => source === NODE_ADDRESSES.lb01);
    const between = gaps(own.map(({ atMs }) => atMs), untilMs);
    return {
      api_elections: elections(adverts),
      api_gap_p99: quantile(between, 0.99),
      api_gap: between.length === 0 ? Infinity : quantile(between, 1),
      api_rate: rate,
    };
  },
};
