/** A node that moves too often is held back, across the ends of its engine. On virtual time. */

import assert from "node:assert/strict";
import type { InstanceConfig, TrackConfig } from "../../../src/config/model.ts";
import { USUAL_DAMPING } from "../../../src/config/values/defaults.ts";
import { Damping } from "../../../src/node/instance/damping.ts";
import { type MoveEntry, movesOf, unplanned } from "../../../src/node/instance/moves.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { instanceConfig, SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import { Restarted } from "../restarted.ts";

const { withinMs: LOOP_WINDOW_MS, holdAfterMs: HOLD_MS } = USUAL_DAMPING;
const OFF = { damping: { moves: 0, withinMs: LOOP_WINDOW_MS, holdAfterMs: HOLD_MS } };
const START_MS = Date.UTC(2026, 2, 1, 10);

function entry(atMs: number, what: string): MoveEntry {
  const time = new Date(START_MS + atMs).toISOString();
  const [from, to] = what.split(" -> ");
  return to === undefined
    ? { time, code: what }
    : { time, code: "state_changed", subject: "VI_1", transition: { from: from!, to, reason: "" } };
}

/** A mastership as the journal has it: why it began and ended, and the priorities then. */
function mastership(came: string, left: string, priorities = [150, 150]): MoveEntry[] {
  const change = (from: string, to: string, reason: string, priority: number): MoveEntry => ({
    ...{ time: new Date(START_MS).toISOString(), code: "state_changed", subject: "VI_1" },
    ...{ transition: { from, to, reason }, priority },
  });
  return [
    change("backup", "master", came, priorities[0]!),
    change("master", "backup", left, priorities[1]!),
  ];
}

Deno.test("what somebody planned, or is the other node's affair, does not count", () => {
  const cases: [MoveEntry[], number][] = [
    [mastership("master_silent", "fault"), 2],
    [mastership("master_silent", "unwell"), 2],
    [mastership("master_released", "fault"), 2],
    [mastership("preempted_lower_priority", "lease_lapsed"), 2],
    [mastership("master_silent", "higher_priority_master"), 2],
    [mastership("preempted_lower_priority", "higher_priority_master", [150, 90]), 2],
    [mastership("preempted_lower_priority", "higher_priority_master"), 0],
    [mastership("master_released", "higher_priority_master"), 0],
    [mastership("master_silent", "demote"), 0],
    [mastership("promote", "higher_priority_master"), 0],
    [mastership("master_silent", "shutdown"), 0],
    [mastership("master_silent", "fault").slice(0, 1), 0],
  ];
  for (const [entries, count] of cases) {
    const text = entries.map(({ transition }) => transition!.reason).join();
    assert.equal(unplanned(movesOf(entries, "VI_1")).length, count, text);
  }
  const [time, subject] = [new Date(START_MS).toISOString(), "VI_1"];
  const ended = { time, code: "hold_ended", subject };
  assert.deepEqual(movesOf([...mastership("master_silent", "fault"), ended], "VI_1"), []);
});

/** The damping of one instance whose configuration the caller may change, on a machine of its own. */
function damped(given: Partial<InstanceConfig>) {
  const time = new VirtualTime();
  const machine = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(machine, time, new SimNetwork(time, () => 0));
  const startMs = host.wallClockMs();
  const journal = new Journal(() => host.wallClockMs());
  const alarms = new Alarms(host, journal);
  let config = instanceConfig(given);
  const ended: string[] = [];
  const damping = new Damping(() => config, { host, alarms, ended: (why) => ended.push(why) });
  return {
    ...{ time, alarms, journal, damping, startMs, ended },
    reload: (changed: Partial<InstanceConfig>) => {
      config = instanceConfig(changed);
      damping.reconfigured();
    },
    /** It came and left in turn at these times, which it reads from the journal. */
    moved: (atMs: readonly number[]) => {
      const [came, left] = mastership("master_silent", "fault") as [MoveEntry, MoveEntry];
      damping.restore(atMs.map((ms, at) => ({
        ...(at % 2 === 0 ? came : left),
        time: new Date(startMs + ms).toISOString(),
      })));
    },
  };
}

