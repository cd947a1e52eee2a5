/** What a reload tries before it changes anything, and how vipd goes back from what nobody keeps. */

import assert from "node:assert/strict";
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { digestOf } from "../../../src/daemon/config/probation_record.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";
import type { ReloadOutcome } from "../../../src/status/commands/reloading.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";
import { electedPair } from "../../node/reload/reloading_pair.ts";
import { Reloading } from "./reloading.ts";

const { version, instances: SEEN } = examplePeer();
const LB02 = { node: "lb02", version: version!, instances: SEEN };

const SITE = { ...NGINX_CHECK, name: "site" };

/** The node's configuration with a check that its instance tracks. */
function withSite({ config }: SimNode, changes: Partial<InstanceConfig> = {}): Config {
  const track = [tracked({ kind: "check", check: "site" })];
  const instances = config.instances.map((instance) => ({ ...instance, track, ...changes }));
  return { ...config, checks: [SITE], instances };
}

function codesOf(outcome: ReloadOutcome): string[] {
  return outcome.ok ? [] : outcome.diagnostics.map(({ code }) => code);
}

Deno.test("a check that can only fail is refused while no other node is known to serve", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.checks.set("site", false);
  const reloading = new Reloading(cluster, lb01);
  const refused = await reloading.take(withSite(lb01), "second");
  assert.deepEqual(codesOf(refused), ["leaves_nobody"]);
  assert.ok(!refused.ok);
  assert.match(
    refused.diagnostics[0]!.message,
    /^it would be in fault: check site is down: simulated failure; and no other node is known/,
  );
  assert.deepEqual([lb01.status.state, lb01.status.handing_over], ["master", false]);
  assert.equal(reloading.inForce, lb01.config);
  const alarm = lb01.daemon!.status().alarms.find(({ code }) => code === "reload_failed");
  assert.match(alarm!.hint, /vipd check --probe shows it.*vipd reload --force/);
  const forced = await reloading.take(withSite(lb01), "second", { force: true });
  assert.ok(forced.ok);
  assert.deepEqual(forced.verdicts!.checks, [
    { name: "site", state: "down", detail: "simulated failure" },
  ]);
  assert.deepEqual(
    forced.verdicts!.instances,
    [{ name: "VI_1", state: "fault", faults: ["check site is down: simulated failure"] }],
    "nobody takes over, and it has waited for that",
  );
  const { config: { checks } } = reloading.file;
  assert.deepEqual(reloading.inForce.checks, checks);
});

