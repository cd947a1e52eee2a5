/** What an instance does after its link came up, on a clock of its own. */

import assert from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { LinkRecovery, RESOLUTION_MS } from "../../../src/node/instance/link_recovery.ts";
import { Reassertion } from "../../../src/node/instance/reassertion.ts";
import { Throttle } from "../../../src/host/regular_work.ts";
import { instanceConfig, SimCluster } from "../../../src/sim/cluster.ts";
import { knownPair } from "../pair/known_pair.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

function machine() {
  const time = new VirtualTime();
  const announced: string[] = [];
  const host = {
    nowMs: () => time.nowMs,
    setTimer: (atMs: number, fire: () => void) => time.schedule(atMs, fire),
    announce: ({ address, prefixLength, device }: VirtualAddress) => {
      announced.push(`${time.nowMs} ${address}/${prefixLength} ${device}`);
      return null;
    },
  };
  time.runUntil(1000);
  return { time, host, announced };
}

Deno.test("the own address is announced at once and once more, where there is one", () => {
  for (const [source, length] of [["192.168.31.11", 32], ["fe80::11", 128], [null, 0]] as const) {
    const { time, host, announced } = machine();
    const recovery = new LinkRecovery(host);
    assert.equal(recovery.notBeforeMs, -Infinity);
    recovery.cameUp(instanceConfig(), source);
    time.runUntil(60_000);
    assert.deepEqual(
      announced,
      source === null ? [] : [1000, 1500].map((atMs) => `${atMs} ${source}/${length} eth1`),
    );
    assert.equal(recovery.notBeforeMs, 1000 + RESOLUTION_MS);
    recovery.over();
    assert.equal(recovery.notBeforeMs, -Infinity);
  }
  assert.equal(RESOLUTION_MS, 1200);
});

Deno.test("it defers to another master for as long as it would to a weaker one", () => {
  const { time, host } = machine();
  const recovery = new LinkRecovery(host);
  const defers = (preempt: boolean, preemptDelayMs: number) =>
    recovery.defers({ preempt, preemptDelayMs });
  assert.deepEqual([defers(false, 0), defers(true, 5000)], [false, false]);
  recovery.cameUp(instanceConfig(), null);
  assert.deepEqual([defers(false, 0), defers(true, 0), defers(true, 5000)], [true, false, true]);
  time.runUntil(5999);
  assert.deepEqual([defers(false, 0), defers(true, 5000)], [true, true]);
  time.runUntil(6000);
  assert.deepEqual([defers(false, 0), defers(true, 5000)], [true, false]);
});

Deno.test("a dispute is upheld when the weaker master was silent for 2.9 of its intervals, once in 10 s", () => {
  const { time, nodes: [node] } = new SimCluster([{}]);
  const told: string[] = [];
  const reassertion = new Reassertion(
    node!.host,
    (source, priority) => told.push(`${time.nowMs} ${source} ${priority}`),
  );
  const hear = (atMs: number, priority = 50) => {
    time.runUntil(atMs);
    reassertion.heard("192.0.2.9", {
      ...{ version: 3, vrid: 55, intervalCs: 100, addresses: [] },
      priority,
    });
  };
  time.runUntil(1000);
  reassertion.stateChanged();
  hear(2999);
  time.runUntil(20_000);
  assert.deepEqual(told, [], "the last word of the one before");
  reassertion.stateChanged();
  hear(22_000);
  hear(23_000, 60);
  time.runUntil(30_000);
  assert.deepEqual(told.splice(0), ["25900 192.0.2.9 60"]);
  hear(31_000);
  time.runUntil(50_000);
  assert.deepEqual(told.splice(0), ["35900 192.0.2.9 50"], "10 s after the last one");
  hear(51_000);
  reassertion.stateChanged();
  time.runUntil(90_000);
  assert.deepEqual(told, [], "it is master no more");
});

Deno.test("what is asked for often is done at once, and then when its time is over, with the last of it", () => {
  const { time, host } = machine();
  const done: number[] = [];
  const throttle = new Throttle(host, 100, () => done.push(time.nowMs));
  const ask = (...times: number[]) => {
    for (const atMs of times) {
      time.runUntil(atMs);
      throttle.ask();
    }
  };
  ask(1000, 1010, 1099, 1150);
  time.runUntil(1500);
  assert.deepEqual(done.splice(0), [1000, 1100, 1200]);
  ask(2000, 2100, 2150);
  throttle.cancel();
  time.runUntil(3000);
  assert.deepEqual(done, [2000, 2100]);
});

Deno.test("once the other master was heard, its word alone keeps no node without preempt from serving", () => {
  const { cluster, lb01, lb02, run } = knownPair({ preempt: false });
  lb01.host.setCarrier(false);
  run(8000);
  lb01.host.setCarrier(true);
  run(20_000);
  assert.deepEqual([lb01.status.state, lb02.status.state], ["backup", "master"]);
  cluster.network.filterVrrp("lb02", "lb01");
  run(6000);
  assert.equal(lb01.status.state, "master");
});