Deno.test("a node is held back by so many moves within the time, and for so long", async (t) => {
  const rows: readonly {
    readonly name: string;
    readonly moves: number;
    /** When it came and left in turn, in milliseconds. */
    readonly atMs: readonly number[];
    readonly nowMs: number;
    readonly held: boolean;
  }[] = [
    { name: "as many as are allowed at most", moves: 3, atMs: [0, 10], nowMs: 20, held: false },
    { name: "as many as hold it back", moves: 4, atMs: [0, 10, 20, 30], nowMs: 40, held: true },
    { name: "more", moves: 3, atMs: [0, 10, 20, 30], nowMs: 40, held: true },
    { name: "half as many", moves: 4, atMs: [0, 10], nowMs: 20, held: false },
    {
      name: "the first one as long ago as the time",
      ...{ moves: 4, atMs: [0, 10, 20, 60_000], nowMs: 60_000, held: false },
    },
    {
      name: "the first one just within the time",
      ...{ moves: 4, atMs: [1, 10, 20, 60_000], nowMs: 60_000, held: true },
    },
    {
      name: "the last one almost as long ago as the hold",
      ...{ moves: 4, atMs: [0, 10, 20, 30], nowMs: 300_029, held: true },
    },
    {
      name: "the last one as long ago as the hold",
      ...{ moves: 4, atMs: [0, 10, 20, 30], nowMs: 300_030, held: false },
    },
    {
      name: "fewer that follow within the hold, when the first ones are long ago",
      ...{ moves: 4, atMs: [0, 10, 20, 30, 100_000, 100_010], nowMs: 300_029, held: true },
    },
    {
      name: "fewer that follow make it no longer",
      ...{ moves: 4, atMs: [0, 10, 20, 30, 100_000, 100_010], nowMs: 300_030, held: false },
    },
    {
      name: "one that came last within the time, and left after it",
      ...{ moves: 3, atMs: [0, 10, 20, 100_000], nowMs: 100_000, held: false },
    },
  ];
  for (const { name, moves, atMs, nowMs, held } of rows) {
    await t.step(name, () => {
      const { time, alarms, damping, moved } = damped({
        damping: { moves, withinMs: 60_000, holdAfterMs: 300_000 },
      });
      time.runUntil(nowMs);
      moved(atMs);
      assert.equal(damping.limits.length, held ? 1 : 0);
      assert.deepEqual(alarms.status().map(({ code }) => code), held ? ["flapping"] : []);
      damping.close();
    });
  }
});

Deno.test("of very many moves the last 250 are kept", () => {
  const { alarms, damping } = damped({ damping: { ...USUAL_DAMPING, moves: 100 } });
  const move = { reason: "fault", priority: 150, overridden: false, trial: false };
  for (let round = 0; round < 130; round++) {
    damping.stateChanged("backup", "master", { ...move, reason: "master_silent" });
    damping.stateChanged("master", "fault", move);
  }
  assert.match(alarms.status()[0]!.message, /^the addresses came or went 250 times within/);
  damping.close();
});

Deno.test("one hold has one alarm, whichever the next moves make of it, and its end withdraws that", () => {
  for (const end of ["promote", "reload"]) {
    const { alarms, damping, journal, reload, startMs } = damped({});
    const died: MoveEntry = { ...entry(0, "started"), time: new Date(startMs).toISOString() };
    const [came] = mastership("master_silent", "fault").map((it) => ({ ...it, time: died.time }));
    damping.restore([came!, died, came!, died]);
    const codes = () => alarms.status().map(({ code }) => code);
    assert.deepEqual(codes(), ["crash_loop"]);
    const move = { reason: "fault", priority: 150, overridden: false, trial: false };
    damping.stateChanged("backup", "master", { ...move, reason: "master_silent" });
    damping.stateChanged("master", "fault", move);
    assert.deepEqual(codes(), ["flapping"], "no death was the last of these moves");
    if (end === "promote") damping.end("vipd promote");
    else reload({ damping: { ...USUAL_DAMPING, moves: 7 } });
    assert.deepEqual([codes(), damping.limits], [[], []], end);
    const cleared = journal.since().filter(({ code }) => code === "alarm_cleared");
    assert.deepEqual(cleared.map(({ alarm }) => alarm), ["crash_loop", "flapping"], end);
  }
});

