/** What is made of the other load balancers' answers, on virtual time. */

import assert from "node:assert/strict";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { FRESH_MS, Peers } from "../../../src/node/pair/peers.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { config, instanceConfig, SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { reasonCause } from "../../../src/status/pair/standby_reasons.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { electedPair } from "../elected_pair.ts";
import { countTimers } from "../count_timers.ts";
import type { PeerAnswer, PeerReport } from "../../../src/status/reports/peer_answer.ts";
import type { PeerInstanceStatus } from "../../../src/status/status.ts";

const PEERS = [{ name: "peer", url: "http://192.168.31.12:9112" }];
const DEAD: PeerReport = { ok: false, error: "nobody listens there" };

/** One node that has a peer. */
function lonely() {
  const cluster = new SimCluster([{}]);
  const [lb01] = cluster.nodes;
  lb01!.reload({ ...config("lb01", {}), peers: PEERS });
  cluster.start();
  const node = lb01!.daemon!;
  const told = (report: PeerReport) => node.peerReported("peer", report);
  const alarms = () => node.status().alarms.map(({ code }) => code);
  return { cluster, node, told, alarms };
}

const alive = (node = "lb02"): PeerReport => ({
  ok: true,
  answer: { node, version: "0.1.0", instances: [] },
});

Deno.test("a peer that answers is asked every second, and is not reachable when its answer is old", () => {
  const { cluster, node, told } = lonely();
  assert.equal(told(alive()), 1000);
  const [seen] = node.status().peers;
  assert.deepEqual([seen!.reachable, seen!.node, seen!.error], [true, "lb02", null]);
  assert.match(seen!.last_seen!, /^\d{4}-/);
  cluster.run(2000);
  assert.equal(node.status().peers[0]!.reachable, true);
  cluster.run(600);
  const [lost] = node.status().peers;
  assert.deepEqual([lost!.reachable, lost!.instances, lost!.node], [false, [], "lb02"]);
});

Deno.test("of a peer that does not answer the last comparison of rehearsals holds", () => {
  const { node, told } = lonely();
  const rehearsed = { began: "2026-03-01T10:03:00.000Z", is_last: true };
  for (const report of [alive(), DEAD]) {
    told({ ...report, rehearsal: [], rehearsed });
    const [seen] = node.status().peers;
    assert.deepEqual([seen!.rehearsal, seen!.rehearsed], [[], rehearsed]);
  }
  told(alive());
  assert.equal(node.status().peers[0]!.rehearsed, undefined);
});

