/** Overrides manually outlive the process that took them. */

import assert from "node:assert/strict";
import type { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { encodeOverrides } from "../../../src/node/overrides/stored_override.ts";
import { config, instanceConfig, type SimNode } from "../../../src/sim/cluster.ts";
import { electedPair, type Pair } from "../elected_pair.ts";
import { GroupedCluster, statusOf } from "../instance/grouped_pair.ts";

function codes(node: SimNode): string[] {
  return node.daemon!.journal.since().map(({ code }) => code);
}

const standing = (node: SimNode) => node.status.override;

Deno.test("a demote that was answered stands after a kill, before the first election", async () => {
  const { cluster, lb01 } = electedPair();
  const answer = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.ok(answer.ok);
  lb01.kill();
  cluster.run(60_000);
  lb01.start();
  assert.deepEqual(standing(lb01), answer.instance.override);
  assert.equal(lb01.status.priority.effective, 1);
  let away = true;
  cluster.run(60_000, () => {
    away &&= !lb01.holds;
  });
  assert.ok(away, "the demoted node stays backup all the time");
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.ok((await cluster.settle(lb01.daemon!.command({ kind: "release", instance: "VI_1" }))).ok);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  lb01.start();
  assert.equal(standing(lb01), null, "what was released does not come back");
});

Deno.test("a demoted node that starts alone still serves", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  lb01.kill();
  lb02.powerOff();
  lb01.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(standing(lb01)?.kind, "demoted");
});

