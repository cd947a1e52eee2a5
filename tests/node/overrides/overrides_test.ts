/** The end of an override and the times that it says, on a clock of its own, and what is refused. */

import assert from "node:assert/strict";
import { NodeParts } from "../../../src/node/node_parts.ts";
import { Overrides } from "../../../src/node/overrides/overrides.ts";
import type { StoredOverride } from "../../../src/node/overrides/stored_override.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { countTimers } from "../count_timers.ts";
import { electedPair } from "../elected_pair.ts";

const HOUR_MS = 3_600_000;

/** The overrides of an instance that does not run yet. */
function scene() {
  const cluster = new SimCluster([{}, {}]);
  const [{ config, host }, { host: clock }] = cluster.nodes as [SimNode, SimNode];
  const journal = new Journal(() => clock.wallClockMs());
  const { manager } = new NodeParts(config, {
    ...{ host, journal, stores: { store: host.openStore() } },
    ...{ electionsFromMs: Infinity, departed: () => {} },
  });
  const timers = countTimers(clock);
  let changes = 0;
  const overrides = new Overrides(
    manager.instances[0]!,
    clock,
    journal,
    { counterparts: () => [], noneAble: () => null },
    () => changes++,
  );
  /** The last run has left a demote: since and until so many milliseconds from now. */
  const resume = (sinceMs: number, untilMs: number | null, more: Partial<StoredOverride> = {}) => {
    const wallMs = clock.wallClockMs();
    overrides.resume({
      ...{ instance: "VI_1", override: { kind: "demoted" }, origin: {}, ...more },
      ...{ sinceMs: wallMs + sinceMs, untilMs: untilMs === null ? null : wallMs + untilMs },
    });
  };
  const told = () => journal.since().map(({ code, message }) => `${code} ${message}`);
  const says = () => overrides.now().override;
  return {
    ...{ clock, timers, overrides, resume, told, says, changes: () => changes },
    run: (forMs: number) => cluster.run(forMs),
  };
}

Deno.test("only an override with an end is waited for, and one that ended or was replaced is not", () => {
  const { overrides, timers, resume, run } = scene();
  resume(0, null);
  assert.equal(timers.running, 0);
  for (const untilMs of [HOUR_MS, 2 * HOUR_MS]) {
    resume(0, untilMs);
    assert.equal(timers.running, 1);
    run(60_000);
    assert.equal(timers.running, 1);
  }
  overrides.release({});
  assert.equal(timers.running, 0);
  resume(0, HOUR_MS);
  overrides.close();
  assert.equal(timers.running, 0);
});

Deno.test("the clock is compared every ten seconds, and what was set is reported once", () => {
  const { clock, changes, resume, run, says } = scene();
  resume(-60_000, HOUR_MS);
  const times = () => [Date.parse(says()!.since), Date.parse(says()!.until!)];
  const before = times();
  const later = before.map((ms) => ms + 5 * HOUR_MS);
  clock.jumpWallClock(5 * HOUR_MS);
  run(9999);
  assert.deepEqual([times(), changes()], [before, 0]);
  run(1);
  assert.deepEqual([times(), changes()], [later, 1]);
  run(60_000);
  assert.deepEqual([times(), changes()], [later, 1]);
});

Deno.test("the clock is no matter of an override that was released", () => {
  const { clock, overrides, changes, resume } = scene();
  resume(0, HOUR_MS);
  overrides.release({});
  const before = changes();
  clock.jumpWallClock(HOUR_MS);
  overrides.close();
  assert.equal(changes(), before);
});

Deno.test("an override of the last run stands unless its time is over, and no longer than it was given for", () => {
  const origin = { by: { user: "alice", uid: 1000 }, reason: "disk swap" };
  const rows: [sinceMs: number, untilMs: number | null, restMs: number | null][] = [
    [-60_000, 0, 0],
    [-60_000, 1, 1],
    [-60_000, 30_000, 30_000],
    [HOUR_MS, HOUR_MS + 5000, 5000],
    [-60_000, null, null],
  ];
  for (const [sinceMs, untilMs, restMs] of rows) {
    const { clock, resume, told, says, run, changes } = scene();
    const at = (ms: number) => new Date(clock.wallClockMs() + ms).toISOString();
    const [since, end] = [at(sinceMs), restMs === null ? null : at(restMs)];
    resume(sinceMs, untilMs, { origin });
    if (restMs === 0) {
      const over = `VI_1: demoted ended at ${end}, while vipd was not running`;
      assert.deepEqual([says(), told()], [null, [`order_ended ${over}`]]);
      continue;
    }
    const { by, reason, ...times } = says()!;
    assert.deepEqual({ by, reason }, origin);
    // What begins later than now began before the clock was set back.
    const isLater = sinceMs > 0;
    assert.deepEqual([times.since, times.until, changes()], [
      ...[isLater ? at(0) : since, end, isLater ? 1 : 0],
    ]);
    const begin = `since ${since}` + (isLater ? ", before the clock was set back," : "");
    const until = end === null ? "until released" : `until ${end}`;
    assert.equal(
      told()[0],
      `order_resumed VI_1: demoted manually (alice, uid 1000) ${begin} still stands, ${until}: ` +
        '"disk swap"',
    );
    run((restMs ?? HOUR_MS) - 1);
    assert.equal(says()?.kind, "demoted");
    run(1);
    assert.equal(says()?.kind, restMs === null ? "demoted" : undefined);
  }
});

Deno.test("a promoted node that gets no address says so", async () => {
  const { cluster, lb02 } = electedPair();
  lb02.host.refuses.set(VIP.address, { code: "EPERM", message: "refused" });
  const result = await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  assert.ok(!result.ok);
  assert.equal(result.code, "instance_not_ready");
  assert.match(result.message, /^VI_1 is master, but not every address could be added/);
});

Deno.test("a demote of a node that hands over already is refused, and one as that ends as well", async () => {
  const stopping = electedPair();
  const stopped = stopping.lb01.daemon!.stop();
  const late = await stopping.lb01.daemon!.command({ kind: "demote", instance: "VI_1" });
  assert.deepEqual([late.ok, !late.ok && late.code], [false, "superseded"]);
  await stopping.cluster.settle(stopped);

  const { cluster, lb01, lb02 } = electedPair();
  lb02.powerOff();
  const daemon = lb01.daemon!;
  const first = daemon.command({ kind: "demote", instance: "VI_1" });
  const others: ReturnType<typeof daemon.command>[] = [];
  const result = await cluster.settle(first, () => {
    if (others.length > 0 || lb01.status.handing_over) return;
    others.push(daemon.command({ kind: "demote", instance: "VI_1" }));
  });
  const second = await cluster.settle(others[0]!);
  assert.deepEqual([result, second].map((it) => !it.ok && it.code), [
    ...["no_other_master", "superseded"],
  ]);
  const third = await cluster.settle(daemon.command({ kind: "demote", instance: "VI_1" }));
  assert.equal(!third.ok && third.code, "no_other_master", "it has ended");
  const failed = daemon.journal.since().filter(({ code }) => code === "order_failed");
  assert.deepEqual(failed.map(({ message }) => message), [
    ...new Array<string>(2).fill("VI_1: the demote had no effect; this node stays master"),
  ]);
});