Deno.test("a peer that does not answer is an alarm after ten seconds, and is asked more seldom then", () => {
  const SILENT = { ok: false, error: "no whole answer within 1 s" } as const;
  const { cluster, node, told, alarms } = lonely();
  told(alive());
  for (let seconds = 0; seconds < 10; seconds++) {
    assert.equal(told(SILENT), 1000, `after ${seconds} s`);
    assert.ok(!alarms().includes("peer_unreachable"));
    cluster.run(1000);
  }
  assert.equal(told(SILENT), 3000);
  assert.deepEqual(alarms(), ["peer_unreachable"]);
  assert.match(node.status().alarms[0]!.message, /^peer \(http:.*no whole answer within 1 s$/);
  cluster.run(60_000);
  told(alive());
  cluster.run(9000);
  told(alive());
  assert.deepEqual(alarms(), ["peer_unreachable"], "one that comes and goes is one alarm");
  cluster.run(1500);
  assert.deepEqual(alarms(), []);
});

Deno.test("what keeps this node from asking is not blamed on the peer", () => {
  const { cluster, node, told, alarms } = lonely();
  const error = "cannot read the token file /etc/vipd/peer.token: EACCES";
  for (let seconds = 0; seconds < 11; seconds++) {
    told({ ok: false, error, cause: "not_asked" });
    cluster.run(1000);
  }
  told({ ok: false, error, cause: "not_asked" });
  const status = node.status();
  assert.deepEqual(alarms(), ["peer_unreachable"]);
  assert.match(status.alarms[0]!.message, /^this node cannot ask peer \(http:.*EACCES$/);
  assert.match(status.alarms[0]!.hint, /^correct that here/);
  const { verdict, reasons: [reason] } = status.instances[0]!.pair;
  assert.deepEqual([verdict, reason?.code, reason?.node], [
    "unverified",
    "peer_not_asked",
    status.node,
  ]);
  assert.equal(status.peers[0]!.error_cause, "not_asked");
  told(alive());
  assert.equal(node.status().peers[0]!.error_cause, undefined);
});

Deno.test("an API that answers and does not fit is not said to be silent", () => {
  const { cluster, node, told } = lonely();
  const error = "it refuses the token in token_file (401)";
  for (let seconds = 0; seconds < 12; seconds++) {
    told({ ok: false, error, cause: "mismatch" });
    cluster.run(1000);
  }
  const { alarms: [alarm], instances } = node.status();
  assert.match(alarm!.message, /^this node gets no status of peer \(http:.*refuses the token in/);
  assert.match(alarm!.hint, /vipd pair on both again/);
  const [reason] = instances[0]!.pair.reasons;
  assert.equal(
    reason?.message,
    "lb01 gets no status of peer: it refuses the token in token_file (401)",
  );
  assert.equal(reason?.hint, alarm!.hint);
});

Deno.test("a peer that nobody asks is not said to be silent: the remedy is this node's front", () => {
  const { cluster, node, told } = lonely();
  const [lb01] = cluster.nodes;
  const alarm = () => node.status().alarms.find(({ code }) => code === "peer_unreachable");
  const hint = /^does the front of vipd, which asks it, run here \(systemctl status vipd-front/;
  cluster.run(11_000);
  lb01!.reload({ ...lb01!.config, instances: [instanceConfig({ priority: 120 })] });
  assert.match(alarm()!.message, /^this node does not ask peer \(http:\S+, so nothing is known/);
  assert.match(alarm()!.hint, hint);

  told(DEAD);
  assert.match(alarm()!.message, /^peer \(http:.* does not answer: nobody listens there$/);
  assert.equal(node.status().peers[0]!.error, "nobody listens there");
  cluster.run(9000);
  assert.match(alarm()!.message, /does not answer/);
  // The front ends: what it heard last is old.
  cluster.run(2000);
  assert.match(alarm()!.message, /^this node does not ask peer/);
  assert.match(alarm()!.hint, hint);
  assert.equal(node.status().peers[0]!.error, null);
  cluster.run(5000);
  const [reason] = node.status().instances[0]!.pair.reasons;
  assert.deepEqual([reason?.code, reason?.node], ["peer_not_asked", "lb01"]);

  node.apiDown("the front has ended");
  lb01!.reload({ ...lb01!.config, instances: [instanceConfig({ priority: 110 })] });
  assert.deepEqual(node.status().alarms.map(({ code }) => code), ["api_down"]);
});

Deno.test("a node that asks itself by mistake says so and believes nothing", () => {
  const { node, told } = lonely();
  assert.equal(told(alive("lb01")), 1000);
  const [peer] = node.status().peers;
  assert.equal(peer!.reachable, false);
  assert.match(peer!.error!, /calls itself lb01, as this node does/);
});

Deno.test("a reload keeps what is known of a peer, and forgets one that is gone or elsewhere", () => {
  const { cluster, node, told, alarms } = lonely();
  const [lb01] = cluster.nodes;
  const before = lb01!.config;
  told(alive());
  lb01!.reload({ ...before, peers: [{ ...PEERS[0]!, tokenFile: "/etc/vipd/token" }] });
  assert.equal(node.status().peers[0]!.reachable, true);
  lb01!.reload({ ...before, peers: [{ name: "peer", url: "http://192.168.31.13:9112" }] });
  assert.equal(node.status().peers[0]!.last_seen, null);
  cluster.run(11_000);
  told(DEAD);
  assert.deepEqual(alarms(), ["peer_unreachable"]);
  lb01!.reload({ ...before, peers: [] });
  cluster.run(10_500);
  assert.deepEqual([alarms(), node.status().peers], [[], []]);
  assert.equal(told(alive()), 1000, "an answer that comes too late is nothing");
});

/** What lb01 makes of the words of lb02, and those words. */
function asked(names = ["peer"]) {
  const { cluster, lb01: { config, host }, lb02 } = electedPair();
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const configured = names.map((name) => ({ ...PEERS[0]!, name }));
  const peers = new Peers({ ...config, peers: configured }, host, alarms, () => [], () => null);
  const said = readPeerAnswer(JSON.stringify(lb02.daemon!.status()));
  if ("problem" in said) assert.fail(said.problem);
  const answers = (changes: Partial<PeerAnswer>, name = "peer") =>
    peers.reported(name, { ok: true, answer: { ...said, ...changes } });
  const says = (changes: Partial<PeerInstanceStatus>, name?: string) => {
    const instances = said.instances.map((instance) => ({ ...instance, ...changes }));
    answers({ instances }, name);
  };
  return { cluster, host, instance: { config: config.instances[0]! }, peers, answers, says };
}

Deno.test("what a peer said of an instance counts until it is old", () => {
  const { cluster, instance, peers, says } = asked();
  says({ adverts_dropped_by: { rule: "nft, table inet cut", command: "nft insert" } });
  const known = () => [peers.haveBetter(instance), peers.dropping(instance).length];
  cluster.run(FRESH_MS - 1);
  assert.deepEqual(known(), [true, 1]);
  cluster.run(1);
  assert.deepEqual(known(), [false, 0]);
  assert.equal(FRESH_MS, 2500);
  peers.close();
});

Deno.test("a suspicion of a peer lasts while it is asked at the same place, and answers", () => {
  const peers = (changes: object = {}) => [{ ...PEERS[0]!, ...changes }];
  type Step = (node: SimNode, run: (forMs: number) => void) => void;
  const fails = (afterMs: number): Step => ({ daemon }, run) => {
    run(afterMs);
    daemon!.peerReported("peer", DEAD);
  };
  const reload = (changes: object): Step => (node) =>
    node.reload({ ...node.config, peers: peers(changes) });
  const rows: readonly (readonly [string, Step, boolean])[] = [
    ["a reload that changes something else", reload({ tokenFile: "/etc/vipd/token" }), true],
    ["a reload that names another place", reload({ url: "http://192.168.31.13:9112" }), false],
    ["it does not answer once", fails(FRESH_MS - 1), true],
    ["it has not answered for long", fails(FRESH_MS), false],
  ];
  for (const [what, step, lasts] of rows) {
    const cluster = new SimCluster([{ priority: 150 }, {}]);
    const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
    cluster.network.partition(["lb01"], ["lb02"]);
    lb01.reload({ ...lb01.config, peers: peers() });
    cluster.start();
    cluster.run(10_000);
    const answered = () => {
      const answer = readPeerAnswer(JSON.stringify(lb02.daemon!.status()));
      if ("problem" in answer) assert.fail(answer.problem);
      lb01.daemon!.peerReported("peer", { ok: true, answer });
    };
    answered();
    step(lb01, (forMs) => cluster.run(forMs));
    cluster.run(1100);
    answered();
    const codes = lb01.daemon!.status().alarms.map(({ code }) => code);
    assert.equal(codes.includes("split_brain_peer"), lasts, what);
  }
});

Deno.test("of the addresses from which a peer has advertised, those sixteen count that it named last", () => {
  const { peers, says } = asked();
  const address = (number: number) => `192.168.32.${number}`;
  const advertises = (number: number) =>
    says({ state: "master", master: { address: address(number), priority: 100 } });
  const forgotten = () =>
    Array.from({ length: 17 }, (_, at) => at + 1)
      .filter((number) => peers.nameOf(address(number)) !== "peer");
  for (let number = 1; number <= 16; number++) advertises(number);
  assert.deepEqual(forgotten(), [17]);
  advertises(1);
  advertises(17);
  assert.deepEqual(forgotten(), [2]);
});

Deno.test("a peer is known by its configured address, and by what it says as master alone", () => {
  const { peers, says } = asked();
  const master = { address: "192.168.32.1", priority: 100 };
  says({ state: "backup", master });
  says({ state: "master", master: null });
  assert.equal(peers.nameOf(master.address), null);
  assert.deepEqual([peers.nameOf("192.168.31.12"), peers.nameOf("192.168.31.13")], ["peer", null]);
  says({ state: "master", master });
  assert.deepEqual(peers.nodes, [{ name: "peer", addresses: [master.address, "192.168.31.12"] }]);
  // What a peer says of itself is no evidence.
  const known = [master.address, "192.168.31.12"].map((address) => peers.haveAddress(address));
  assert.deepEqual(known, [false, true]);
});

Deno.test("whether a peer could take over, or is only held back, is what it says of itself", () => {
  const held = { priority: { configured: 100, effective: 1 }, lowered_by: ["held back: moves"] };
  const only = "serves only if no other node does (priority 1 instead of 100)";
  const rows: readonly (readonly [
    string,
    Partial<PeerInstanceStatus>,
    { readonly unable?: string; readonly better?: true; readonly held?: true },
  ])[] = [
    ["a backup", {}, { better: true }],
    ["a master", { state: "master" }, {}],
    ["in fault", { state: "fault" }, { unable: "is in fault" }],
    ["demoted", { override: "demoted" }, {
      unable: "is demoted manually (vipd release there ends that)",
    }],
    ["held back", held, { unable: only, held: true }],
    ["held back, for another cause as well", {
      ...held,
      lowered_by: [...held.lowered_by, "check a"],
    }, { unable: only }],
    ["not well", { ...held, lowered_by: ["check a"] }, { unable: only }],
    ["held back and promoted", { ...held, override: "promoted" }, { unable: only }],
    ["held back in fault", { ...held, state: "fault" }, { unable: "is in fault" }],
    ["another virtual router", { ...held, vrid: 56 }, {}],
  ];
  for (const [what, changes, { unable, better = false, held = false }] of rows) {
    const { cluster, instance, peers, says } = asked();
    says(changes);
    const why = unable === undefined ? null : `peer says that it ${unable}`;
    assert.equal(peers.noneAble(instance), why, what);
    assert.deepEqual([peers.haveBetter(instance), peers.heldBack(instance) === "peer"], [
      ...[better, held],
    ], what);
    cluster.run(FRESH_MS);
    assert.deepEqual([peers.noneAble(instance), peers.heldBack(instance)], [null, null], what);
  }
});

Deno.test("none is able if no peer is, and each says why", () => {
  for (const second of ["fault", "backup", "nobody", "another"] as const) {
    const { instance, peers, says } = asked(["a", "b"]);
    says({ state: "fault" }, "a");
    if (second === "another") says({ vrid: 56 }, "b");
    else if (second !== "nobody") says({ state: second }, "b");
    const [a, b] = ["a", "b"].map((name) => `${name} says that it is in fault`);
    const expected = { fault: `${a}; ${b}`, another: a!, backup: null, nobody: null };
    assert.equal(peers.noneAble(instance), expected[second], second);
  }
});

Deno.test("a peer that has an address as backup is named", () => {
  const { instance, peers, says } = asked();
  says({});
  const whole = instance as Instance;
  assert.equal(peers.withAddressOnBackup(whole), null);
  says({ address_on_backup: { address: "192.168.31.5", device: "eth1" } });
  assert.equal(peers.withAddressOnBackup(whole), "peer");
  assert.deepEqual(peers.counterparts(whole), [{ peer: "peer", state: "backup" }]);
  says({ vrid: 56 });
  assert.deepEqual(peers.counterparts(whole), []);
});

Deno.test("a restart in order is another engine after none that died", () => {
  const engine = (startedAt: string, restarts = 0) => ({ startedAt, restarts });
  const rows = [
    [engine("a"), engine("b"), true],
    [engine("a"), engine("a"), false],
    [engine("a"), engine("b", 1), false],
    [undefined, engine("b"), false],
    [engine("a"), undefined, false],
  ] as const;
  for (const [before, after, isRestart] of rows) {
    const { cluster, host, peers, answers } = asked();
    answers({ engine: before });
    cluster.run(1000);
    answers({ engine: after });
    assert.equal(peers.restartedMs, isRestart ? host.nowMs() : -Infinity);
    cluster.run(1000);
    answers({ engine: after });
    assert.equal(peers.restartedMs, isRestart ? host.nowMs() - 1000 : -Infinity);
  }
});

Deno.test("after ten seconds without an outcome nobody asks, which is looked at once", () => {
  const cluster = new SimCluster([{}, {}]);
  const [{ host, config: own }, { host: elsewhere }] = cluster.nodes as [SimNode, SimNode];
  const alarms = new Alarms(elsewhere, new Journal(() => host.wallClockMs()));
  const timers = countTimers(host);
  const peers = new Peers({ ...own, peers: PEERS }, host, alarms, () => [], () => null);
  const isAsked = () =>
    alarms.standing("peer_unreachable", null)?.message.startsWith("peer (http") ?? null;
  peers.reported("peer", DEAD);
  cluster.run(9999);
  peers.reported("peer", DEAD);
  assert.deepEqual([isAsked(), timers.running], [null, 0]);
  cluster.run(1);
  peers.reported("peer", DEAD);
  for (const [forMs, asked] of [[0, true], [9999, true], [1, false]] as const) {
    cluster.run(forMs);
    assert.deepEqual([isAsked(), timers.running], [asked, asked ? 1 : 0]);
  }
  peers.reported("peer", DEAD);
  peers.reported("peer", DEAD);
  assert.equal(timers.running, 1);
  peers.close();
  assert.equal(timers.running, 0);
});

Deno.test("of several peers that do not answer, those are named of which no other alarm says why", () => {
  const rows = [[[], ["a", "b"]], [["a"], ["b"]], [["b"], ["a"]], [["a", "b"], [
    "a",
    "b",
  ]]] as const;
  for (const [stopped, named] of rows) {
    const cluster = new SimCluster([{}]);
    const [{ host, config: own }] = cluster.nodes as [SimNode];
    const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
    const configured = ["a", "b"].map((name) => ({ ...PEERS[0]!, name }));
    const peers = new Peers({ ...own, peers: configured }, host, alarms, () => [], () => null);
    const causes = stopped.map((node) => reasonCause({ code: "standby_stopped", node }));
    if (causes.length > 0) {
      alarms.raise("unprotected", "VI_1", { message: "stopped", hint: "start it", causes });
    }
    cluster.run(10_000);
    for (const { name } of configured) peers.reported(name, DEAD);
    const texts = alarms.standing("peer_unreachable", null)!.message.split("; ");
    assert.deepEqual(texts.map((text) => text.split(" ")[0]), named);
  }
});
