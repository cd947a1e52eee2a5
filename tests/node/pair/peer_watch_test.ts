/** Two masters and settings that differ, known from the other node's API alone, on virtual time. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { PeerWatch } from "../../../src/node/pair/peer_watch.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { config, instanceConfig, SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { configSettings } from "../../../src/status/peer/config_settings.ts";
import type { PeerInstanceStatus } from "../../../src/status/status.ts";
import { examplePeer } from "./example_peer.ts";

/** A second virtual address that only one node has. */
const OTHER = { ...VIP, address: "192.168.31.6", label: "eth1:2" };

/** Two nodes that ask each other over a network that nothing cuts, as the poller does. */
function pair(
  changes: readonly [Partial<InstanceConfig>, Partial<InstanceConfig>],
  phaseMs = 770,
) {
  const instances = [{ priority: 150, ...changes[0] }, { priority: 100, ...changes[1] }];
  const cluster = new SimCluster(instances);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const asks = new Map([[lb01, lb02], [lb02, lb01]]);
  for (const [index, node] of cluster.nodes.entries()) {
    const peers = [{ name: asks.get(node)!.name, url: "http://api:9112" }];
    node.reload({ ...config(node.name, instances[index]!), peers });
  }
  cluster.start();
  const silent = new Set<SimNode>();
  /** Out of step with each other and with the adverts. */
  const dueMs = new Map([[lb01, 130], [lb02, phaseMs]]);
  const ask = () => {
    for (const [node, other] of asks) {
      if (cluster.time.nowMs < dueMs.get(node)! || !node.running) continue;
      const answer = other.running && !silent.has(other)
        ? readPeerAnswer(JSON.stringify(other.daemon!.status()))
        : { problem: "no whole answer within 1 s" };
      const report = "problem" in answer
        ? { ok: false as const, error: answer.problem }
        : { ok: true as const, answer };
      dueMs.set(node, cluster.time.nowMs + node.daemon!.peerReported(other.name, report));
    }
  };
  /** Virtual milliseconds pass, with questions and answers. */
  const run = (forMs: number, each: () => void = () => {}) => {
    const endMs = cluster.time.nowMs + forMs;
    while (cluster.time.nowMs < endMs) {
      cluster.run(10);
      ask();
      each();
    }
  };
  run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  /** Runs until the node is in the state; returns how long that took. */
  const until = (node: SimNode, state: string): number => {
    const fromMs = cluster.time.nowMs;
    while (node.status.state !== state && cluster.time.nowMs < fromMs + 60_000) run(10);
    assert.equal(node.status.state, state);
    return cluster.time.nowMs - fromMs;
  };
  /** Neither adverts nor ARP pass between the nodes. */
  const cut = () => cluster.network.partition(["lb01"], ["lb02"]);
  return { cluster, lb01, lb02, run, until, cut, silent };
}

const codes = (node: SimNode) => node.daemon!.status().alarms.map(({ code }) => code);

function alarm(node: SimNode, code: string) {
  const found = node.daemon!.status().alarms.find((one) => one.code === code);
  return found ?? assert.fail(`${node.name} has no alarm ${code}: ${codes(node)}`);
}

Deno.test("a partition is reported within three adverts or three seconds, by both nodes", async (t) => {
  for (const [version, advertIntervalCs] of [[2, 100], [3, 10], [2, 200]] as const) {
    await t.step(`version ${version}, ${advertIntervalCs} cs, whenever they ask`, () => {
      const changes = { version, advertIntervalCs, authentication: { type: "none" } } as const;
      for (let phaseMs = 0; phaseMs < 1000; phaseMs += 90) {
        const { lb01, lb02, run, until, cut } = pair([changes, changes], phaseMs);
        cut();
        until(lb02, "master");
        run(Math.max(3000, 3 * 10 * advertIntervalCs));
        for (const node of [lb01, lb02]) assert.deepEqual(codes(node), ["split_brain_peer"]);
      }
    });
    await t.step(`version ${version}, ${advertIntervalCs} cs, until it is fixed`, () => {
      const changes = { version, advertIntervalCs, authentication: { type: "none" } } as const;
      const { cluster, lb01, lb02, run, until, cut } = pair([changes, changes]);
      cut();
      until(lb02, "master");
      run(Math.max(3000, 3 * 10 * advertIntervalCs));
      for (const node of [lb01, lb02]) assert.deepEqual(codes(node), ["split_brain_peer"]);
      assert.match(
        alarm(lb01, "split_brain_peer").message,
        /^lb02 \(192\.168\.31\.12\) with priority 100 says that it is master too/,
      );
      run(30_000);
      assert.deepEqual(cluster.holders, ["lb01", "lb02"], "an alarm changes nothing");
      const raised = lb01.daemon!.journal.since().filter(({ code, alarm }) =>
        code === "alarm_raised" && alarm === "split_brain_peer"
      );
      assert.equal(raised.length, 1);
      cluster.network.heal();
      run(20_000);
      assert.deepEqual([cluster.holders, codes(lb01), codes(lb02)], [["lb01"], [], []]);
    });
  }
});

