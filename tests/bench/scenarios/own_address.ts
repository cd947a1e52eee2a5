/**
 * The master's own address goes away and comes back, as programs that manage a network take it off and put it on again:
 * what does that cost the clients, and is there an election?
 *
 * @module
 */

import { AddressWatch } from "../../../lab/address_watch.ts";
import { SteadyClient } from "../../../lab/client.ts";
import { Cluster, VIP } from "../../../lab/cluster.ts";
import { startDaemons } from "../../../lab/cluster_daemons.ts";
import { NODE_ADDRESSES, ONE_SECOND } from "../../../lab/pair_config.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { type WirePacket, WireWatch } from "../../../lab/wire.ts";
import { SETTLE_MS } from "../pair.ts";
import { atMost, type Figure, type Measured, never, type Scenario } from "../scenario.ts";

const OWN = `${NODE_ADDRESSES.lb01}/24`;
/** New connections a second. */
const RATE = 200;
/** How long is watched from then on. */
const WATCHED_MS = 6000;

interface Case {
  readonly name: string;
  readonly title: string;
  /** How long the address is away; 0: removed and added by one process, in the same millisecond. */
  readonly awayMs: number;
  readonly lost: Pick<Figure, "target">;
  readonly back: Pick<Figure, "target">;
}

const CASES: readonly Case[] = [
  {
    name: "same",
    title: "the master's own address is back in the same millisecond",
    awayMs: 0,
    lost: { target: never() },
    back: {},
  },
  {
    name: "later",
    title: "the master's own address is back after 100 ms",
    awayMs: 100,
    lost: {},
    back: { target: atMost(20, "20 ms") },
  },
];

export const OWN_ADDRESS: readonly Scenario[] = CASES.map((each) => ({
  name: `kernel-return-${each.name}`,
  title: `${each.title}, version 2, 1 s, ${RATE} requests a second`,
  brands: ["vipd", "keepalived"],
  figures: [
    {
      id: `own_${each.name}_lost`,
      title: `${each.title}: requests lost`,
      unit: "count",
      ...each.lost,
    },
    {
      id: `own_${each.name}_elections`,
      title: `${each.title}: elections`,
      unit: "count",
      target: never(),
    },
    {
      id: `own_${each.name}_back`,
      title: `${each.title}: until the virtual one is secondary`,
      unit: "ms",
      watched: WATCHED_MS,
      ...each.back,
    },
  ],
  async measure(brand, { binary, run, runs, note }): Promise<Measured> {
    await using cluster = await Cluster.open({ name: `bench-${Deno.pid}`, binary });
    await startDaemons(cluster, { lb01: brand, lb02: brand });
    const host = cluster.lab.host("client");
    const wire = await WireWatch.start(host, VIP.device);
    const watch = await AddressWatch.start(cluster.lab.host("lb01"), VIP.device);
    const client = SteadyClient.start(host, { address: VIP.address, rate: RATE });
    await client.answered(SETTLE_MS);
    // `run / runs`: how much of an interval the last advert is ago.
    await sleep(2000 + ONE_SECOND.advertIntervalMs * run / runs);
    const fromMs = clockMs();
    await takeAway(cluster, each.awayMs);
    await sleep(WATCHED_MS);
    const report = await client.between(fromMs, clockMs());
    if (report.failed > 0) note(`why requests were lost: ${JSON.stringify(report.errors)}`);
    return {
      [`own_${each.name}_lost`]: report.failed,
      [`own_${each.name}_elections`]: elections(wire.packets.filter(({ atMs }) => atMs > fromMs)),
      [`own_${each.name}_back`]: watch.backMs(OWN, `${VIP.address}/24`),
    };
  },
}));

async function takeAway(cluster: Cluster, awayMs: number): Promise<void> {
  const { host } = cluster.balancers.lb01;
  const own = `address ACTION ${OWN} dev ${VIP.device}`;
  const [remove, add] = ["del", "add"].map((action) => own.replace("ACTION", action));
  if (awayMs === 0) await host.run(["ip", "-batch", "-"], { stdin: `${remove}\n${add}\n` });
  else await host.run(["sh", "-c", `ip ${remove}; sleep ${awayMs / 1000}; ip ${add}`]);
}

/** How many times another node became master; lb01 is it at first. */
function elections(packets: readonly WirePacket[]): number {
  let master: string = NODE_ADDRESSES.lb01;
  let count = 0;
  for (const packet of packets) {
    if (packet.kind !== "advert" || packet.priority === 0 || packet.source === master) continue;
    master = packet.source;
    count++;
  }
  return count;
}
