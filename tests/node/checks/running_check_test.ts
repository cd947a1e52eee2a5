/** A check with a recovery command on virtual time, and the first results of checks that do not run yet. */

import assert from "node:assert/strict";
import type { ProbeResult } from "../../../src/health/check.ts";
import type { CheckConfig } from "../../../src/health/check_config.ts";
import { CertificateAlarm } from "../../../src/node/checks/certificate_alarm.ts";
import { FIRST_RESULT_LIMIT_MS, firstResults } from "../../../src/node/checks/first_results.ts";
import { RunningCheck } from "../../../src/node/checks/running_check.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

const RECOVERS: CheckConfig = {
  ...NGINX_CHECK,
  onFail: { command: ["restart", "nginx"], timeoutMs: 1000, attempts: 2, everyMs: 60_000 },
};

/** lb01 serves with this check, whose recovery command goes so. */
function node(program: { readonly ok: boolean; readonly heals: boolean; readonly tookMs: number }) {
  const cluster = new SimCluster(
    [{ track: [tracked({ kind: "check", check: "nginx" })] }],
    1,
    RECOVERS,
  );
  const lb01 = cluster.nodes[0]!;
  const { ok, heals, tookMs } = program;
  const effect = () => heals ? lb01.host.checks.set("nginx", true) : undefined;
  lb01.host.checks.setRecovery("nginx", { ok, tookMs, effect });
  cluster.start();
  cluster.run(10_000);
  lb01.host.checks.set("nginx", false);
  const fromMs = cluster.time.nowMs;
  const told = () =>
    lb01.daemon!.journal.since().filter(({ message }) => message.startsWith("check nginx")).slice(1)
      .map(({ severity, code, message, time }) => {
        const atMs = Date.parse(time) - Date.UTC(2030, 0, 1) - fromMs;
        return `${atMs} ${severity} ${code} ${message.slice("check nginx ".length)}`;
      });
  return { cluster, lb01, told, status: () => lb01.daemon!.status().checks[0]! };
}

Deno.test("a recovery command that heals is reported, and the check is probed at once after it", () => {
  const { cluster, told, status } = node({ ok: true, heals: true, tookMs: 700 });
  cluster.run(2500);
  const { recovery } = status();
  assert.deepEqual([recovery?.phase, recovery?.attempt, recovery?.attempts], ["running", 1, 2]);
  assert.equal(recovery?.since, "2030-01-01T00:00:12.001Z");
  cluster.run(10_000);
  assert.deepEqual(told(), [
    "2001 warning recovery_started fails, simulated failure; runs restart nginx, try 1 of 2",
    "2702 notice recovery_succeeded is well again: simulated success",
  ]);
  assert.equal(status().state, "up");
});

Deno.test("a command that fails, or heals nothing, is run again, and the check turns down after the last one", () => {
  for (const ok of [true, false]) {
    const { cluster, told, status } = node({ ok, heals: false, tookMs: 300 });
    cluster.run(30_000);
    const all = told();
    assert.deepEqual(all.map((line) => line.split(" ").slice(1, 3).join(" ")), [
      ...["warning recovery_started", "warning recovery_failed"],
      ...["warning recovery_started", "warning recovery_failed"],
      ...["warning recovery_exhausted", "warning check_changed"],
    ]);
    assert.match(all[3]!, /is not recovered, try 2 of 2: /);
    assert.equal(status().state, "down");
    assert.equal(status().recovery?.phase, "given_up");
    const since = Date.parse(status().recovery!.since) - Date.UTC(2030, 0, 1) - 10_000;
    assert.equal(`${since}`, all[4]!.split(" ")[0]);
  }
});

Deno.test("who stops does not wait for the command, and hears nothing of it", async () => {
  const { cluster, lb01, told } = node({ ok: true, heals: false, tookMs: 900 });
  cluster.run(2500);
  await cluster.settle(lb01.daemon!.stop());
  cluster.run(5000);
  assert.deepEqual(told().map((line) => line.split(" ")[2]), ["recovery_started"]);
});