Deno.test("an answer that cannot wait for a hand-over says that it goes on", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.checks.set("site", false);
  const reloading = new Reloading(cluster, lb01);
  const { timeout } = AbortSignal;
  AbortSignal.timeout = () => AbortSignal.abort();
  try {
    const forced = await reloading.take(withSite(lb01), "second", { force: true });
    assert.ok(forced.ok);
    const [instance] = forced.verdicts!.instances;
    assert.deepEqual([instance!.state, instance!.handing_over], ["master", true]);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

Deno.test("what fails is taken where somebody serves, or fails already", async (t) => {
  const cases: Record<string, () => { cluster: SimCluster; node: SimNode; next: Config }> = {
    "this node is backup and hears the master": () => {
      const { cluster, lb02 } = electedPair();
      return { cluster, node: lb02, next: withSite(lb02) };
    },
    "a peer's API says that it would take over": () => {
      const peers = [{ name: "lb02", url: "http://192.168.31.12:9112" }];
      const { cluster, lb01 } = electedPair({}, { peers });
      lb01.daemon!.peerReported("lb02", { ok: true, answer: LB02 });
      return { cluster, node: lb01, next: withSite(lb01) };
    },
    "the failure is a last resort": () => {
      const { cluster, lb01 } = electedPair();
      const track = [{ ...tracked({ kind: "check", check: "site" }), whenDown: "last_resort" }];
      return { cluster, node: lb01, next: withSite(lb01, { track } as Partial<InstanceConfig>) };
    },
    "the check passes": () => {
      const { cluster, lb01 } = electedPair();
      lb01.host.checks.set("site", true);
      return { cluster, node: lb01, next: withSite(lb01) };
    },
    "the instance is in fault already": () => {
      const { cluster, lb01, lb02 } = electedPair();
      lb02.kill();
      lb01.host.setLink(false);
      cluster.run(5000);
      assert.equal(lb01.status.state, "fault");
      return { cluster, node: lb01, next: withSite(lb01) };
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    await t.step(name, async () => {
      const { cluster, node, next } = make();
      if (name !== "the check passes") node.host.checks.set("site", false);
      const outcome = await new Reloading(cluster, node).take(next, "second");
      assert.deepEqual(codesOf(outcome), []);
    });
  }
});

Deno.test("a missing interface is refused, for the whole sync group", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  const [one] = lb01.config.instances as [InstanceConfig];
  const two = { ...one, name: "VI_2", vrid: 56, interface: "eth9", addresses: [] };
  const syncGroups = [{ name: "SG", instances: ["VI_1", "VI_2"] }];
  const next = { ...lb01.config, instances: [one, two], syncGroups };
  const refused = await reloading.take(next, "second");
  assert.ok(!refused.ok);
  assert.deepEqual(refused.diagnostics.map(({ key }) => key), ["instance VI_1"]);
  assert.match(refused.diagnostics[0]!.message, /VI_2 of its sync group SG .*eth9 does not exist/);
});

Deno.test("a check of which nothing is heard in time refuses nothing, and has no verdict", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.checks.probeTookMs = 60_000;
  const reloading = new Reloading(cluster, lb01);
  reloading.file = { config: withSite(lb01), text: "second" };
  const answer = reloading.reloader.reload();
  await reloading.pass(1);
  await reloading.pass(9000);
  assert.deepEqual(reloading.inForce, lb01.config);
  await reloading.pass(1500);
  assert.deepEqual(reloading.inForce.checks, [SITE], "it is in force after ten seconds");
  await reloading.pass(60_000);
  const outcome = await answer;
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.verdicts!.checks.map(({ name }) => name), ["site"]);
});

const PRIORITY = (node: SimNode, priority: number): Config => ({
  ...node.config,
  instances: node.config.instances.map((instance) => ({ ...instance, priority })),
});
/** The record that the disk has, as a start reads it. */
function recordOf({ written: [text] }: Reloading): Record<string, string> {
  assert.ok(text);
  const headEnd = text.indexOf("\n");
  return { ...JSON.parse(text.slice(0, headEnd)), earlier: text.slice(headEnd + 1) };
}
const priorityOf = (node: SimNode) => node.daemon!.status().instances[0]!.priority.configured;

Deno.test("what is on probation goes back when its time is over, and the disk says so before", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  const outcome = await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  assert.ok(outcome.ok && outcome.probation);
  assert.deepEqual(reloading.reloader.probation, outcome.probation);
  const { earlier, tried, path } = recordOf(reloading);
  assert.deepEqual([earlier, tried], ["first", digestOf("second")]);
  assert.equal(path, "/etc/vipd/vipd.yaml");
  await reloading.pass(59_000);
  assert.equal(priorityOf(lb01), 120);
  await reloading.pass(2000);
  assert.equal(priorityOf(lb01), 150);
  assert.deepEqual(reloading.inForce, lb01.config);
  assert.equal(reloading.reloader.probation, null);
  assert.equal(recordOf(reloading).earlier, "first", "a start goes back as well");
  const alarm = lb01.daemon!.status().alarms.find(({ code }) => code === "reload_failed");
  assert.match(
    alarm!.message,
    /^vipd runs with the configuration before the one in \/etc\/vipd\/vipd\.yaml: nobody kept it in time/,
  );
  const late = await reloading.until(reloading.reloader.keep());
  assert.ok(!late.ok);
  assert.match(late.message, /^it is too late: vipd runs with the configuration before the one in/);
  // Whoever reloads now wants the file.
  assert.ok((await reloading.take(PRIORITY(lb01, 120), "second")).ok);
  assert.equal(reloading.written[0], null);
  const nothing = await reloading.until(reloading.reloader.keep());
  assert.deepEqual(nothing, { ok: false, message: "nothing is on probation" });
});