Deno.test("with `yield` the weaker one lets go, and takes over when the other is gone", () => {
  const { cluster, lb01, lb02, run, until, cut } = pair([
    { splitBrain: "yield" },
    { splitBrain: "yield" },
  ]);
  cut();
  until(lb02, "master");
  assert.ok(until(lb02, "backup") <= 3000);
  assert.equal(lb02.status.reason.code, "split_brain");
  assert.match(lb02.status.reason.message, /lb01 \(192\.168\.31\.11\) with priority 150/);
  let wrong = 0;
  run(60_000, () => {
    if (cluster.holders.join() !== "lb01") wrong++;
  });
  assert.equal(wrong, 0, "one holder as long as the other answers");
  assert.deepEqual(codes(lb02), ["split_brain_peer"]);
  lb01.powerOff();
  assert.ok(until(lb02, "master") < 5000);
  run(20_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("with `yield`, an instance lets go on the word of a peer once in ten minutes at most", () => {
  const { lb01, lb02, run, until, cut } = pair([
    { splitBrain: "yield" },
    { splitBrain: "yield" },
  ]);
  cut();
  until(lb02, "master");
  until(lb02, "backup");
  lb01.powerOff();
  until(lb02, "master");
  lb01.start();
  until(lb01, "master");
  const lost = () => lb02.status.counters.released_master;
  const before = lost();
  run(9 * 60_000);
  assert.deepEqual([lb02.status.state, lost()], ["master", before]);
  assert.ok(codes(lb02).includes("split_brain_peer"), "it says so all the time");
  run(90_000);
  assert.deepEqual([lb02.status.state, lost()], ["backup", before + 1]);
});

Deno.test("with `yield`, equal priorities are distinguished by address, as in an election", () => {
  const same = { priority: 100, splitBrain: "yield" } as const;
  const cluster = pair([{ ...same, priority: 101 }, same]);
  cluster.cut();
  cluster.until(cluster.lb02, "master");
  // The same priority from now on: 192.168.31.12 is the higher address.
  void cluster.lb02.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 101 });
  assert.ok(cluster.until(cluster.lb01, "backup") <= 3000);
  cluster.run(20_000);
  assert.deepEqual(cluster.cluster.holders, ["lb02"]);
});

Deno.test("with `yield` nobody lets go on the word of a peer that does not answer any more", () => {
  const { cluster, lb01, lb02, run, until, cut, silent } = pair([
    { splitBrain: "yield" },
    { splitBrain: "yield" },
  ]);
  silent.add(lb01).add(lb02);
  run(3000);
  cut();
  until(lb02, "master");
  run(60_000);
  assert.deepEqual(cluster.holders, ["lb01", "lb02"]);
  assert.deepEqual(codes(lb02), ["peer_unreachable"]);
});

Deno.test("elections and hand-overs of a healthy pair raise nothing", async () => {
  const { cluster, lb01, lb02, run } = pair([
    { splitBrain: "yield" },
    { splitBrain: "yield" },
  ]);
  for (let i = 0; i < 5; i++) {
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
    run(3000);
    await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
    run(5000);
    await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
    run(5000);
    await cluster.settle(lb01.daemon!.command({ kind: "release", instance: "VI_1" }));
    run(5000);
    lb01.powerOff();
    run(8000);
    lb01.start();
    run(8000);
  }
  for (const node of [lb01, lb02]) {
    const raised = node.daemon!.journal.since().filter(({ code, alarm }) =>
      // That lb02 is held back after so many moves makes the pair unprotected.
      code === "alarm_raised" && alarm !== "flapping" && alarm !== "unprotected"
    );
    assert.deepEqual(raised, []);
  }
});

Deno.test("two masters until the next advert, after some were lost, are none", () => {
  for (let phaseMs = 0; phaseMs < 1000; phaseMs += 90) {
    const { cluster, lb01, lb02, run, until, cut } = pair([
      { splitBrain: "yield" },
      { splitBrain: "yield" },
    ], phaseMs);
    cut();
    until(lb02, "master");
    cluster.network.heal();
    run(15_000);
    assert.deepEqual([cluster.holders, codes(lb01), codes(lb02)], [["lb01"], [], []]);
    assert.equal(lb02.status.reason.code, "higher_priority_master", `asked at ${phaseMs} ms`);
  }
});

Deno.test("what a peer said of a time before this node was master counts for nothing", () => {
  const { cluster, lb01, lb02, run, until, cut } = pair([{}, {}]);
  cut();
  until(lb02, "master");
  while (lb01.daemon!.status().peers[0]!.instances[0]?.state !== "master") run(10);
  run(500);
  lb01.host.setLink(false);
  run(10);
  lb01.host.setLink(true);
  run(10);
  void lb01.daemon!.command({ kind: "promote", instance: "VI_1" });
  run(780);
  assert.equal(lb01.status.state, "master");
  // The link was down a moment ago, and lb02 has heard nothing since the cut.
  const others = () => codes(lb01).filter((code) => code !== "unprotected");
  assert.deepEqual(others(), ["fault"]);
  run(1500);
  assert.deepEqual(others(), ["fault", "split_brain_peer"]);
  assert.deepEqual(cluster.holders, ["lb01", "lb02"]);
});

Deno.test("settings that differ are reported on both nodes, each from its side", () => {
  const { lb01, lb02, run } = pair([
    { version: 3, authentication: { type: "none" } },
    {
      version: 3,
      authentication: { type: "none" },
      addresses: [VIP, OTHER],
      advertIntervalCs: 50,
      preempt: false,
    },
  ]);
  run(2000);
  const first = alarm(lb01, "peer_config_differs");
  assert.deepEqual([first.severity, first.subject], ["warning", "VI_1"]);
  assert.match(first.message, /advert interval 1 s here, 0\.5 s on lb02/);
  assert.match(
    first.message,
    /addresses 192\.168\.31\.5\/24 here, 192\.168\.31\.5\/24 192\.168\.31\.6\/24 on lb02/,
  );
  assert.match(first.message, /preempt yes here, no on lb02/);
  assert.match(alarm(lb02, "peer_config_differs").message, /advert interval 0\.5 s here, 1 s on/);
});

Deno.test("another VRID for the same address is a difference, and no second master by the letter", () => {
  const cluster = new SimCluster([{ priority: 150 }, { vrid: 56 }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  lb01.reload({ ...lb01.config, peers: [{ name: "lb02", url: "http://api:9112" }] });
  cluster.start();
  cluster.run(10_000);
  for (let i = 0; i < 5; i++) {
    const answer = readPeerAnswer(JSON.stringify(lb02.daemon!.status()));
    assert.ok(!("problem" in answer));
    lb01.daemon!.peerReported("lb02", { ok: true, answer });
    cluster.run(1000);
  }
  const { evidence, hint } = alarm(lb01, "vrid_differs");
  assert.match(evidence!.join("\n"), /VRID 55 here, 56 on lb02/);
  assert.match(hint, /^make the settings of this instance the same on both nodes/);
  assert.ok(!codes(lb01).includes("split_brain_peer"));
});

Deno.test("a demote that nobody could take is refused at once, and says what the other node said", async (t) => {
  const demoted = async ({ cluster, lb01 }: ReturnType<typeof pair>) => {
    const fromMs = cluster.time.nowMs;
    const result = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
    return { result, tookMs: cluster.time.nowMs - fromMs };
  };
  await t.step("the other node is in fault", async () => {
    const running = pair([{}, {}]);
    running.lb02.host.setLink(false);
    running.run(1500);
    const { result, tookMs } = await demoted(running);
    assert.ok(!result.ok);
    assert.equal(result.code, "no_other_master");
    assert.match(result.message, /^VI_1 stays master.*lb02 says that it is in fault: interface/);
    assert.ok(tookMs < 50, `${tookMs} ms`);
  });
  await t.step("the other node is demoted", async () => {
    const running = pair([{}, {}]);
    await running.cluster.settle(
      running.lb02.daemon!.command({ kind: "demote", instance: "VI_1" }),
    );
    running.run(1500);
    const { result } = await demoted(running);
    assert.match(result.ok ? "" : result.message, /demoted manually \(vipd release there/);
  });
  await t.step("the other node is not reachable: it is tried", async () => {
    const running = pair([{}, {}]);
    running.silent.add(running.lb02);
    running.lb02.host.setLink(false);
    running.run(4000);
    const { result, tookMs } = await demoted(running);
    assert.match(result.ok ? "" : result.message, /no other node took the addresses within/);
    assert.ok(tookMs > 500, `${tookMs} ms`);
  });
  await t.step("the other node is well", async () => {
    const running = pair([{}, {}]);
    const { result } = await demoted(running);
    assert.ok(result.ok);
    assert.deepEqual(result.peers, [{ peer: "lb02", state: "backup" }]);
  });
});

const YIELDS: Partial<InstanceConfig> = { splitBrain: "yield" };

/** A watch on its own, an instance that is master, and lb02, which says that it is too. */
function watched(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{}]);
  const [{ host }] = cluster.nodes as [SimNode];
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const config = instanceConfig(changes);
  const router = { state: "master", masterSeen: null as object | null };
  const log = { transition: { code: "down_timer_expired" } };
  const yielded: [atMs: number, text: string, forMs: number][] = [];
  const own = {
    ...{ config, router, log, serving: true, settings: configSettings(config) },
    conditions: { priority: { effective: 100 }, primaryAddress: "192.168.31.11" },
    otherMasterSeen: (text: string, forMs: number) => yielded.push([host.nowMs(), text, forMs]),
  };
  const instance = own as unknown as Instance;
  const watch = new PeerWatch(host, alarms, () => [instance], () => null);
  const [example] = examplePeer().instances;
  const answered = (more: Partial<PeerInstanceStatus> = {}, name = "lb02") =>
    watch.answered({
      name,
      instances: [{
        ...{ ...example!, ...own.settings, state: "master", handing_over: false },
        ...{ priority: { configured: 150, effective: 150 }, ...more },
        master: { address: "192.168.31.12", priority: 150 },
      }],
    });
  const stands = (code: "split_brain_peer" | "peer_config_differs" = "split_brain_peer") =>
    alarms.standing(code, "VI_1") !== null;
  const run = (forMs: number) => cluster.run(forMs);
  return { own, router, log, instance, watch, yielded, answered, stands, alarms, run };
}

Deno.test("a second master counts from the moment at which a change of master is over", () => {
  const rows = [[10, 100, 1100], [10, 10, 250], [200, 100, 2200], [10, null, 250]] as const;
  for (const [own, theirs, changeMs] of rows) {
    const { answered, stands, run } = watched({ advertIntervalCs: own });
    const says = { advert_interval_ms: theirs === null ? null : theirs * 10 };
    assert.equal(answered(says), changeMs);
    run(changeMs - 1);
    assert.deepEqual(
      [answered(says), stands()],
      [250, false],
      "not sooner than a change may be over",
    );
    run(1);
    assert.deepEqual([answered(says), stands()], [Infinity, true]);
  }
});

Deno.test("a suspicion ends with another word of the peer, with its silence, and with a change of this node", () => {
  const rows: readonly (readonly [string, (scene: ReturnType<typeof watched>) => void, boolean])[] =
    [
      ["nothing", () => {}, true],
      ["it is no master", ({ answered }) => answered({ state: "backup" }), false],
      ["it hands over", ({ answered }) => answered({ handing_over: true }), false],
      ["another virtual router", ({ answered }) => answered({ vrid: 56 }), false],
      ["another peer's word", ({ answered }) => answered({ state: "backup" }, "lb03"), true],
      ["silence", ({ watch }) => watch.forget("lb02"), false],
      ["another peer's silence", ({ watch }) => watch.forget("lb03"), true],
      ["a change here", ({ watch, instance }) => watch.stateChanged(instance), false],
    ];
  for (const [what, between, lasts] of rows) {
    const scene = watched();
    scene.answered();
    between(scene);
    scene.run(1100);
    assert.equal(scene.answered(), lasts ? Infinity : 1100, what);
    assert.equal(scene.stands(), lasts, what);
  }
});

Deno.test("the alarm about a second master ends with the word of the peer that it names", () => {
  const { watch, instance, answered, stands, run } = watched();
  const raise = () => {
    answered();
    run(1100);
    answered();
    assert.equal(stands(), true);
  };
  raise();
  answered({ state: "backup" }, "lb03");
  assert.equal(stands(), true);
  answered({ state: "backup" });
  assert.equal(stands(), false);
  raise();
  watch.stateChanged(instance);
  assert.equal(stands(), false);
});

Deno.test("an instance that does not serve has no second master", () => {
  const { own, answered, stands, run } = watched();
  own.serving = false;
  for (let times = 0; times < 3; times++) {
    assert.equal(answered(), Infinity);
    run(1100);
  }
  assert.equal(stands(), false);
});

Deno.test("an instance yields to a peer that outranks it, once in ten minutes, and for three and a half seconds", () => {
  const rows: readonly (readonly [Partial<InstanceConfig>, number, boolean])[] = [
    [{}, 150, false],
    [YIELDS, 99, false],
    [YIELDS, 100, true],
    [YIELDS, 150, true],
  ];
  for (const [changes, effective, yields] of rows) {
    const { yielded, answered, stands, run } = watched(changes);
    const says = { priority: { configured: 100, effective } };
    answered(says);
    run(1100);
    answered(says);
    const text = `lb02 (192.168.31.12) with priority ${effective}`;
    assert.deepEqual(yielded, yields ? [[1100, text, 3500]] : []);
    run(600_000 - 1);
    answered(says);
    assert.equal(yielded.length, yields ? 1 : 0);
    run(1);
    answered(says);
    assert.equal(yielded.length, yields ? 2 : 0);
    assert.equal(stands(), true);
  }
});

Deno.test("who has yielded stays backup while the peer says that it is master, and only then", () => {
  type Change = (scene: ReturnType<typeof watched>) => void;
  const rows: readonly (readonly [string, Partial<InstanceConfig>, Change, boolean])[] = [
    ["it has", YIELDS, () => {}, true],
    ["it is not to", {}, () => {}, false],
    ["it is in fault", YIELDS, ({ router }) => router.state = "fault", false],
    ["it was something else", YIELDS, ({ log }) => log.transition.code = "link_down", false],
    ["it hears a master", YIELDS, ({ router }) => router.masterSeen = {}, false],
  ];
  for (const [what, changes, change, waits] of rows) {
    const scene = watched(changes);
    const { own, router, log, yielded, answered, watch, instance, stands, run } = scene;
    own.serving = false;
    router.state = "backup";
    log.transition.code = "split_brain";
    change(scene);
    for (let times = 0; times < 2; times++) {
      assert.equal(answered(), Infinity);
      run(1000);
    }
    const times = yielded.map(([atMs, , forMs]) => [atMs, forMs]);
    assert.deepEqual(times, waits ? [[0, 3500], [1000, 3500]] : [], what);
    watch.stateChanged(instance);
    assert.equal(stands(), waits, what);
  }
});

Deno.test("differences are reported of each peer until it says otherwise, or is forgotten", () => {
  const { watch, answered, stands, alarms } = watched();
  const text = () => alarms.standing("peer_config_differs", "VI_1")?.message ?? "";
  const differs = () => stands("peer_config_differs");
  const well = { state: "backup" } as const;
  answered(well);
  assert.equal(differs(), false);
  answered({ ...well, preempt: false });
  answered({ ...well, preempt: false }, "lb03");
  assert.match(text(), /: preempt yes here, no on lb02; preempt yes here, no on lb03$/);
  answered(well);
  assert.match(text(), /: preempt yes here, no on lb03$/);
  watch.forget("lb03");
  answered(well);
  assert.equal(differs(), false);
});

Deno.test("what makes adverts be refused is evidence for the alarm that they are not heard", () => {
  for (
    const [says, refused] of [[{ version: 2 as const }, true], [{ preempt: false }, false]] as const
  ) {
    const { answered, alarms } = watched({ version: 3, authentication: { type: "none" } });
    alarms.raise("split_brain_advert", "VI_1", { message: "two masters", hint: "look" });
    answered({ ...says, state: "backup" });
    const codes = alarms.status().map(({ code }) => code);
    assert.equal(codes.length, refused ? 1 : 2, codes.join());
  }
});