Deno.test("first results are those of one probe each, or none where it takes too long", async () => {
  const { time, nodes: [{ host }] } = new SimCluster([{}]) as SimCluster & { nodes: [SimNode] };
  host.checks.set("down", false);
  const checks = ["up", "down"].map((name) => ({ ...NGINX_CHECK, name }));
  const found = await time.settle(firstResults(checks, host));
  assert.deepEqual([...found].map(([name, result]) => [name, result?.ok]), [
    ...[["up", true], ["down", false]],
  ]);
  assert.equal(host.checks.probes, 2);
  for (const [tookMs, isKnown] of [[-1, true], [1, false]] as const) {
    host.checks.probeTookMs = FIRST_RESULT_LIMIT_MS + tookMs;
    const first = firstResults([NGINX_CHECK], host);
    time.runUntil(time.nowMs + FIRST_RESULT_LIMIT_MS);
    assert.equal((await first).get("nginx")?.ok ?? null, isKnown ? true : null);
    time.runUntil(time.nowMs + FIRST_RESULT_LIMIT_MS);
  }
  assert.equal(FIRST_RESULT_LIMIT_MS, 10_000);
});

Deno.test("after a reload a check is known with the first result of the way in which it runs now", async () => {
  const { cluster, lb01 } = node({ ok: true, heals: true, tookMs: 700 });
  lb01.host.checks.probeTookMs = 300;
  cluster.run(1000);
  lb01.reload({ ...lb01.config, checks: [{ ...RECOVERS, intervalMs: 5000 }] });
  let known = false;
  void lb01.daemon!.checksKnown().then(() => known = true);
  for (const [forMs, isKnown] of [[299, false], [1, true]] as const) {
    cluster.run(forMs);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    assert.equal(known, isKnown, `${forMs}`);
  }
});

/** A check whose probes and recovery command are reported by the test, closed or not. */
function reported(config: CheckConfig) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const reports: ((result: ProbeResult) => void)[] = [];
  const ends: ((result: ProbeResult) => void)[] = [];
  const said: string[] = [];
  host.openProber = (_check, report) => {
    reports.push(report);
    const at = reports.length;
    return {
      probe: () => void said.push(`probe ${at}`),
      close: () => void said.push(`close ${at}`),
    };
  };
  host.runProgram = (_run, ended) => {
    ends.push(ended);
    said.push("run");
    return () => void said.push("end");
  };
  const journal = new Journal(() => host.wallClockMs());
  const alarms = new Alarms(host, journal);
  const changed: string[] = [];
  const check = new RunningCheck(
    ...[config, host, journal, new CertificateAlarm(host, alarms)] as const,
    (name) => void changed.push(`${name} ${check.verdict} ${check.number}`),
  );
  return { cluster, check, reports, ends, said, journal, alarms, changed };
}

const OK: ProbeResult = { ok: true, detail: "well", tookMs: 1, conclusive: true };
const FAILED: ProbeResult = { ok: false, detail: "gone", tookMs: 1, conclusive: true };

Deno.test("what a prober of before still reports is not heeded, nor what comes after the end", () => {
  const { check, reports, said } = reported(NGINX_CHECK);
  check.start();
  check.reconfigure(NGINX_CHECK);
  reports[0]!(OK);
  assert.deepEqual([check.verdict, check.detail], ["unknown", ""]);
  reports[1]!(OK);
  assert.deepEqual([check.verdict, check.detail], ["up", "well"]);
  check.stop();
  reports[1]!(FAILED);
  assert.deepEqual([check.verdict, check.detail], ["up", "well"]);
  assert.deepEqual(said, ["probe 1", "close 1", "probe 2", "close 2"]);
});

Deno.test("a stop ends the recovery command and every probe, and what it says then is nothing", () => {
  const { cluster, check, reports, ends, said, journal } = reported(RECOVERS);
  check.start();
  reports[0]!(OK);
  reports[0]!(FAILED);
  assert.deepEqual(said, ["probe 1", "run"]);
  cluster.run(10 * RECOVERS.intervalMs);
  assert.deepEqual(said, ["probe 1", "run"], "nothing is probed while it runs");
  check.stop();
  const told = journal.since().length;
  ends[0]!(FAILED);
  cluster.run(10 * RECOVERS.intervalMs);
  assert.deepEqual(said, ["probe 1", "run", "end", "close 1"]);
  assert.equal(journal.since().length, told);
});

Deno.test("after the command one probe runs at once, and the next one an interval later", () => {
  const { cluster, check, reports, ends, said } = reported(RECOVERS);
  check.start();
  reports[0]!(OK);
  reports[0]!(FAILED);
  cluster.run(RECOVERS.intervalMs / 2);
  ends[0]!(OK);
  assert.deepEqual(said, ["probe 1", "run", "probe 1"]);
  cluster.run(RECOVERS.intervalMs - 1);
  assert.equal(said.length, 3);
  cluster.run(1);
  assert.equal(said.length, 4);
});

