/** What an instance tracks: interfaces and checks, with and without weight, the right way round and reversed. */

import assert from "node:assert/strict";
import type { TrackConfig } from "../../../src/config/model.ts";
import { SimCluster, tracked } from "../../../src/sim/cluster.ts";
import { knownPair } from "../pair/known_pair.ts";

/** lb01 (150) tracks this, lb02 (100) nothing; long enough after their start that one is master. */
function pair(track: TrackConfig) {
  const cluster = new SimCluster([{ priority: 150, track: [track] }, { priority: 100 }]);
  cluster.start();
  cluster.run(10_000);
  const [lb01, lb02] = cluster.nodes;
  return { cluster, lb01: lb01!, lb02: lb02! };
}

Deno.test("a tracked interface that is not there means fault, with a weight a lower priority", () => {
  const fault = pair(tracked({ kind: "interface", interface: "eth9" }));
  assert.deepEqual(fault.cluster.holders, ["lb02"]);
  assert.deepEqual(fault.lb01.status.faults, [
    "tracked interface eth9 is down or does not exist",
  ]);
  const weighted = pair(tracked({ kind: "interface", interface: "eth9", weight: -60 }));
  assert.deepEqual(weighted.cluster.holders, ["lb02"]);
  assert.equal(weighted.lb01.status.state, "backup");
  assert.deepEqual(weighted.lb01.status.priority, {
    configured: 150,
    effective: 90,
    reasons: [{ what: "interface eth9 is down", change: -60 }],
  });
});

Deno.test("a positive weight of an interface counts while it is up", () => {
  const { lb01 } = pair(tracked({ kind: "interface", interface: "eth1", weight: 20 }));
  assert.equal(lb01.status.priority.effective, 170);
  lb01.host.setLink(false);
  assert.equal(lb01.status.priority.effective, 150);
});

Deno.test("reversed without weight, success is the fault", () => {
  const { cluster, lb01 } = pair(tracked({ kind: "check", check: "nginx", reverse: true }));
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(lb01.status.state, "fault");
  assert.match(lb01.status.faults[0]!, /check nginx is up, where it must be down: simulated/);
  lb01.host.setCheck("nginx", false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("how long a check took is said to a tenth of a millisecond", () => {
  const { cluster, lb01 } = pair(tracked({ kind: "check", check: "nginx" }));
  lb01.host.checks.probeTookMs = 12.34;
  cluster.run(5000);
  assert.deepEqual(lb01.daemon!.status().checks.map(({ last }) => last?.took_ms), [12.3]);
});

Deno.test("the journal has each change of a check, the first result among them", () => {
  const { cluster, lb01 } = pair(tracked({ kind: "check", check: "nginx" }));
  for (const up of [false, true]) {
    lb01.host.setCheck("nginx", up);
    cluster.run(5000);
  }
  const told = lb01.daemon!.journal.since().filter(({ code }) => code === "check_changed");
  assert.deepEqual(told.map(({ severity, message }) => `${severity}: ${message}`), [
    "info: check nginx is up: simulated success",
    "warning: check nginx is down: simulated failure",
    "notice: check nginx is up: simulated success",
  ]);
});

Deno.test("reversed, an interface must not be there", () => {
  const { cluster } = pair(tracked({ kind: "interface", interface: "eth9", reverse: true }));
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a reversed weight is taken away while the check passes", () => {
  const { cluster, lb01 } = pair(
    tracked({ kind: "check", check: "nginx", weight: 60, reverse: true }),
  );
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01.status.priority.reasons, [{ what: "check nginx is up", change: -60 }]);
  lb01.host.setCheck("nginx", false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb01.status.priority.effective, 150);
});

const FILE_TIMES = { intervalMs: 2000, timeoutMs: 1000, rise: 2, fall: 2 };

/** lb01 (150) tracks the number of a file, lb02 (100) nothing. */
function pairWithFile(track: { weight?: number; reverse?: boolean }) {
  const cluster = new SimCluster(
    [
      { priority: 150, track: [tracked({ kind: "check", check: "load", ...track })] },
      { priority: 100 },
    ],
    1,
    { ...FILE_TIMES, name: "load", type: "file", path: "/run/load" },
  );
  cluster.nodes[0]!.host.checks.setNumber("load", 0);
  cluster.start();
  cluster.run(10_000);
  const lb01 = cluster.nodes[0]!;
  const holds = (number: number) => {
    lb01.host.checks.setNumber("load", number);
    cluster.run(5000);
  };
  return { cluster, lb01, holds };
}

Deno.test("the number of a file times the weight moves the priority", () => {
  const { cluster, lb01, holds } = pairWithFile({ weight: -2 });
  assert.deepEqual([cluster.holders, lb01.status.priority.effective], [["lb01"], 150]);
  holds(30);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01.status.priority, {
    configured: 150,
    effective: 90,
    reasons: [{ what: "check load holds 30", change: -60 }],
  });
  holds(-10);
  assert.deepEqual([cluster.holders, lb01.status.priority.effective], [["lb01"], 170]);
  assert.equal(lb01.daemon!.status().checks[0]!.number, -10);
});

Deno.test("a product below -253 means fault, above 253 as much as there is", () => {
  const { cluster, lb01, holds } = pairWithFile({ weight: 1 });
  holds(-253);
  assert.deepEqual([lb01.status.state, lb01.status.priority.effective], ["backup", 1]);
  holds(-254);
  assert.equal(lb01.status.state, "fault");
  assert.deepEqual(lb01.status.faults, [
    "check load holds -254: times 1 it is less than -253",
  ]);
  assert.deepEqual(cluster.holders, ["lb02"]);
  holds(2_000_000_000);
  assert.deepEqual([cluster.holders, lb01.status.priority.effective], [["lb01"], 254]);
});

Deno.test("without a weight any number but 0 means fault; reversed, 0 does", () => {
  const plain = pairWithFile({});
  plain.holds(5);
  assert.deepEqual(plain.lb01.status.faults, ["check load holds 5"]);
  plain.holds(0);
  assert.deepEqual(plain.cluster.holders, ["lb01"]);
  const reversed = pairWithFile({ reverse: true });
  assert.deepEqual(reversed.lb01.status.faults, ["check load holds 0, where it must not"]);
  reversed.holds(5);
  assert.deepEqual(reversed.cluster.holders, ["lb01"]);
});

Deno.test("a number may lower the priority by anything: no verdict says that its weight is too small", () => {
  const pair = knownPair(
    { track: [tracked({ kind: "check", check: "load", weight: -1 })] },
    { ...FILE_TIMES, name: "load", type: "file", path: "/run/load" },
  );
  pair.lb01.host.checks.setNumber("load", 5);
  pair.lb02.host.checks.setNumber("load", 0);
  pair.run(20_000);
  assert.equal(pair.lb01.status.priority.effective, 145);
  assert.deepEqual(pair.pairOf(pair.lb01).reasons, []);
});

Deno.test("a file that cannot be read adds nothing, and means fault without a weight", () => {
  const weighted = pairWithFile({ weight: -2 });
  weighted.holds(30);
  weighted.lb01.host.checks.set("load", false);
  weighted.cluster.run(10_000);
  assert.equal(weighted.lb01.status.priority.effective, 150);
  const plain = pairWithFile({});
  plain.lb01.host.checks.set("load", false);
  plain.cluster.run(10_000);
  assert.deepEqual(plain.lb01.status.faults, ["check load is down: simulated failure"]);
});
