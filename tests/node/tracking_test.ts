/** What an instance tracks: interfaces and checks, with and without weight, the right way round and reversed. */

import assert from "node:assert/strict";
import type { TrackConfig } from "../../src/config/model.ts";
import { SimCluster } from "../../src/sim/cluster.ts";

/** lb01 (150) tracks this, lb02 (100) nothing; long enough after their start that one is master. */
function pair(track: TrackConfig) {
  const cluster = new SimCluster([{ priority: 150, track: [track] }, { priority: 100 }]);
  cluster.start();
  cluster.run(10_000);
  const [lb01, lb02] = cluster.nodes;
  return { cluster, lb01: lb01!, lb02: lb02! };
}

Deno.test("a tracked interface that is not there means fault, with a weight a lower priority", () => {
  const fault = pair({ kind: "interface", interface: "eth9" });
  assert.deepEqual(fault.cluster.holders, ["lb02"]);
  assert.deepEqual(fault.lb01.status.faults, [
    "tracked interface eth9 is down or does not exist",
  ]);
  const weighted = pair({ kind: "interface", interface: "eth9", weight: -60 });
  assert.deepEqual(weighted.cluster.holders, ["lb02"]);
  assert.equal(weighted.lb01.status.state, "backup");
  assert.deepEqual(weighted.lb01.status.priority, {
    configured: 150,
    effective: 90,
    reasons: [{ what: "interface eth9 is down", change: -60 }],
  });
});

Deno.test("a positive weight of an interface counts while it is up", () => {
  const { lb01 } = pair({ kind: "interface", interface: "eth1", weight: 20 });
  assert.equal(lb01.status.priority.effective, 170);
  lb01.host.setLink(false);
  assert.equal(lb01.status.priority.effective, 150);
});

Deno.test("reversed without weight, success is the fault", () => {
  const { cluster, lb01 } = pair({ kind: "check", check: "nginx", reverse: true });
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(lb01.status.state, "fault");
  assert.match(lb01.status.faults[0]!, /check nginx is up, where it must be down: simulated/);
  lb01.host.setCheck("nginx", false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("reversed, an interface must not be there", () => {
  const { cluster } = pair({ kind: "interface", interface: "eth9", reverse: true });
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a reversed weight is taken away while the check passes", () => {
  const { cluster, lb01 } = pair({ kind: "check", check: "nginx", weight: 60, reverse: true });
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01.status.priority.reasons, [{ what: "check nginx is up", change: -60 }]);
  lb01.host.setCheck("nginx", false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb01.status.priority.effective, 150);
});