Deno.test("a reload decides again whether and how long a node is held back, and its alarm says so", () => {
  const rule = { moves: 4, withinMs: 60_000, holdAfterMs: 300_000 };
  const HELD = /: it is held back for 5 min .*vipd promote ends the hold/;
  const NOT_HELD =
    /: it is not held back, as `damping` is off or it owns the addresses; (?!.*promote)/;
  const cases: [string, Partial<InstanceConfig>, boolean, RegExp | null, number][] = [
    ["the same", { damping: rule }, true, HELD, 300_030],
    ["no damping", { damping: { ...rule, moves: 0 } }, false, NOT_HELD, 600_030],
    ["the owner", { damping: rule, priority: 255 }, false, NOT_HELD, 300_030],
    ["more moves", { damping: { ...rule, moves: 5 } }, false, null, 0],
    ["within less", { damping: { ...rule, withinMs: 20 } }, false, null, 0],
    ["for longer", { damping: { ...rule, holdAfterMs: 900_000 } }, true, /for 15 min /, 900_030],
    ["for less", { damping: { ...rule, holdAfterMs: 60_000 } }, true, /for 1 min /, 60_030],
    ["not as long ago", { damping: { ...rule, holdAfterMs: 0 } }, false, null, 0],
  ];
  for (const [what, changed, held, text, endMs] of cases) {
    const { alarms, damping, ended, moved, reload, time } = damped({ damping: rule });
    const look = () => {
      const [alarm] = alarms.status();
      return [damping.limits.length > 0, alarm ? `${alarm.message}; ${alarm.hint}` : ""] as const;
    };
    time.runUntil(30);
    moved([0, 10, 20, 30]);
    const before = look();
    assert.match(before[1], HELD);
    reload(changed);
    const [holds, said] = look();
    assert.equal(holds, held, what);
    assert.match(said, text ?? /^$/, what);
    // Nothing was forgotten: the configuration alone decides.
    reload({ damping: rule });
    assert.deepEqual(look(), before, `back from ${what}`);
    reload(changed);
    if (text === null) continue;
    time.runUntil(endMs - 1);
    assert.deepEqual([look()[0], look()[1] !== ""], [held, true], what);
    time.runUntil(endMs);
    assert.deepEqual(look(), [false, ""], what);
    assert.deepEqual(ended, held ? ["its time is over"] : [], what);
  }
});

Deno.test("a reload after the moves holds a node back that the former one had left alone", () => {
  const { damping, moved, reload, alarms } = damped({ damping: { ...USUAL_DAMPING, moves: 5 } });
  moved([0, 0, 0, 0]);
  assert.deepEqual([damping.limits.length, alarms.status().length], [0, 0]);
  reload({});
  assert.equal(damping.limits.length, 1);
  assert.deepEqual(alarms.status().map(({ code }) => code), ["flapping"]);
  damping.close();
});

Deno.test("no reload holds back a node that serves and was not held back", () => {
  const { alarms, damping, moved, reload, time } = damped({});
  time.runUntil(30);
  // The clock was set back after the first one: it counts only once its time has come.
  moved([70_000, 10, 20, 30]);
  time.runUntil(71_000);
  const more = { priority: 100, overridden: false, trial: false };
  damping.stateChanged("backup", "master", { ...more, reason: "master_silent" });
  reload({});
  assert.deepEqual([damping.limits.length, alarms.status().length], [0, 0]);
  damping.stateChanged("master", "fault", { ...more, reason: "fault" });
  assert.equal(damping.limits.length, 1);
  damping.close();
});

