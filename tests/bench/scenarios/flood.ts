/**
 * Somebody floods the pair's network with VRRP that is none of its business: foreign, damaged and forged adverts.
 *
 * @module
 */

import { AdvertCapture } from "../../../lab/capture.ts";
import { LabError } from "../../../lab/error.ts";
import { flood } from "../../../lab/flood.ts";
import type { LabHost } from "../../../lab/host.ts";
import { NODE_ADDRESSES, ONE_SECOND, VRID } from "../../../lab/pair_config.ts";
import { type Usage, usageOf } from "../../../lab/usage.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { elections } from "../elections.ts";
import { Pair } from "../pair.ts";
import { atMost, never, type Scenario } from "../scenario.ts";
import { gaps, quantile } from "../statistics.ts";

const RATE = 50_000;
const FLOOD_MS = 20_000;
const MEBIBYTE = 1024 * 1024;

const title = `${RATE.toLocaleString("en")} foreign and malformed packets a second for 20 s`;

export const FLOOD: Scenario = {
  name: "flood",
  title,
  brands: ["vipd"],
  figures: [
    { id: "flood_elections", title: `${title}: elections`, unit: "count", target: never() },
    {
      id: "flood_growth",
      title: "the flood: growth of the master's memory (PSS)",
      unit: "MB",
      target: atMost(8, "flat (8 MB)"),
    },
    { id: "flood_gap", title: "the flood: longest gap between two adverts of 1 s", unit: "ms" },
    { id: "flood_cpu", title: "the flood: processor, share of a core", unit: "%" },
    { id: "flood_rate", title: "the flood: packets a second that arrived", unit: "count" },
  ],
  async measure(brand, { binary }) {
    await using pair = await Pair.open(brand, ONE_SECOND, binary);
    const master = pair.lab.host("lb01");
    const usage = async (): Promise<Usage> => {
      const pid = await pair.daemon("lb01").pid();
      if (pid === null) throw new LabError(pair.daemon("lb01").lastLines().join("\n"));
      return await usageOf(pid);
    };
    // A second of it first: what is made once, such as compiled code, is no growth.
    const options = { device: "eth1", packetsPerSecond: RATE, vrid: VRID };
    await flood(pair.client, { ...options, durationMs: 1000 });
    await sleep(1000);
    const nodes = Object.values(NODE_ADDRESSES).map((it) => `src host ${it}`).join(" or ");
    const capture = await AdvertCapture.start(pair.lab.host("lb02"), "eth1", nodes);
    const [before, receivedBefore] = [await usage(), await received(master)];
    const report = await flood(pair.client, { ...options, durationMs: FLOOD_MS });
    const [after, receivedAfter] = [await usage(), await received(master)];
    // Whoever missed too many adverts takes over by now.
    await sleep(4000);
    const untilMs = clockMs();
    const adverts = await capture.stop();
    const own = adverts.filter(({ source }) => source === NODE_ADDRESSES.lb01);
    return {
      flood_elections: elections(adverts),
      flood_growth: (after.pssOctets - before.pssOctets) / MEBIBYTE,
      flood_gap: quantile(gaps(own.map(({ atMs }) => atMs), untilMs), 1),
      flood_cpu: (after.cpuMs - before.cpuMs) / report.tookMs * 100,
      flood_rate: (receivedAfter - receivedBefore) / report.tookMs * 1000,
    };
  },
};

/** How many frames the host's interface has taken in. */
async function received(host: LabHost): Promise<number> {
  const { stdout } = await host.run(["ip", "-json", "-statistics", "link", "show", "dev", "eth1"]);
  return JSON.parse(stdout)[0].stats64.rx.packets;
}
