/**
 * The usual pair with nginx on both nodes, and a client that never stops asking, while the address goes to and fro.
 *
 * @module
 */

import { SteadyClient } from "../../../lab/client.ts";
import { Cluster, INSTANCE, VIP } from "../../../lab/cluster.ts";
import { startDaemons } from "../../../lab/cluster_daemons.ts";
import { type Daemon, VipdDaemon } from "../../../lab/daemon.ts";
import { clockMs, sleep } from "../../../lab/wait.ts";
import { SETTLE_MS } from "../pair.ts";
import { never, type Scenario } from "../scenario.ts";

const MOVES = 20;
/** New connections a second. */
const RATE = 200;

export const REQUESTS: Scenario = {
  name: "requests",
  title: `HTTP requests lost in ${MOVES} moves of the address, ${RATE} requests a second`,
  brands: ["vipd", "keepalived"],
  figures: [{
    id: "lost",
    title: `requests lost in ${MOVES} demotes and promotes (keepalived: stops and starts)`,
    unit: "count",
    target: never(),
  }, { id: "asked", title: "requests asked in that time", unit: "count" }],
  async measure(brand, { binary, note }) {
    await using cluster = await Cluster.open({ name: `bench-${Deno.pid}`, binary });
    const { lb01 } = await startDaemons(cluster, { lb01: brand, lb02: brand });
    const client = SteadyClient.start(cluster.lab.host("client"), {
      address: VIP.address,
      rate: RATE,
    });
    await client.answered(SETTLE_MS);
    const fromMs = clockMs();
    for (let move = 0; move < MOVES; move++) {
      const away = move % 2 === 0;
      await (away ? leave(lb01) : comeBack(lb01));
      await cluster.holders.heldBy(away ? "lb02" : "lb01", SETTLE_MS);
      await sleep(500);
    }
    const report = await client.between(fromMs, clockMs());
    if (report.failed > 0) note(`why requests were lost: ${JSON.stringify(report.errors)}`);
    return { lost: report.failed, asked: report.sent };
  },
};

async function leave(daemon: Daemon): Promise<void> {
  await (daemon instanceof VipdDaemon ? daemon.send(INSTANCE, "demote") : daemon.stop());
}

async function comeBack(daemon: Daemon): Promise<void> {
  await (daemon instanceof VipdDaemon ? daemon.send(INSTANCE, "promote") : daemon.launch());
}