Deno.test("nor does a reload hold back again one that a reload let go and that serves", () => {
  const { alarms, damping, moved, reload } = damped({});
  moved([0, 0, 0, 0]);
  const more = { priority: 1, overridden: false, trial: false };
  damping.stateChanged("backup", "master", { ...more, reason: "master_silent" });
  assert.equal(damping.limits.length, 1, "the last resort is held back still");
  reload({ damping: { ...USUAL_DAMPING, moves: 6 } });
  reload({});
  assert.deepEqual([damping.limits.length, alarms.status().length], [0, 0]);
});

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

Deno.test("what an override brings and ends does not count; what fails during it does", () => {
  const note = (code: string): MoveEntry => ({ ...entry(0, code), subject: "VI_1" });
  const [came, left] = mastership("preempted_lower_priority", "higher_priority_master", [255, 90]);
  const [silent, failed] = mastership("master_silent", "unwell");
  const [given, resumed, ended] = ["order_given", "order_resumed", "order_ended"].map(note);
  const started = entry(0, "started");
  const cases: [string, (MoveEntry | undefined)[], number][] = [
    ["given and ended", [given, came, ended, left], 0],
    ["resumed by the next engine", [given, started, resumed, came, ended, left], 0],
    ["of an engine before this one, and not resumed", [given, started, came, left], 2],
    ["it ended before", [given, ended, came, left], 2],
    ["nobody else was there", [resumed, silent, ended, left], 0],
    ["given later", [came, given, left], 0],
    ["it failed meanwhile", [given, came, failed], 1],
    ["it died meanwhile", [given, came, started], 1],
  ];
  for (const [name, entries, count] of cases) {
    assert.equal(unplanned(movesOf(entries.map((e) => e!), "VI_1")).length, count, name);
  }
});

/**
 * lb01 dies so long after each takeover, by default 5 s, and starts a second later; for so long. Returns how often the
 * address moved.
 */
