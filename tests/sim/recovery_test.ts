import assert from "node:assert/strict";
import type { CheckConfig, RecoveryConfig } from "../../src/health/check_config.ts";
import { NGINX_CHECK, SimCluster, tracked } from "../../src/sim/cluster.ts";
import { seededRandom } from "../../src/sim/random.ts";

const ON_FAIL: RecoveryConfig = {
  command: ["systemctl", "restart", "nginx"],
  timeoutMs: 10_000,
  attempts: 2,
  everyMs: 300_000,
};

/** lb01 at 150, lb02 at 100, both tracking nginx; ten quiet seconds have passed and lb01 is master. */
function runningPair(changes: Partial<CheckConfig> = {}, weight?: number) {
  const track = [tracked({ kind: "check", check: "nginx", ...(weight && { weight }) })];
  const check = { ...NGINX_CHECK, ...changes } as CheckConfig;
  const cluster = new SimCluster([{ priority: 150, track }, { priority: 100, track }], 1, check);
  const codes: string[] = [];
  cluster.onJournal((node, { code, message }) => {
    if (node.name !== "lb01" || !/^(check|recovery|state)_/.test(code)) return;
    codes.push(code === "state_changed" ? message.replace(/^VI_1: /, "") : code);
  });
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  codes.length = 0;
  const [lb01, lb02] = cluster.nodes as [typeof cluster.nodes[0], typeof cluster.nodes[0]];
  return { cluster, lb01, lb02, codes };
}

Deno.test("a service that its command brings back costs no failover", () => {
  const { cluster, lb01, lb02, codes } = runningPair({ onFail: ON_FAIL });
  const effect = () => lb01.host.checks.set("nginx", true);
  lb01.host.checks.setRecovery("nginx", { ok: true, tookMs: 800, effect });
  lb01.host.setCheck("nginx", false);
  const [check] = lb01.daemon!.status().checks;
  assert.deepEqual([check?.state, check?.recovery?.phase, check?.recovery?.attempt], [
    "up",
    "running",
    1,
  ]);
  cluster.run(30_000, () => assert.deepEqual(cluster.holders, ["lb01"]));
  assert.deepEqual(codes, ["recovery_started", "recovery_succeeded"]);
  const { phase, attempt, since } = lb01.daemon!.status().checks[0]!.recovery!;
  assert.deepEqual([phase, attempt], ["recovered", 1]);
  const last = lb01.daemon!.journal.since(0).findLast(({ code }) => code === "recovery_succeeded");
  assert.equal(since, last?.time);
  cluster.run(ON_FAIL.everyMs);
  assert.equal(lb01.daemon!.status().checks[0]?.recovery, null);
  assert.equal(lb02.daemon!.status().instances[0]?.counters.became_master, 0);
});

Deno.test("while the command runs nothing is probed, and right after it is", () => {
  const { cluster, lb01 } = runningPair({ onFail: ON_FAIL });
  lb01.host.checks.setRecovery("nginx", { ok: true, tookMs: 9000 });
  lb01.host.setCheck("nginx", false);
  const before = lb01.host.checks.probes;
  cluster.run(8990);
  assert.equal(lb01.host.checks.probes, before);
  cluster.run(20);
  assert.equal(lb01.host.checks.probes, before + 1);
});

Deno.test("a service that stays dead fails over when the tries are used up, within the bound", () => {
  const cases = [
    { name: "the command fails", program: { ok: false, tookMs: 100 } },
    { name: "the command hangs", program: { ok: true, tookMs: 60_000 } },
    { name: "the command changes nothing", program: { ok: true, tookMs: 2000 } },
  ];
  for (const { name, program } of cases) {
    const { cluster, lb01, codes } = runningPair({ onFail: ON_FAIL });
    lb01.host.checks.setRecovery("nginx", program);
    const failedMs = cluster.time.nowMs;
    lb01.host.setCheck("nginx", false);
    let downMs = Infinity;
    cluster.run(60_000, () => {
      if (lb01.daemon!.status().checks[0]?.state === "down" && downMs === Infinity) {
        downMs = cluster.time.nowMs;
      }
    });
    assert.deepEqual(cluster.holders, ["lb02"], name);
    const { phase, attempt } = lb01.daemon!.status().checks[0]!.recovery!;
    assert.deepEqual([phase, attempt], ["given_up", 2], name);
    assert.deepEqual(codes.slice(0, 6), [
      "recovery_started",
      "recovery_failed",
      "recovery_started",
      "recovery_failed",
      "recovery_exhausted",
      "check_changed",
    ], name);
    const { attempts, timeoutMs } = ON_FAIL;
    const boundMs = attempts * (timeoutMs + NGINX_CHECK.fall * NGINX_CHECK.intervalMs);
    assert.ok(downMs - failedMs <= boundMs, `${name}: ${downMs - failedMs} ms`);
  }
});

Deno.test("a service that dies again and again fails over once the tries of the period are used up", () => {
  const { cluster, lb01, codes } = runningPair({ onFail: ON_FAIL });
  const effect = () => lb01.host.checks.set("nginx", true);
  lb01.host.checks.setRecovery("nginx", { ok: true, tookMs: 500, effect });
  for (let death = 0; death < 3; death++) {
    lb01.host.setCheck("nginx", false);
    cluster.run(20_000);
  }
  assert.equal(codes.filter((code) => code === "recovery_started").length, 2);
  assert.ok(codes.includes("recovery_exhausted"));
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("a stop in the middle of a recovery is a stop", async () => {
  const { cluster, lb01, codes } = runningPair({ onFail: ON_FAIL });
  lb01.host.checks.setRecovery("nginx", { ok: true, tookMs: 5000 });
  lb01.host.setCheck("nginx", false);
  await cluster.settle(lb01.stop());
  cluster.run(20_000);
  assert.deepEqual(codes.filter((code) => code.startsWith("recovery")), ["recovery_started"]);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("a check that flaps moves the address no more often than rise and fall allow", () => {
  for (const weight of [undefined, -60]) {
    for (let seed = 1; seed <= 25; seed++) {
      const { cluster, lb01, codes } = runningPair({ rise: 3, fall: 3 }, weight);
      const random = seededRandom(seed);
      let turns = 0;
      let verdict = true;
      let against = 0;
      for (let probe = 0; probe < 100; probe++) {
        const ok = random() < 0.5;
        against = ok === verdict ? 0 : against + 1;
        if (against === 3) {
          verdict = ok;
          against = 0;
          turns++;
        }
        lb01.host.checks.set("nginx", ok);
        cluster.run(NGINX_CHECK.intervalMs);
      }
      const changes = codes.filter((code) => code === "check_changed").length;
      assert.equal(changes, turns, `seed ${seed}, weight ${weight}`);
      const { became_master, released_master } = lb01.status.counters;
      // The first election beside: each turn of the verdict moves the address at most once.
      assert.ok(became_master - 1 + released_master <= turns, `seed ${seed}, weight ${weight}`);
    }
  }
});
