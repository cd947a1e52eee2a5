import assert from "node:assert/strict";
import { HOLD_DOWN_MS } from "../../../src/node/journal/alarms.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";

Deno.test("an API that does not answer is an alarm of the node with its cause, until it answers", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  cluster.start();
  cluster.run(10_000);
  const daemon = cluster.nodes[0]!.daemon!;
  daemon.apiDown("127.0.0.1:9112 is in use");
  const [alarm, ...others] = daemon.status().alarms;
  assert.deepEqual(others, []);
  assert.deepEqual([alarm?.code, alarm?.severity, alarm?.subject], ["api_down", "warning", null]);
  assert.match(alarm!.message, /127\.0\.0\.1:9112 is in use/);
  assert.match(alarm!.hint, /systemctl status vipd-front/);
  assert.deepEqual(cluster.holders, ["lb01"], "the addresses stay");
  daemon.apiDown(null);
  cluster.run(HOLD_DOWN_MS + 1);
  assert.deepEqual(daemon.status().alarms, []);
});

Deno.test("a node that is part of another program says that it has no processes of its own", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  cluster.start();
  const { engine, front } = cluster.nodes[0]!.daemon!.status().processes;
  assert.deepEqual([engine.pid, engine.restarts, engine.last_exit], [0, 0, null]);
  assert.deepEqual([front.state, front.pid, front.problem], ["serving", null, null]);
});
