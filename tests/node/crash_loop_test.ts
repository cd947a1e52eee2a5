/** An engine that dies whenever it is master: counted from its journal, and held back. */

import assert from "node:assert/strict";
import { crashLoops, HOLD_MS, LOOP_WINDOW_MS } from "../../src/node/crash_loop.ts";
import type { JournalEntry } from "../../src/node/journal.ts";
import { LoadBalancer } from "../../src/node/load_balancer.ts";
import { type MoveEntry, movesOf } from "../../src/node/moves.ts";
import { SimCluster, type SimNode } from "../../src/sim/cluster.ts";

const START_MS = Date.UTC(2026, 2, 1, 10);

function entry(atMs: number, what: string): MoveEntry {
  const time = new Date(START_MS + atMs).toISOString();
  const [from, to] = what.split(" -> ");
  return to === undefined
    ? { time, code: what }
    : { time, code: "state_changed", subject: "VI_1", transition: { from: from!, to, reason: "" } };
}

Deno.test("moves are counted through the ends of the engine", () => {
  const entries = [
    entry(0, "started"),
    entry(4000, "backup -> master"),
    entry(6000, "master -> fault"),
    entry(8000, "fault -> backup"),
    entry(12_000, "backup -> master"),
    entry(20_000, "started"),
    entry(21_000, "init -> backup"),
    entry(25_000, "backup -> master"),
    entry(30_000, "master -> init"),
    entry(30_001, "stopped"),
    entry(40_000, "started"),
  ];
  assert.deepEqual(movesOf(entries, "VI_1").map(({ atMs, kind }) => [atMs - START_MS, kind]), [
    [4000, "came"],
    [6000, "left"],
    [12_000, "came"],
    [20_000, "died"],
    [25_000, "came"],
    [30_000, "left"],
  ]);
  assert.deepEqual(movesOf(entries, "VI_2"), []);
});

Deno.test("only moves of the last ten minutes count, and none of a clock that was set back since", () => {
  const entries = [
    entry(0, "started"),
    entry(1000, "backup -> master"),
    entry(6000, "started"),
    entry(10_000, "backup -> master"),
    entry(15_000, "started"),
  ];
  const at = (nowMs: number) => crashLoops(entries, ["VI_1"], START_MS + nowMs);
  assert.deepEqual(at(15_000), [{ instance: "VI_1", deaths: 2 }]);
  assert.deepEqual(at(1000 + LOOP_WINDOW_MS), []);
  assert.deepEqual(at(-86_400_000), []);
});

/** A node whose journal outlives its engine, as the daemon's does. */
class Restarted {
  readonly node: SimNode;
  kept: readonly JournalEntry[] = [];

  constructor(node: SimNode) {
    this.node = node;
  }

  kill(): void {
    this.kept = this.node.daemon?.journal.since() ?? this.kept;
    this.node.kill();
  }

  start(): void {
    const { node } = this;
    node.daemon = new LoadBalancer(node.config, node.host, {
      ...{ version: "simulated", store: node.host.openStore() },
    });
    node.daemon.journal.restore(this.kept);
    node.daemon.journal.record("notice", "started", "vipd starts");
    node.daemon.start();
  }
}

/** lb01 dies 5 s after each takeover and starts a second later; for so long. Returns how often the address moved. */
function loop(cluster: SimCluster, lb01: Restarted, forMs: number): number {
  let moves = 0;
  let holder = "";
  let diesAtMs = Infinity;
  let startsAtMs = Infinity;
  const untilMs = cluster.time.nowMs + forMs;
  while (cluster.time.nowMs < untilMs) {
    cluster.run(10);
    const nowMs = cluster.time.nowMs;
    const [now = holder] = cluster.holders;
    if (now !== holder) moves++;
    if (now === "lb01" && holder !== "lb01" && lb01.node.daemon) diesAtMs = nowMs + 5000;
    holder = now;
    if (nowMs >= diesAtMs) {
      lb01.kill();
      [diesAtMs, startsAtMs] = [Infinity, nowMs + 1000];
    }
    if (nowMs >= startsAtMs) {
      lb01.start();
      startsAtMs = Infinity;
    }
  }
  return moves;
}

function pair() {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [first, lb02] = cluster.nodes as [SimNode, SimNode];
  const lb01 = new Restarted(first);
  lb02.start();
  cluster.run(10_000);
  lb01.start();
  return { cluster, lb01, lb02 };
}

Deno.test("after four moves it stays backup, says so, and has its priority back when it has lived on", () => {
  const { cluster, lb01, lb02 } = pair();
  // The first look finds lb02; that is no move.
  assert.equal(loop(cluster, lb01, LOOP_WINDOW_MS - 60_000) - 1, 4);
  assert.deepEqual(cluster.holders, ["lb02"]);
  const { priority, state } = lb01.node.status;
  assert.deepEqual([state, priority.effective, lb02.status.state], ["backup", 1, "master"]);
  assert.match(JSON.stringify(priority.reasons), /held back: vipd died 2 times as master/);
  const alarms = () => lb01.node.daemon!.status().alarms.map(({ code }) => code);
  assert.deepEqual(alarms(), ["crash_loop"]);
  cluster.run(HOLD_MS);
  assert.deepEqual([alarms(), lb01.node.status.priority.effective], [[], 150]);
});

Deno.test("one that is held back serves if the other node is gone", () => {
  const { cluster, lb01, lb02 } = pair();
  loop(cluster, lb01, 120_000);
  assert.equal(lb01.node.status.priority.effective, 1);
  lb02.powerOff();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("an engine that is stopped and started again is not held back", () => {
  const { cluster, lb01 } = pair();
  for (let count = 0; count < 5; count++) {
    cluster.run(10_000);
    lb01.node.daemon!.journal.record("notice", "stopping", "SIGTERM");
    void lb01.node.stop();
    cluster.run(2000);
    lb01.kill();
    lb01.start();
  }
  assert.equal(lb01.node.status.priority.effective, 150);
});
