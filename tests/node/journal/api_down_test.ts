import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import { HOLD_DOWN_MS } from "../../../src/node/journal/alarms.ts";
import type { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { config, SimCluster } from "../../../src/sim/cluster.ts";

/** A node that serves. */
function node() {
  const cluster = new SimCluster([{ priority: 150 }]);
  cluster.start();
  cluster.run(10_000);
  return { cluster, daemon: cluster.nodes[0]!.daemon! };
}

Deno.test("an API that does not answer is an alarm of the node with its cause, until it answers", () => {
  const { cluster, daemon } = node();
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

Deno.test("what is wrong around the engine is an alarm of the node until it is right", () => {
  const disk: HostError = { code: "ENOSPC", message: "no space left" };
  const ending = { message: "it ends in 3 days", hint: "renew it" };
  const cases: readonly (readonly [string, RegExp, (daemon: LoadBalancer, is: boolean) => void])[] =
    [
      [
        "journal_unwritable",
        /after a restart: the journal's file: no space left$/,
        (daemon, is) => daemon.journalFile(is ? disk : null),
      ],
      [
        "notification_failed",
        /^3 wait$/,
        (daemon, is) => daemon.notificationsFail(is ? "3 wait" : null),
      ],
      [
        "api_certificate_ends",
        /^it ends in 3 days$/,
        (daemon, is) => daemon.certificateEnds(is ? ending : null),
      ],
      [
        "reload_failed",
        /the one before runs on: line 3$/,
        (daemon, is) =>
          is
            ? daemon.reloadFailed(["line 3", "line 9"])
            : void daemon.reconfigure(config("lb01", { priority: 150 })),
      ],
    ];
  for (const [code, message, tell] of cases) {
    const { cluster, daemon } = node();
    tell(daemon, true);
    const alarms = daemon.status().alarms;
    assert.deepEqual(alarms.map((alarm) => [alarm.code, alarm.subject]), [[code, null]]);
    assert.match(alarms[0]!.message, message);
    tell(daemon, false);
    cluster.run(HOLD_DOWN_MS + 1);
    assert.deepEqual(daemon.status().alarms, [], code);
    const told = daemon.journal.since().flatMap((entry) =>
      entry.code === "reload_failed" ? [entry.message] : []
    );
    assert.deepEqual(told, code === "reload_failed" ? ["line 3", "line 9"] : []);
  }
});

Deno.test("a node that is part of another program says that it has no processes of its own", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  cluster.start();
  const { engine, front } = cluster.nodes[0]!.daemon!.status().processes;
  assert.deepEqual([engine.pid, engine.restarts, engine.last_exit], [0, 0, null]);
  assert.deepEqual([front.state, front.pid, front.problem], ["serving", null, null]);
});