Deno.test("every kind of override outlives a clean stop and a power cut", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  await cluster.settle(
    lb01.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 120 }),
  );
  await cluster.settle(
    lb02.daemon!.command({ kind: "promote", instance: "VI_1", forMs: 3_600_000 }),
  );
  const before = [standing(lb01), standing(lb02)];
  assert.deepEqual(before.map((order) => order?.kind), ["priority", "promoted"]);
  await cluster.settle(lb01.stop());
  lb02.powerOff();
  cluster.start();
  assert.deepEqual([standing(lb01), standing(lb02)], before);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("an override ends at the time it was given for, across a restart", async () => {
  const { cluster, lb02 } = electedPair();
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1", forMs: 60_000 }));
  const untilMs = cluster.time.nowMs + 60_000;
  cluster.run(20_000);
  lb02.start();
  cluster.run(untilMs - cluster.time.nowMs - 50);
  assert.equal(standing(lb02)?.kind, "promoted");
  cluster.run(100);
  assert.equal(standing(lb02), null);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("an override whose time went by while vipd was away is over, and the journal says so", async () => {
  const { cluster, lb01 } = electedPair();
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1", forMs: 30_000 }));
  lb01.kill();
  cluster.run(31_000);
  lb01.start();
  assert.equal(standing(lb01), null);
  const ended = lb01.daemon!.journal.since().find(({ code }) => code === "order_ended");
  assert.match(ended?.message ?? "", /^VI_1: demoted ended at 2030-.*while vipd was not running$/);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  await cluster.settle(Promise.resolve());
  lb01.start();
  assert.ok(!codes(lb01).includes("order_ended"), "it is told once");
});

Deno.test("a clock that went far back makes no override longer than it was given for", async () => {
  const { cluster, lb02 } = electedPair();
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1", forMs: 60_000 }));
  lb02.kill();
  lb02.host.jumpWallClock(-365 * 86_400_000);
  lb02.start();
  cluster.run(59_000);
  assert.equal(standing(lb02)?.kind, "promoted");
  cluster.run(2000);
  assert.equal(standing(lb02), null);
});

const HOUR_MS = 3_600_000;

/** What a node goes through after its clock was set; a clean end writes at once, a kill needs the look at the clock. */
const AFTER_A_SET_CLOCK: Readonly<Record<string, (pair: Pair) => Promise<void>>> = {
  "it goes on": () => Promise.resolve(),
  "it is killed": async ({ cluster, lb02 }) => {
    cluster.run(10_000);
    await cluster.settle(Promise.resolve());
    lb02.kill();
    lb02.start();
  },
  "it is stopped": async ({ cluster, lb02 }) => {
    await cluster.settle(lb02.stop());
    lb02.start();
  },
  "a reload replaces the instance": async ({ lb02 }) => {
    await Promise.resolve(lb02.daemon!.reconfigure(config("lb02", { vrid: 77 })));
  },
};

for (const byMs of [5 * HOUR_MS, -5 * HOUR_MS, 72 * HOUR_MS]) {
  for (const [what, after] of Object.entries(AFTER_A_SET_CLOCK)) {
    Deno.test(`an override for a time keeps its end: the clock is set by ${byMs / HOUR_MS} h, then ${what}`, async () => {
      const pair = electedPair();
      const { cluster, lb02 } = pair;
      const endsMs = cluster.time.nowMs + 60_000;
      await cluster.settle(
        lb02.daemon!.command({ kind: "promote", instance: "VI_1", forMs: 60_000 }),
      );
      lb02.host.jumpWallClock(byMs);
      cluster.run(500);
      await after(pair);
      cluster.run(15_000);
      const saysMs = Date.parse(standing(lb02)!.until!) - lb02.host.wallClockMs();
      const restMs = endsMs - cluster.time.nowMs;
      assert.ok(Math.abs(saysMs - restMs) < 1000, `ends in ${restMs} ms, says ${saysMs} ms`);
      cluster.run(restMs - 1000);
      assert.equal(standing(lb02)?.kind, "promoted");
      cluster.run(2000);
      assert.equal(standing(lb02), null);
    });
  }
}

Deno.test("an override for an instance that is no more is dropped, reported, and not kept", async () => {
  const { cluster, lb01 } = electedPair();
  const since = Date.UTC(2030, 0, 1);
  lb01.kill();
  lb01.host.disk.text = encodeOverrides([
    { instance: "VI_9", override: { kind: "demoted" }, sinceMs: since, untilMs: null },
    { instance: "VI_1", override: { kind: "demoted" }, sinceMs: since, untilMs: null },
  ]);
  lb01.start();
  await cluster.settle(Promise.resolve());
  const dropped = lb01.daemon!.journal.since().filter(({ code }) => code === "order_dropped");
  assert.match(
    dropped[0]?.message ?? "",
    /^VI_9: the override demoted is dropped: there is no such/,
  );
  assert.equal(standing(lb01)?.kind, "demoted");
  assert.ok(!lb01.host.disk.text!.includes("VI_9"), lb01.host.disk.text!);
});

Deno.test("a damaged state is set aside, an alarm, and no reason not to serve", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.kill();
  lb01.host.disk.text = '{"format": "vipd-st';
  lb01.start();
  await cluster.settle(Promise.resolve());
  const alarms = () => lb01.daemon!.status().alarms;
  assert.deepEqual(alarms().map(({ code }) => code), ["state_damaged"]);
  assert.match(alarms()[0]!.message, /lost: it is damaged or cut off; it is set aside as .*aside$/);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  await cluster.settle(
    lb01.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 200 }),
  );
  assert.match(lb01.host.disk.text!, /"priority": 200/);
  cluster.run(11_000);
  assert.deepEqual(alarms(), []);
});

Deno.test("a reload that ends no override writes no state, so that the alarm about a damaged one stays", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.kill();
  lb01.host.disk.text = '{"format": "vipd-st';
  lb01.start();
  await cluster.settle(Promise.resolve());
  const { text } = lb01.host.disk;
  lb01.reload({ ...lb01.config, node: "edge-1" });
  await cluster.settle(Promise.resolve());
  const codes = lb01.daemon!.status().alarms.map(({ code }) => code);
  assert.deepEqual([codes, lb01.host.disk.text], [["state_damaged"], text]);
});

