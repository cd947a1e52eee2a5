/**
 * nginx on the master is killed, its daemon lives: when does that one notice, and when is the address served again?
 *
 * @module
 */

import { AdvertCapture, type CapturedAdvert } from "../../../lab/capture.ts";
import { SteadyClient } from "../../../lab/client.ts";
import { Cluster, VIP } from "../../../lab/cluster.ts";
import { startDaemons } from "../../../lab/cluster_daemons.ts";
import { NODE_ADDRESSES } from "../../../lab/pair_config.ts";
import { clockMs, sleep, waitFor } from "../../../lab/wait.ts";
import { SETTLE_MS } from "../pair.ts";
import { atMost, type Scenario } from "../scenario.ts";

/** How finely the client sees: every 5 ms. */
const RATE = 200;

export const NGINX_KILLED: Scenario = {
  name: "nginx",
  title: "nginx killed on the master, version 2, 1 s (keepalived: pgrep once a second)",
  brands: ["vipd", "keepalived"],
  figures: [{
    id: "detected",
    title: "nginx killed: until the master says goodbye",
    unit: "ms",
    target: atMost(20, "20 ms"),
  }, {
    id: "served",
    title: "nginx killed: until the other node serves the address",
    unit: "ms",
    target: atMost(20, "20 ms"),
  }],
  async measure(brand, { binary, run, runs }) {
    await using cluster = await Cluster.open({ name: `bench-${Deno.pid}`, binary });
    await startDaemons(cluster, { lb01: brand, lb02: brand });
    const capture = await AdvertCapture.start(cluster.balancers.lb02.host, "eth1");
    const client = SteadyClient.start(cluster.lab.host("client"), {
      address: VIP.address,
      rate: RATE,
    });
    await client.answered(SETTLE_MS);
    await sleep(3000 + 1000 * run / runs);

    const killedAtMs = await cluster.balancers.lb01.nginx.crash();
    const isGoodbye = ({ atMs, source, priority }: CapturedAdvert) =>
      atMs >= killedAtMs && source === NODE_ADDRESSES.lb01 && priority === 0;
    const goodbye = await waitFor(
      "the master's goodbye",
      async () => (await capture.adverts()).find(isGoodbye),
      { timeoutMs: SETTLE_MS, everyMs: 100 },
    );
    await cluster.holders.heldBy("lb02", SETTLE_MS);
    await sleep(500);
    const served = (await client.records(killedAtMs, clockMs()))
      .find((it) => it.answer?.loadBalancer === "lb02");
    return {
      detected: goodbye.atMs - killedAtMs,
      served: served === undefined ? Infinity : served.sentAtMs + served.tookMs - killedAtMs,
    };
  },
};