Deno.test("what is tried again after its time is kept, and then it is not too late for anything", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 1000 });
  await reloading.pass(2000);
  assert.equal(priorityOf(lb01), 150);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  assert.deepEqual(await reloading.until(reloading.reloader.keep()), { ok: true });
  const nothing = await reloading.until(reloading.reloader.keep());
  assert.deepEqual(nothing, { ok: false, message: "nothing is on probation" });
});

Deno.test("what is kept stays, and the earlier text is gone from the disk", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  await reloading.pass(59_000);
  assert.deepEqual(await reloading.until(reloading.reloader.keep()), { ok: true });
  assert.equal(reloading.written[0], null);
  await reloading.pass(60_000);
  assert.equal(priorityOf(lb01), 120);
  const codes = lb01.daemon!.journal.since().map(({ code }) => code);
  assert.deepEqual(codes.filter((code) => code.startsWith("probation")), [
    "probation_began",
    "probation_kept",
  ]);
});

Deno.test("a further reload in a probation is on it too, and goes back to what was in force before both", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  await reloading.pass(50_000);
  const again = await reloading.take(PRIORITY(lb01, 110), "third");
  assert.ok(again.ok && again.probation);
  const { earlier, tried } = recordOf(reloading);
  assert.deepEqual([earlier, tried], ["first", digestOf("third")]);
  await reloading.pass(8000);
  assert.equal(priorityOf(lb01), 110);
  await reloading.pass(3000);
  assert.equal(priorityOf(lb01), 150);
});

Deno.test("a time that is asked for again begins from the start", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  await reloading.pass(50_000);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  await reloading.pass(50_000);
  assert.equal(priorityOf(lb01), 120);
  await reloading.pass(11_000);
  assert.equal(priorityOf(lb01), 150);
});

Deno.test("a clock that is set neither ends a probation nor makes it longer, and its end is shown by that clock", async (t) => {
  for (const hours of [5, -5, 72]) {
    await t.step(`by ${hours} hours`, async () => {
      const { cluster, lb01 } = electedPair();
      const reloading = new Reloading(cluster, lb01);
      const endsInMs = () => {
        const { since, until } = reloading.reloader.probation!;
        assert.ok(Math.abs(Date.parse(until) - Date.parse(since) - 60_000) < 1000);
        return Date.parse(until) - lb01.host.wallClockMs();
      };
      await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
      lb01.host.jumpWallClock(hours * 3_600_000);
      await reloading.pass(20_000);
      assert.ok(Math.abs(endsInMs() - 40_000) < 1000, `ends in ${endsInMs()} ms`);
      await reloading.take(PRIORITY(lb01, 110), "third");
      assert.ok(Math.abs(endsInMs() - 40_000) < 1000, `ends in ${endsInMs()} ms`);
      await reloading.pass(38_000);
      assert.equal(priorityOf(lb01), 110);
      await reloading.pass(3000);
      assert.equal(priorityOf(lb01), 150);
    });
  }
});

Deno.test("the file as it was ends a probation, and one that does not change begins none", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  const same = await reloading.take(lb01.config, "first", { confirmMs: 60_000 });
  assert.ok(same.ok && same.probation === undefined);
  assert.deepEqual(reloading.written, []);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  await reloading.take(lb01.config, "first");
  assert.equal(reloading.reloader.probation, null);
  assert.equal(reloading.written[0], null);
});

Deno.test("without its record on the disk nothing begins a probation", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  reloading.diskProblem = { code: "ENOSPC", message: "no space left on device" };
  const refused = await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  assert.deepEqual(codesOf(refused), ["probation_unrecorded"]);
  assert.equal(priorityOf(lb01), 150);
  assert.ok((await reloading.take(PRIORITY(lb01, 120), "second")).ok);
});

Deno.test("a disk that does not take that it is kept leaves it on probation", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  await reloading.take(PRIORITY(lb01, 120), "second", { confirmMs: 60_000 });
  reloading.diskProblem = { code: "EROFS", message: "read-only file system" };
  const kept = await reloading.until(reloading.reloader.keep());
  assert.ok(!kept.ok && /read-only file system/.test(kept.message));
  assert.ok(reloading.reloader.probation);
  await reloading.pass(61_000);
  assert.equal(priorityOf(lb01), 150);
});