Deno.test("the probes keep their cadence, and begin again after a long sleep", () => {
  const { cluster, check, said } = reported(NGINX_CHECK);
  const { host } = cluster.nodes[0]!;
  check.start();
  const { intervalMs } = NGINX_CHECK;
  host.hang();
  cluster.run(2.5 * intervalMs);
  host.wake();
  assert.equal(said.length, 2, "what was missed is not made up for");
  cluster.run(0);
  assert.equal(said.length, 3);
  cluster.run(intervalMs - 1);
  assert.equal(said.length, 3);
});

Deno.test("who hears of a check hears of each turn and each other number once", () => {
  const file: CheckConfig = { ...NGINX_CHECK, name: "load", type: "file", path: "/run/load" };
  const { check, reports, changed } = reported(file);
  check.start();
  for (const number of [3, 3, 4]) reports[0]!({ ...OK, number });
  // One failure that another must confirm says nothing of the number.
  reports[0]!({ ...FAILED, conclusive: false });
  reports[0]!(FAILED);
  reports[0]!({ ...OK, number: 4 });
  assert.deepEqual(changed, ["load up 3", "load up 4", "load down 0", "load up 4"]);
});

Deno.test("the alarm about a certificate ends with its check, and is only that of one that asks for it", () => {
  const { name, intervalMs, timeoutMs, rise, fall } = NGINX_CHECK;
  const times = { intervalMs, timeoutMs, rise, fall };
  const status = { from: 200, to: 399 };
  const https = { ...times, name, type: "http", url: "https://192.168.31.5/", status } as const;
  const day = 86_400_000;
  const rows = [[14, 13, 1], [14, 15, 0], [14, null, 0], [null, 13, 0]] as const;
  for (const [within, days, told] of rows) {
    const asks = within !== null && { expiresWithinMs: within * day };
    const { cluster, check, reports, alarms } = reported({ ...https, ...asks });
    check.start();
    const nowMs = cluster.nodes[0]!.host.wallClockMs();
    reports[0]!({ ...OK, ...(days !== null && { certificateEndsMs: nowMs + days * day }) });
    const standing = () => alarms.standing("certificate_ends", null) === null ? 0 : 1;
    assert.equal(standing(), told);
    check.stop();
    assert.equal(standing(), 0);
  }
});

Deno.test("a check that becomes one of a file holds 0 until the file is read", () => {
  const { check, reports } = reported(NGINX_CHECK);
  check.start();
  reports[0]!(OK);
  assert.equal(check.number, null);
  check.reconfigure({ ...NGINX_CHECK, type: "file", path: "/run/load" });
  assert.deepEqual([check.verdict, check.number], ["up", 0]);
});

Deno.test("after a reload the probes come in the new way alone", () => {
  const { cluster, check, said } = reported(NGINX_CHECK);
  const { intervalMs } = NGINX_CHECK;
  check.start();
  cluster.run(intervalMs / 2);
  check.reconfigure({ ...NGINX_CHECK, intervalMs: 2 * intervalMs });
  cluster.run(4 * intervalMs);
  assert.deepEqual(said, ["probe 1", "close 1", "probe 2", "probe 2", "probe 2"]);
});

Deno.test("the status says since when a verdict stands, and a recovery is where it is", () => {
  const { cluster, check, reports, ends } = reported(RECOVERS);
  const { host } = cluster.nodes[0]!;
  const now = () => new Date(host.wallClockMs()).toISOString();
  const since = () => [check.status().since, check.status().recovery?.since];
  check.start();
  assert.deepEqual(since(), [null, undefined]);
  cluster.run(1000);
  reports[0]!(OK);
  const upAt = now();
  assert.deepEqual(since(), [upAt, undefined]);
  for (const happens of [() => reports[0]!(FAILED), () => (ends[0]!(OK), reports[0]!(OK))]) {
    cluster.run(1000);
    happens();
    assert.deepEqual(since(), [upAt, now()]);
  }
});

Deno.test("who waits for a first result does not wait for a check that has ended", async () => {
  const { check } = reported(NGINX_CHECK);
  check.start();
  let known = false;
  void check.known.then(() => known = true);
  for (const isKnown of [false, true]) {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    assert.equal(known, isKnown);
    check.stop();
  }
});
