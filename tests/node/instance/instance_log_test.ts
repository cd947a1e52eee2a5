/** What an instance says of itself: each change of state with its cause, counted, and how much a person should care. */

import assert from "node:assert/strict";
import type { Conditions } from "../../../src/node/instance/conditions.ts";
import { InstanceLog, transitionDetail } from "../../../src/node/instance/instance_log.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";
import { TRANSITION_REASONS } from "../../../src/status/codes/messages.ts";
import { Journal } from "../../../src/status/journal.ts";
import type { TransitionReason } from "../../../src/vrrp/router_events.ts";

function logging() {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const log = new InstanceLog("web", host, journal);
  const told = () => journal.since().map(({ severity, message }) => `${severity} ${message}`);
  return { cluster, host, journal, log, told };
}

Deno.test("a change of state names what brought it about: a fault, a leader or another master", () => {
  const conditions = { faults: ["no link", "no port"], unwell: ["slow", "late"] };
  const details: Partial<Record<TransitionReason, string>> = {
    shutdown: "it is removed",
    fault: "no link; no port",
    unwell: "slow; late",
    sync_group: "front became master",
    split_brain: "front became master",
    higher_priority_master: "192.0.2.9 with priority 200",
    demote: "192.0.2.9 with priority 200",
    overslept: "192.0.2.9 with priority 200",
  };
  for (const code of TRANSITION_REASONS) {
    for (const master of [{ address: "192.0.2.9", priority: 200 }, null]) {
      const detail = transitionDetail(code, {
        ...{ conditions: conditions as unknown as Conditions, master },
        ...{ leader: "front became master", stopCause: "it is removed" },
      });
      const expected = details[code] ?? "";
      assert.equal(detail, master === null && expected.startsWith("192") ? "" : expected, code);
    }
  }
});

Deno.test("a change of state is counted and written, a fault as an error and a late node as a warning", () => {
  const { cluster, host, journal, log, told } = logging();
  const { atMs, code, message } = log.transition;
  assert.deepEqual([atMs, code, message], [host.wallClockMs(), "startup", "starting"]);
  cluster.run(5000);
  const changes = [
    ["backup", "master", "master_silent", "notice"],
    ["master", "fault", "fault", "error"],
    ["fault", "master", "owner", "notice"],
    ["master", "backup", "lease_lapsed", "warning"],
    ["backup", "master", "promote", "notice"],
    ["master", "backup", "overslept", "warning"],
  ] as const;
  for (const [from, to, code] of changes) log.stateChanged(from, to, code, "why", { priority: 7 });
  assert.deepEqual(
    journal.since().map(({ severity, code, subject, transition, priority }) => [
      ...[transition!.from, transition!.to, transition!.reason, severity],
      ...[code, subject, priority],
    ]),
    changes.map((change) => [...change, "state_changed", "web", 7]),
  );
  assert.equal(told()[1], "error web: master -> fault: cannot serve: why");
  assert.deepEqual(log.counters, { became_master: 3, released_master: 3 });
  assert.deepEqual([log.transition.atMs, log.transition.code], [host.wallClockMs(), "overslept"]);
});

Deno.test("another priority says what moved it", () => {
  const { log, told } = logging();
  const conditions = (effective: number, changes: readonly number[]) =>
    ({
      priority: { effective, reasons: changes.map((change) => ({ what: "check x", change })) },
    }) as unknown as Conditions;
  log.priorityChanged(conditions(100, []), conditions(80, [-30, 10]));
  log.priorityChanged(conditions(80, [-30, 10]), conditions(100, []));
  assert.deepEqual(told(), [
    "notice web: priority 100 -> 80: check x -30, check x +10",
    "notice web: priority 80 -> 100: as configured",
  ]);
});

Deno.test("another source is one entry a minute, the first one none", () => {
  const { cluster, log, told } = logging();
  log.sourceChanged(null, "192.0.2.1");
  for (let times = 0; times < 3; times++) log.sourceChanged("192.0.2.1", "192.0.2.2");
  const message = "notice web: adverts come from 192.0.2.2, no longer from 192.0.2.1";
  assert.deepEqual(told(), [message]);
  cluster.run(60_000);
  log.sourceChanged("192.0.2.1", "192.0.2.2");
  assert.deepEqual(told(), [message, `${message}, 2 times more since the last entry`]);
});
