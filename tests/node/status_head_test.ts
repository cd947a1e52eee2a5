/** What a node says of itself: when it started, and how long ago that is. */

import assert from "node:assert/strict";
import { SimCluster } from "../../src/sim/cluster.ts";

Deno.test("the uptime is the whole seconds since the start, whatever the wall clock does meanwhile", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  const [lb01] = cluster.nodes;
  cluster.run(5000);
  lb01!.start();
  const rows = [[0, 0], [999, 0], [1, 1], [1500, 2]] as const;
  for (const [forMs, seconds] of rows) {
    cluster.run(forMs);
    lb01!.host.jumpWallClock(60_000);
    const { started_at, uptime_seconds } = lb01!.daemon!.status();
    assert.deepEqual([started_at, uptime_seconds], ["2030-01-01T00:00:05.000Z", seconds]);
  }
});
