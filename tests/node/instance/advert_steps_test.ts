/** Adverts of many instances leave together where the host likes that. */

import assert from "node:assert/strict";
import { config, instanceConfig, SimNode } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

/** VRID and priority: 3.9 ms of Skew_Time lie between two neighbours. */
const ROUTERS = [[1, 150], [2, 149], [3, 148], [4, 140], [5, 137]] as const;

/** When each of the routers has sent an advert in the first minute, in milliseconds. */
function momentsByVrid(advertIntervalCs: number, stepMs: number): Map<number, number[]> {
  const time = new VirtualTime();
  const network = new SimNetwork(time, seededRandom(1));
  const machine = {
    name: "lb01",
    interface: "eth1",
    address: "192.168.31.11",
    linkLocal: "fe80::11",
  };
  const host = new SimHost(machine, time, network);
  host.stepMs = stepMs;
  const moments = new Map<number, number[]>(ROUTERS.map(([vrid]) => [vrid, []]));
  network.watch((_, payload) => moments.get(payload[1]!)!.push(time.nowMs));
  const instances = ROUTERS.map(([vrid, priority]) =>
    instanceConfig({
      ...{ name: `VI_${vrid}`, vrid, priority, version: 3, advertIntervalCs },
      authentication: { type: "none" },
      addresses: [{ address: `192.168.31.${vrid}`, prefixLength: 24, device: "eth1" }],
    })
  );
  new SimNode({ ...config("lb01", {}), instances }, host).start();
  time.runUntil(60_000);
  return moments;
}

function gaps(moments: readonly number[]): number[] {
  return moments.slice(1).map((atMs, index) => atMs - moments[index]!);
}

for (const [intervalCs, earliestMs, stepMs] of [[100, 990, 100], [10, 95, 50]] as const) {
  Deno.test(`adverts every ${intervalCs} cs leave at steps, and on their way there little early`, () => {
    const intervalMs = intervalCs * 10;
    for (const [vrid, moments] of momentsByVrid(intervalCs, 50)) {
      const between = gaps(moments);
      const text = `VRID ${vrid}: ${between.slice(0, 20)}`;
      assert.ok(moments.length > 50, text);
      assert.ok(between.every((ms) => ms >= earliestMs && ms <= intervalMs), text);
      const settled = moments.slice(20);
      assert.ok(settled.every((atMs) => atMs % stepMs === 0), `VRID ${vrid}: ${settled}`);
      assert.deepEqual([...new Set(gaps(settled))], [intervalMs]);
    }
  });
}

Deno.test("adverts leave at their own times where the host has no steps, or they do not fit", () => {
  for (const [intervalCs, stepMs] of [[100, 0], [7, 50]] as const) {
    for (const moments of momentsByVrid(intervalCs, stepMs).values()) {
      const odd = gaps(moments).filter((ms) => Math.abs(ms - intervalCs * 10) > 1e-6);
      assert.deepEqual(odd, [], `every ${intervalCs} cs, steps of ${stepMs} ms`);
    }
  }
});
