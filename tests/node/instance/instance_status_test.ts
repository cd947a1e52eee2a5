/** An instance as its status shows it. */

import assert from "node:assert/strict";
import { config, NGINX_CHECK, tracked } from "../../../src/sim/cluster.ts";
import { electedPair } from "../elected_pair.ts";

Deno.test("both nodes name the master, and say their times to a tenth of a millisecond", () => {
  const { lb01, lb02 } = electedPair();
  const master = { address: "192.168.31.11", priority: 150 };
  assert.deepEqual([lb01.status.master, lb02.status.master], [master, master]);
  const { announce_delay_ms: _, ...timers } = lb01.status.timers;
  assert.deepEqual(timers, {
    advert_interval_ms: 1000,
    skew_time_ms: 414.1,
    master_down_interval_ms: 3414.1,
  });
  assert.equal(electedPair({ preemptDelayMs: 1 }).lb01.status.timers.preempt_delay_ms, 1);
});

Deno.test("what is not known yet is a fault of an instance that begins, and of no other", () => {
  const { cluster, lb02 } = electedPair();
  const track = [tracked({ kind: "check", check: NGINX_CHECK.name })];
  lb02.reload(config("lb02", { priority: 100, track }));
  assert.deepEqual([lb02.status.state, lb02.status.faults], ["backup", []]);
  lb02.start();
  const why = `check ${NGINX_CHECK.name} has no result yet`;
  assert.deepEqual([lb02.status.state, lb02.status.faults], ["init", [why]]);
  cluster.run(10);
  assert.deepEqual([lb02.status.state, lb02.status.faults], ["backup", []]);
});