Deno.test("a damaged state that the disk does not let be set aside is still an alarm", () => {
  const { cluster, lb01 } = electedPair();
  lb01.kill();
  Object.assign(lb01.host.disk, { text: '{"format": "vipd-st', hung: true });
  lb01.start();
  cluster.run(6000);
  const [alarm] = lb01.daemon!.status().alarms.filter(({ code }) => code === "state_damaged");
  assert.match(alarm?.message ?? "", /it is not set aside yet, because the disk does not answer$/);
});

Deno.test("a disk that refuses is an alarm until it takes what stands", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.disk.broken = true;
  const answer = await cluster.settle(
    lb01.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 200 }),
  );
  assert.ok(answer.ok, "the order is in force all the same");
  assert.equal(answer.notKept, "read-only file system");
  const alarms = () => lb01.daemon!.status().alarms;
  assert.deepEqual(alarms().map(({ code }) => code), ["state_unwritable"]);
  assert.match(alarms()[0]!.message, /state\.json cannot be written: read-only file system/);
  lb01.host.disk.broken = false;
  for (let second = 0; second < 22; second++) {
    await cluster.settle(Promise.resolve());
    cluster.run(1000);
  }
  assert.deepEqual(alarms(), []);
  assert.match(lb01.host.disk.text!, /"priority": 200/);
  const kept = await cluster.settle(
    lb01.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 201 }),
  );
  assert.ok(kept.ok && !("notKept" in kept));
});

Deno.test("a disk that never answers does not hold up a command for longer than five seconds", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.disk.hung = true;
  const startedMs = cluster.time.nowMs;
  const answer = await cluster.settle(
    lb01.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 200 }),
  );
  assert.ok(answer.ok);
  assert.equal(answer.notKept, "the disk has not answered for 5 s");
  const tookMs = cluster.time.nowMs - startedMs;
  assert.ok(tookMs >= 4900 && tookMs <= 5100, `${tookMs} ms`);
  const [alarm] = lb01.daemon!.status().alarms;
  assert.equal(alarm?.code, "state_unwritable");
  assert.match(alarm.hint, /^look at the file system of state_dir/);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("the demote of a sync group stands for all of its members after a restart", async () => {
  const cluster = new GroupedCluster([{ both: { priority: 150 } }, { both: { priority: 100 } }]);
  cluster.start();
  cluster.run(10_000);
  const lb01 = cluster.nodes[0]!;
  assert.ok((await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "front" }))).ok);
  lb01.start();
  for (const name of ["front", "back"]) {
    assert.equal(statusOf(lb01.daemon, name).override?.kind, "demoted");
  }
  cluster.run(20_000);
  assert.equal(cluster.holders, "front: lb02, back: lb02");
});

Deno.test("an override for a time does not end after the instance, and stays as it was kept", async (t) => {
  const given = { forMs: 60_000 };
  const ended = (daemon: LoadBalancer) =>
    daemon.journal.since().filter(({ code }) => code === "order_ended").length;

  await t.step("vipd stops: the next run knows the override", async () => {
    const { cluster, lb02 } = electedPair();
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1", ...given }));
    const daemon = lb02.daemon!;
    await cluster.settle(lb02.stop());
    const kept = lb02.host.disk.text;
    assert.match(kept!, /"promoted"/);
    cluster.run(61_000);
    await cluster.settle(Promise.resolve());
    assert.equal(ended(daemon), 0);
    assert.equal(lb02.host.disk.text, kept);
  });

  await t.step("a reload removes the instance: what is not there has no override", async () => {
    const { cluster, lb02 } = electedPair();
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1", ...given }));
    lb02.reload({ ...config("lb02", {}), instances: [instanceConfig({ name: "VI_2", vrid: 56 })] });
    cluster.run(61_000);
    await cluster.settle(Promise.resolve());
    assert.equal(ended(lb02.daemon!), 0);
  });
});