Deno.test("a start that went back says so until the file is taken or edited", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01, {
    wentBack: { message: "vipd runs with the configuration before", isFileValid: true },
  });
  const alarms = () => lb01.daemon!.status().alarms.map(({ code }) => code);
  assert.deepEqual(alarms(), ["reload_failed"]);
  assert.match(
    lb01.daemon!.status().alarms[0]!.hint,
    /^grep .* && tail -n \+2 \/var\/lib\/vipd\/probation > \/etc\/vipd\/vipd\.yaml && vipd reload writes what/,
  );
  await reloading.take(PRIORITY(lb01, 120), "second");
  assert.deepEqual(alarms(), []);
  assert.equal(reloading.written[0], null);
});

Deno.test("a start that went back from a file with an error names the ways out of that", () => {
  const { cluster, lb01 } = electedPair();
  new Reloading(cluster, lb01, { wentBack: { message: "vipd went back", isFileValid: false } });
  const [alarm] = lb01.daemon!.status().alarms;
  assert.equal(alarm!.message, "vipd went back");
  assert.match(
    alarm!.hint,
    /^grep .* && vipd reload writes what .*or correct the file \(vipd check/,
  );
  assert.doesNotMatch(alarm!.hint, /as it is/);
});

Deno.test("a start with a file that was edited in a probation says so, and the disk has no way back any more", async (t) => {
  for (const isUnkept of [true, false]) {
    await t.step(isUnkept ? "with an edit" : "with the text from before", async () => {
      const { cluster, lb01 } = electedPair();
      const probationEnded = { message: "nothing is on probation any more", isUnkept };
      const reloading = new Reloading(cluster, lb01, { probationEnded });
      await reloading.pass(1);
      assert.deepEqual(reloading.written, [null], "the record is removed");
      const entries = () =>
        lb01.daemon!.journal.since().filter(({ code }) => code.includes("prob"));
      assert.deepEqual(entries().map(({ code, message }) => [code, message]), [
        ["probation_ended", "nothing is on probation any more"],
      ]);
      const { alarms } = lb01.daemon!.status();
      assert.deepEqual(alarms.map(({ code }) => code), isUnkept ? ["reload_failed"] : []);
      assert.ok((await reloading.take(PRIORITY(lb01, 120), "second")).ok);
      assert.deepEqual(lb01.daemon!.status().alarms, []);
    });
  }
});

Deno.test("a disk that keeps the way back from an edited file is reported", async () => {
  const { cluster, lb01 } = electedPair();
  const probationEnded = { message: "nothing is on probation any more", isUnkept: false };
  const reloading = new Reloading(cluster, lb01, { probationEnded });
  reloading.diskProblem = { code: "EROFS", message: "read-only file system" };
  await reloading.pass(1);
  const codes = lb01.daemon!.journal.since().map(({ code }) => code);
  assert.ok(codes.includes("probation_unrecorded"));
});

Deno.test("a start whose disk does not say what is on probation reports that", () => {
  const { cluster, lb01 } = electedPair();
  const codes = () => lb01.daemon!.journal.since().map(({ code }) => code);
  new Reloading(cluster, lb01, { found: { kind: "text", text: "" } });
  assert.ok(!codes().includes("probation_unknown"));
  new Reloading(cluster, lb01, { found: { kind: "unreadable", message: "it does not answer" } });
  assert.ok(codes().includes("probation_unknown"));
});

Deno.test("requests that differ have their own turn, the same ones share it", async () => {
  const { cluster, lb01 } = electedPair();
  const reloading = new Reloading(cluster, lb01);
  const { reloader } = reloading;
  const first = reloader.reload();
  const [second, third, fourth] = [
    reloader.reload({ force: true }),
    reloader.reload(),
    reloader.reload({ force: true }),
  ];
  assert.equal(first, third);
  assert.equal(second, fourth);
  assert.notEqual(first, second);
  await reloading.until(Promise.all([first, second]));
  const entries = lb01.daemon!.journal.since().filter(({ code }) => code === "reloaded");
  assert.equal(entries.length, 2);
});