function loop(
  cluster: SimCluster,
  lb01: Restarted,
  forMs: number,
  { livesMs = 5000, lostMs = 0, goodbye = false } = {},
): number {
  let moves = 0;
  let holder = "";
  let diesAtMs = Infinity;
  let startsAtMs = Infinity;
  const untilMs = cluster.time.nowMs + forMs;
  while (cluster.time.nowMs < untilMs) {
    cluster.run(Math.min(10, Math.max(1, livesMs)));
    const nowMs = cluster.time.nowMs;
    const [now = holder] = cluster.holders;
    if (now !== holder) moves++;
    if (now === "lb01" && holder !== "lb01" && lb01.node.daemon) diesAtMs = nowMs + livesMs;
    holder = now;
    if (nowMs >= diesAtMs) {
      lb01.kill(lostMs);
      if (goodbye) lb01.goodbye();
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
  assert.match(
    JSON.stringify(priority.reasons),
    /held back: vipd died twice as master within 10 min, in 4 moves of the addresses/,
  );
  const alarms = () => lb01.node.daemon!.status().alarms.map(({ code }) => code);
  assert.deepEqual(alarms(), ["crash_loop"]);
  cluster.run(HOLD_MS);
  assert.deepEqual([alarms(), lb01.node.status.priority.effective], [[], 150]);
});

Deno.test("a death counts whose mastership the disk does not know yet, by the addresses that it left", () => {
  for (const goodbye of [false, true]) {
    const { cluster, lb01, lb02 } = pair();
    const moves = loop(cluster, lb01, 60_000, { livesMs: 0, lostMs: 1000, goodbye });
    assert.ok(moves - 1 <= 4, `${moves - 1} moves`);
    const { priority, state } = lb01.node.status;
    assert.deepEqual([state, priority.effective, lb02.status.state], ["backup", 1, "master"]);
    const [raised] = lb01.node.daemon!.status().alarms;
    assert.match(raised!.message, /^vipd died twice as master within 10 min, in 4 moves/);
  }
});

Deno.test("addresses that were left are a death, but not after a hand-over", () => {
  const left = { ...entry(0, "engine_died"), subject: "VI_1" };
  const [came, gave] = mastership("master_silent", "demote");
  const fault = entry(0, "master -> fault");
  const started = entry(0, "started");
  const cases: [string, (MoveEntry | undefined)[], string[]][] = [
    ["nothing else is known", [started, left, started], ["came", "died"]],
    ["the disk knows of the mastership", [started, came, left, started], ["came", "died"]],
    ["nothing is known of a second run", [started, left, left, started], [
      ...["came", "died", "came", "died"],
    ]],
    ["after a failure", [started, came, fault, left, started], ["came", "left", "came", "died"]],
    ["after a hand-over", [started, came, gave, left, started], ["came", "left"]],
    ["of a run after it", [started, came, gave, left, left, started], [
      ...["came", "left", "came", "died"],
    ]],
  ];
  for (const [name, entries, kinds] of cases) {
    assert.deepEqual(movesOf(entries.map((e) => e!), "VI_1").map(({ kind }) => kind), kinds, name);
    assert.equal(movesOf(entries.map((e) => e!), "VI_2").length, 0, name);
  }
});

Deno.test("one death among other moves is no crash loop, and is named", () => {
  const life = (atMs: number, end: string) => [
    entry(atMs, "started"),
    entry(atMs + 1000, "backup -> master"),
    ...(end === "dies" ? [] : [entry(atMs + 2000, "master -> fault")]),
  ];
  const ends: [string[], string, RegExp][] = [
    [["fails", "dies"], "flapping", /came or went 4 times within 10 min, once because vipd died:/],
    [["dies", "dies"], "crash_loop", /vipd died twice as master within 10 min, in 4 moves of the/],
    [["dies", "dies", "fails"], "flapping", /came or went 6 times .*, twice because vipd died:/],
    [["dies", "fails", "dies"], "crash_loop", /died twice as master within 10 min, in 6 moves of/],
    [["dies", "dies", "dies"], "crash_loop", /vipd died 3 times as master within 10 min, in 6 mo/],
  ];
  for (const damping of [USUAL_DAMPING, OFF.damping]) {
    for (const [lives, alarm, text] of ends) {
      const { nodes } = new SimCluster([{ priority: 150, damping }]);
      const lb01 = new Restarted(nodes[0]!);
      const { host } = lb01.node;
      const beganMs = host.wallClockMs() - START_MS - lives.length * 5000;
      const entries = lives.flatMap((end, index) => life(beganMs + index * 5000, end));
      lb01.kept = entries.map((kept, id) => ({ ...kept, id, severity: "info", message: "" }));
      lb01.start();
      const [raised] = lb01.node.daemon!.status().alarms;
      assert.equal(raised?.code, alarm, lives.join());
      assert.match(raised.message, text);
      const how = damping.moves === 0
        ? /: it is not held back, /
        : /: it is held back for \d+ min /;
      assert.match(raised.message, how);
      const hasHold = damping.moves > 0;
      assert.equal(raised.hint.includes("vipd promote ends the hold"), hasHold, raised.hint);
    }
  }
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

const SITE: TrackConfig = tracked({ kind: "check", check: "nginx", whenDown: "last_resort" });
const FAULT: TrackConfig = tracked({ kind: "check", check: "nginx" });
const WEIGHT: TrackConfig = tracked({ kind: "check", check: "nginx", weight: -60 });

const alarmsOf = (node: SimNode) => node.daemon!.status().alarms.map(({ code }) => code);

/** The check fails on each node whenever that one is master, as under load, and is well again once it is not. */
function failingMasters(cluster: SimCluster, forMs: number, failing = cluster.nodes): number {
  const untilMs = cluster.time.nowMs + forMs;
  let moves = 0;
  let [holder = ""] = cluster.holders;
  while (cluster.time.nowMs < untilMs) {
    for (const node of failing) {
      node.host.setCheck("nginx", !node.holds);
    }
    cluster.run(500);
    const { holders } = cluster;
    if (holders.length === 1 && holders[0] !== holder) {
      moves++;
      [holder = ""] = holders;
    }
  }
  return moves;
}

function serving(...instances: Partial<InstanceConfig>[]): SimCluster {
  const cluster = new SimCluster(instances.map((instance, index) => ({
    priority: 150 - 50 * index,
    ...instance,
  })));
  cluster.start();
  cluster.run(10_000);
  return cluster;
}

Deno.test("a check that fails on each node that is master: the moves end, somebody serves, one alarm a node", () => {
  const pairs: [string, Partial<InstanceConfig>, Partial<InstanceConfig>, number][] = [
    ["two last resorts", { track: [SITE] }, { track: [SITE] }, 8],
    ["two with weights", { track: [WEIGHT] }, { track: [WEIGHT] }, 4],
    ["a last resort next to one that damps nothing", { track: [SITE] }, {
      ...{ track: [WEIGHT], ...OFF },
    }, 8],
    ["the same without preemption", { track: [SITE] }, {
      ...{ track: [WEIGHT], preempt: false, ...OFF },
    }, 8],
  ];
  for (const [what, lb01, lb02, most] of pairs) {
    const cluster = serving(lb01, lb02);
    const moves = failingMasters(cluster, LOOP_WINDOW_MS / 2);
    assert.ok(moves <= most, `${what}: ${moves} moves`);
    assert.equal(failingMasters(cluster, LOOP_WINDOW_MS / 4), 0, what);
    assert.equal(cluster.holders.length, 1, what);
    const held = cluster.nodes.find(({ status }) => status.priority.effective === 1);
    assert.ok(held, `${what}: nobody is held back`);
    assert.ok(alarmsOf(held).includes("flapping"), `${what}: ${alarmsOf(held)}`);
    assert.match(
      JSON.stringify(held.status.priority.reasons),
      /held back: the addresses came or went 4 times/,
    );
  }
});

Deno.test("a fault lets go, held back or not; one last resort of the two ends the moves", () => {
  for (
    const [what, lb01, lb02, ends] of [
      ["two faults", FAULT, FAULT, false],
      ["a last resort on the stronger node", SITE, FAULT, true],
      ["a last resort on the weaker node", FAULT, SITE, true],
    ] as const
  ) {
    const cluster = serving({ track: [lb01] }, { track: [lb02] });
    failingMasters(cluster, LOOP_WINDOW_MS / 2);
    assert.ok(cluster.nodes.some(({ status }) => status.priority.effective === 1), what);
    const moves = failingMasters(cluster, LOOP_WINDOW_MS / 4);
    assert.ok(ends ? moves === 0 : moves > 20, `${what}: ${moves} moves`);
    assert.equal(cluster.holders.length, 1, what);
  }
});

Deno.test("a node that is well but held back lets one serve that is not well, until its hold ends", async () => {
  for (const end of ["promote", "time"]) {
    const cluster = serving({ track: [SITE] }, { track: [SITE] });
    const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
    failingMasters(cluster, 120_000, [lb01]);
    lb01.host.setCheck("nginx", true);
    lb02.host.setCheck("nginx", false);
    cluster.run(30_000);
    const priorities = cluster.nodes.map(({ status }) => status.priority.effective);
    assert.deepEqual([cluster.holders, priorities], [["lb02"], [1, 2]]);
    if (end === "promote") {
      await cluster.settle(lb01.daemon!.command({ kind: "promote", instance: "VI_1" }));
    } else cluster.run(HOLD_MS);
    cluster.run(5000);
    assert.deepEqual(cluster.holders, ["lb01"], end);
  }
});

Deno.test("a reload that turns damping off lets a node that was held back take part again", () => {
  const cluster = serving({ track: [SITE] }, {});
  const [lb01] = cluster.nodes as [SimNode, SimNode];
  failingMasters(cluster, 120_000, [lb01]);
  lb01.host.setCheck("nginx", true);
  cluster.run(10_000);
  assert.deepEqual([lb01.status.priority.effective, cluster.holders], [1, ["lb02"]]);
  const [instance] = lb01.config.instances;
  lb01.reload({ ...lb01.config, instances: [{ ...instance!, ...OFF }] });
  cluster.run(10_000);
  assert.deepEqual([lb01.status.priority.effective, cluster.holders], [150, ["lb01"]]);
  const [alarm] = lb01.daemon!.status().alarms;
  assert.match(alarm?.message ?? "", /: it is not held back, /);
});

Deno.test("one that is off still moves on and says so", () => {
  const cluster = serving({ track: [WEIGHT], ...OFF }, { track: [WEIGHT], ...OFF });
  assert.ok(failingMasters(cluster, LOOP_WINDOW_MS / 2) > 20);
  const [lb01] = cluster.nodes as [SimNode];
  assert.ok(alarmsOf(lb01).includes("flapping"));
});

Deno.test("the other node's failures hold nobody else back", () => {
  const cluster = serving({ track: [FAULT], ...OFF }, {});
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  assert.ok(failingMasters(cluster, LOOP_WINDOW_MS / 4, [lb01]) > 8);
  assert.equal(lb02.status.priority.effective, 100);
  assert.deepEqual(alarmsOf(lb02), []);
});

Deno.test("held back, it serves if nobody else does; a promote ends the hold, and so does its time", async () => {
  for (const end of ["promote", "time"]) {
    const cluster = serving({ track: [SITE] }, { track: [FAULT] });
    const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
    failingMasters(cluster, 120_000, [lb01]);
    assert.deepEqual([lb01.status.priority.effective, cluster.holders], [1, ["lb02"]]);
    lb02.powerOff();
    cluster.run(5000);
    assert.deepEqual(cluster.holders, ["lb01"], "nobody else serves");
    lb02.start();
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb02"]);
    if (end === "promote") {
      await cluster.settle(lb01.daemon!.command({ kind: "promote", instance: "VI_1" }));
      await cluster.settle(lb01.daemon!.command({ kind: "release", instance: "VI_1" }));
    } else cluster.run(HOLD_MS);
    cluster.run(10_000);
    assert.equal(lb01.status.priority.effective, 150, end);
    assert.deepEqual([cluster.holders, alarmsOf(lb01)], [["lb01"], []], end);
    assert.ok(lb01.daemon!.journal.since().some(({ code }) => code === "hold_ended"));
  }
});

Deno.test("planned work on a promoted node holds nobody back", async () => {
  const cluster = serving({}, {});
  const [first, lb02] = cluster.nodes as [SimNode, SimNode];
  const other = new Restarted(lb02);
  for (let round = 0; round < 6; round++) {
    await cluster.settle(other.node.daemon!.command({ kind: "promote", instance: "VI_1" }));
    cluster.run(5000);
    await other.restart(cluster);
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb02"], "the order is resumed");
    await cluster.settle(other.node.daemon!.command({ kind: "release", instance: "VI_1" }));
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
  }
  for (const node of [first, lb02]) assert.deepEqual(alarmsOf(node), []);
});

Deno.test("moves of a clock that was set back since hold nobody back", () => {
  const cluster = serving({ track: [SITE] }, {});
  const lb01 = new Restarted(cluster.nodes[0]!);
  failingMasters(cluster, 120_000, [lb01.node]);
  lb01.kill();
  lb01.node.host.jumpWallClock(-86_400_000);
  lb01.start();
  assert.deepEqual([lb01.node.status.priority.effective, alarmsOf(lb01.node)], [150, []]);
});

Deno.test("a hold outlives the engine, and a priority manually does not end it", async () => {
  const cluster = serving({ track: [SITE] }, {});
  const lb01 = new Restarted(cluster.nodes[0]!);
  failingMasters(cluster, 120_000, [lb01.node]);
  assert.equal(lb01.node.status.priority.effective, 1);
  lb01.kill();
  lb01.start();
  cluster.run(10_000);
  assert.deepEqual([lb01.node.status.priority.effective, cluster.holders], [1, ["lb02"]]);
  await cluster.settle(
    lb01.node.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 200 }),
  );
  assert.equal(lb01.node.status.priority.effective, 1);
  cluster.run(HOLD_MS);
  assert.equal(lb01.node.status.priority.effective, 200);
});
