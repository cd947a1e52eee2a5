/** Adverts that do not leave: they renew nothing, and a master whose adverts do not leave lets go in time. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../../src/config/model.ts";
import type { HostError } from "../../../../src/host/errors.ts";
import { SendStall } from "../../../../src/node/instance/adverts/send_stall.ts";
import { InstanceLog } from "../../../../src/node/instance/instance_log.ts";
import { Alarms, HOLD_DOWN_MS } from "../../../../src/node/journal/alarms.ts";
import { instanceConfig, SimCluster } from "../../../../src/sim/cluster.ts";
import { Journal } from "../../../../src/status/journal.ts";
import type { DroppedBy } from "../../../../src/status/status.ts";
import { electedPair } from "../../elected_pair.ts";

const EPERM: HostError = {
  code: "EPERM",
  message: "Cannot send VRRP on eth1: sendto: EPERM, a firewall drops it on its way out",
};

const ENOBUFS: HostError = { code: "ENOBUFS", message: "ENOBUFS, the interface drops it" };

function watchedPair(instance: Partial<InstanceConfig> = {}) {
  const pair = electedPair(instance);
  const alarms = () =>
    pair.lb01.daemon!.status().alarms.map(({ code, severity }) => [code, severity]);
  return { ...pair, alarms };
}

/** How long, within so many milliseconds, two nodes held the addresses. */
function bothHeldMs(cluster: SimCluster, forMs: number): number {
  let bothMs = 0;
  for (let ms = 0; ms < forMs; ms++) {
    cluster.run(1);
    if (cluster.nodes.every(({ host }) => host.virtualAddresses.length > 0)) bothMs++;
  }
  return bothMs;
}

const FE80 = { address: "fe80::5", prefixLength: 64, device: "eth1" };
const WAYS: readonly (readonly [what: string, instance: Partial<InstanceConfig>])[] = [
  ["with a lease", {}],
  ["with a lease of ten seconds", { leaseSeconds: 10 }],
  ["with an advert every 100 ms", {
    version: 3,
    authentication: { type: "none" },
    advertIntervalCs: 10,
  }],
  ["over IPv6", {
    version: 3,
    family: "ipv6",
    authentication: { type: "none" },
    addresses: [FE80],
  }],
  ["from a virtual MAC address", {
    virtualInterface: "vrrp.55",
    addresses: [{ address: "192.168.31.5", prefixLength: 24, device: "vrrp.55" }],
  }],
];

for (const [what, instance] of WAYS) {
  Deno.test(`adverts do not leave, ${what}: fault before the lease ends, with alarm and count`, () => {
    const { cluster, lb01, lb02, alarms } = watchedPair(instance);
    const { advertisements_sent: sent } = lb01.status.counters;
    lb01.host.sendError = EPERM;
    lb01.host.framesFail = true;
    const limitMs = lb01.leaseMs;
    bothHeldMs(cluster, limitMs);
    assert.equal(lb01.host.virtualAddresses.length, 0);
    assert.equal(lb01.status.state, "fault");
    assert.deepEqual(lb01.status.faults, [`adverts do not leave: ${EPERM.message}`]);
    assert.ok(
      alarms().some(([code, severity]) => code === "adverts_not_sent" && severity === "error"),
    );
    const { counters } = lb01.status;
    assert.equal(counters.advertisements_sent, sent);
    assert.ok(
      counters.advertisements_failed >= 3 || limitMs / lb01.status.timers.advert_interval_ms < 4,
    );
    cluster.run(lb02.status.timers.master_down_interval_ms);
    assert.equal(lb02.status.state, "master");
    const told = lb01.daemon!.journal.since().filter(({ code }) => code === "send_failed");
    assert.equal(told.length, 1);
  });
}

Deno.test("every second advert does not leave: one entry a minute", () => {
  const { cluster, lb01 } = watchedPair();
  for (let second = 0; second < 50; second++) {
    lb01.host.sendError = second % 2 === 0 ? EPERM : null;
    cluster.run(1000);
  }
  const { state, counters } = lb01.status;
  assert.equal(state, "master");
  assert.ok(counters.advertisements_failed >= 25, `${counters.advertisements_failed}`);
  const told = lb01.daemon!.journal.since().filter(({ code }) => code === "send_failed");
  assert.equal(told.length, 1);
});

Deno.test("version 2 at 1 s: the other node serves after Master_Down_Interval, and never do both", () => {
  const { cluster, lb01, lb02 } = watchedPair();
  const fromMs = cluster.time.nowMs;
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  let servedMs: number | null = null;
  for (let ms = 0; ms < 5000; ms++) {
    cluster.run(1);
    assert.ok(cluster.holders.length < 2);
    if (lb02.holds) servedMs ??= cluster.time.nowMs - fromMs;
  }
  assert.ok(
    servedMs !== null && servedMs <= lb02.status.timers.master_down_interval_ms + 5,
    `${servedMs}`,
  );
});

Deno.test("the goodbye passes as a frame where the socket does not let it pass", () => {
  const { cluster, lb01, lb02 } = watchedPair();
  lb01.host.sendError = EPERM;
  cluster.run(3000);
  assert.equal(lb01.status.state, "fault");
  assert.equal(lb02.status.counters.priority_zero_received, 1);
  cluster.run(20_000);
  assert.equal(
    lb02.status.counters.priority_zero_received,
    1,
    "a try that fails ends no mastership",
  );
});

Deno.test("it tries again, and nobody has a second master: an advert leaves before the addresses go on", () => {
  const { cluster, lb01, lb02, alarms } = watchedPair();
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  assert.equal(bothHeldMs(cluster, 120_000), 0);
  assert.deepEqual([lb01.status.state, lb02.status.state], ["fault", "master"]);
  assert.deepEqual(alarms(), [["adverts_not_sent", "error"]]);
  assert.equal(lb01.status.counters.became_master, 1);
  // Fewer and fewer: the journal is not filled with it.
  const moves = lb01.daemon!.journal.since().filter(({ code }) => code === "state_changed").length;
  assert.ok(moves <= 20, `${moves}`);
  const told = lb01.daemon!.journal.since().filter(({ code }) => code === "send_failed");
  assert.equal(told.length, 1);
  lb01.host.sendError = null;
  assert.ok(bothHeldMs(cluster, 40_000) <= 1);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(alarms(), []);
});

Deno.test("the owner of the addresses, too, has them back only when an advert has left", () => {
  const cluster = new SimCluster([{ priority: 255 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes;
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  lb01!.host.sendError = EPERM;
  lb01!.host.framesFail = true;
  assert.equal(bothHeldMs(cluster, 60_000), 0);
  assert.deepEqual([lb01!.status.state, lb02!.status.state], ["fault", "master"]);
  assert.equal(lb01!.status.counters.became_master, 1);
  lb01!.host.sendError = null;
  assert.ok(bothHeldMs(cluster, 40_000) <= 1);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a backup whose adverts would leave again says so within a second, and blames nothing more", () => {
  const { cluster, lb01, alarms } = watchedPair({ preempt: false });
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  cluster.run(10_000);
  assert.deepEqual(alarms(), [["adverts_not_sent", "error"]]);
  while (lb01.status.state !== "backup") cluster.run(10);
  lb01.host.sendError = null;
  cluster.run(1000);
  assert.deepEqual([alarms(), lb01.status.state], [[], "backup"]);
});

Deno.test("a goodbye that it hears meanwhile is not answered at once, as by a sole backup", () => {
  const { cluster, lb01, lb02 } = watchedPair({ soleBackup: true });
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  const heardAsBackup = () => lb01.status.state === "backup" && lb01.status.master !== null;
  for (let ms = 0; ms < 60_000 && !heardAsBackup(); ms++) cluster.run(1);
  assert.ok(heardAsBackup());
  void lb02.stop();
  cluster.run(20);
  assert.ok(!lb01.holds, "nobody would hear of it");
  assert.equal(lb01.status.state, "backup");
});

Deno.test("when the other node dies meanwhile, it serves as soon as its adverts leave", () => {
  const { cluster, lb01, lb02 } = watchedPair();
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  cluster.run(20_000);
  lb02.powerOff();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, []);
  lb01.host.sendError = null;
  cluster.run(40_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a promote does not make a second master of a node whose adverts do not leave", async () => {
  const { cluster, lb01 } = watchedPair();
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  cluster.run(5500);
  assert.equal(lb01.status.state, "backup");
  await cluster.settle(lb01.daemon!.command({ kind: "promote", instance: "VI_1" }));
  assert.equal(bothHeldMs(cluster, 10_000), 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

/** Runs until the next advert is due within ten milliseconds. */
function beforeAdvert({ cluster, lb01 }: ReturnType<typeof electedPair>): void {
  const { advertisements_sent: sent } = lb01.status.counters;
  while (lb01.status.counters.advertisements_sent === sent) cluster.run(1);
  cluster.run(990);
}

for (const code of ["EAGAIN", "ENOBUFS", "EINTR"]) {
  Deno.test(`${code}: the advert is tried again in the next turn, and nobody notices`, () => {
    const pair = watchedPair();
    const { cluster, lb01, lb02, alarms } = pair;
    for (let round = 0; round < 3; round++) {
      beforeAdvert(pair);
      const { advertisements_received: received } = lb02.status.counters;
      lb01.host.sendError = { code, message: code };
      cluster.run(40);
      assert.equal(lb02.status.counters.advertisements_received, received);
      lb01.host.sendError = null;
      cluster.run(40);
      assert.equal(lb02.status.counters.advertisements_received, received + 1);
    }
    assert.deepEqual([lb01.status.state, alarms()], ["master", []]);
    assert.ok(lb01.status.lease!.renewed_ms_ago! < 100);
  });
}

Deno.test("adverts that a busy queue drops at first are one journal entry a minute, and block nothing", () => {
  const pair = watchedPair();
  const { cluster, lb01 } = pair;
  for (let round = 0; round < 30; round++) {
    beforeAdvert(pair);
    lb01.host.sendError = ENOBUFS;
    cluster.run(40);
    assert.equal(lb01.status.adverts_blocked, undefined);
    lb01.host.sendError = null;
    cluster.run(40);
  }
  const told = lb01.daemon!.journal.since().filter(({ code }) => code === "send_failed");
  assert.equal(told.length, 1);
  assert.equal(lb01.status.state, "master");
});

/** Who hears of the adverts of one instance that do not leave, on a machine of its own. */
function stalling(rules: DroppedBy | null = null) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const alarms = new Alarms(host, journal);
  const changedMs: number[] = [];
  const stall = new SendStall({
    ...{ host, alarms, log: new InstanceLog("VI_1", host, journal), instance: "VI_1" },
    droppedBy: () => rules,
    changed: () => changedMs.push(cluster.time.nowMs),
  });
  const fails = (deadlineMs = Infinity, error: HostError = EPERM) =>
    stall.sent({ left: false, error }, deadlineMs);
  const leaves = () => stall.sent({ left: true, error: null }, Infinity);
  const codes = () => alarms.status().map(({ code }) => code);
  return { cluster, stall, journal, alarms, changedMs, fails, leaves, codes };
}

Deno.test("another reason for which an advert is dropped at first is an entry a minute after the last one", () => {
  for (const [afterMs, entries] of [[59_999, 1], [60_000, 2]] as const) {
    const { cluster, journal, fails } = stalling();
    for (const why of ["a queue is full", "another queue is full"]) {
      fails(Infinity, { code: "ENOBUFS", message: why });
      cluster.run(afterMs);
    }
    assert.equal(journal.since().filter(({ code }) => code === "send_failed").length, entries);
  }
});

Deno.test("it may try again after 1 s, then after twice as long each time and 30 s at most, until one leaves", () => {
  const { cluster, stall, changedMs, fails, leaves, codes } = stalling();
  const triedAfterMs = (times: number) =>
    Array.from({ length: times }, () => {
      const fromMs = cluster.time.nowMs;
      fails();
      stall.stall();
      assert.equal(stall.fault, `adverts do not leave: ${EPERM.message}`);
      for (const before = changedMs.length; changedMs.length === before;) cluster.run(500);
      assert.equal(stall.fault, null);
      assert.equal(stall.suspect, true);
      return changedMs.at(-1)! - fromMs;
    });
  assert.deepEqual(triedAfterMs(7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.deepEqual(codes(), ["adverts_not_sent"]);
  leaves();
  assert.deepEqual([stall.suspect, codes()], [false, []]);
  assert.deepEqual(triedAfterMs(2), [1000, 2000]);
});

Deno.test("it is a fault at the last deadline that was said, unless the mastership ends or an advert leaves", () => {
  const rows = [
    ["nothing", [5000], () => {}, 5000],
    ["a later deadline", [5000, 7000], () => {}, 7000],
    ["none", [Infinity], () => {}, null],
    ["an advert leaves", [5000], ({ leaves }: ReturnType<typeof stalling>) => leaves(), null],
    ["the end", [5000], ({ stall }: ReturnType<typeof stalling>) => stall.end(), null],
  ] as const;
  for (const [what, deadlinesMs, happens, faultMs] of rows) {
    const open = stalling();
    const { cluster, stall, changedMs, fails, codes } = open;
    for (const deadlineMs of deadlinesMs) fails(deadlineMs);
    happens(open);
    cluster.run((faultMs ?? 20_000) - 1);
    assert.deepEqual([stall.fault, codes(), changedMs], [null, [], []], what);
    cluster.run(1);
    assert.equal(stall.fault !== null, faultMs !== null, what);
    assert.deepEqual(codes(), faultMs === null ? [] : ["adverts_not_sent"], what);
    assert.deepEqual(changedMs, faultMs === null ? [] : [faultMs], what);
    // A try comes even if the mastership is over by then.
    stall.end();
    cluster.run(1000);
    assert.equal(changedMs.length, faultMs === null ? 0 : 2, what);
  }
});

Deno.test("a try that fails before its deadline is a fault once: the deadline makes no second one of it", () => {
  const { cluster, stall, changedMs, fails } = stalling();
  fails(5000);
  stall.stall();
  cluster.run(20_000);
  assert.deepEqual([stall.fault, changedMs], [null, [1000]]);
});

Deno.test("an instance that has no reason to try again ends the alarm in time, and one that tries keeps it", () => {
  const { cluster, stall, fails, codes } = stalling();
  stall.mayTryWithin(3000);
  assert.deepEqual(codes(), [], "all is well");
  fails();
  stall.stall();
  stall.mayTryWithin(3000);
  cluster.run(1000);
  assert.deepEqual(codes(), ["adverts_not_sent"]);
  stall.mayTryWithin(3000);
  cluster.run(3000 + HOLD_DOWN_MS - 1);
  assert.deepEqual(codes(), ["adverts_not_sent"]);
  cluster.run(1);
  assert.deepEqual(codes(), []);
});

Deno.test("the kernel's word that adverts would leave ends it, the alarm last", () => {
  const { stall, fails, codes } = stalling();
  fails();
  stall.stall();
  const seen: unknown[] = [];
  stall.opened(() => seen.push(stall.fault, stall.suspect, ...codes()));
  assert.deepEqual(seen, [null, false, "adverts_not_sent"]);
  assert.deepEqual(codes(), []);
});

Deno.test("when an advert last left is when one did, or when the mastership began", () => {
  const { cluster, stall, fails, leaves } = stalling();
  assert.equal(stall.lastLeftMs, 0);
  const seen = [stall.begin.bind(stall), fails, leaves, fails].map((happens) => {
    cluster.run(1000);
    happens();
    return stall.lastLeftMs;
  });
  assert.deepEqual(seen, [1000, 1000, 3000, 3000]);
});

Deno.test("the remedy is the rule that drops adverts, where one may, or that of the error", () => {
  const rules = { rule: "nft, table inet cut", command: "nft insert" };
  const rows: readonly (readonly [code: string, known: boolean, remedy: RegExp])[] = [
    ["EPERM", true, /nft insert/],
    ["EPERM", false, /^`vipd doctor` here names the rule that drops protocol 112/],
    ["ENOBUFS", true, /nft insert/],
    ["ENOBUFS", false, /; the other node is master meanwhile$/],
    ["EMSGSIZE", true, /^make the MTU larger/],
    ["ENETUNREACH", true, /^give the interface a way to the peers/],
    ["EHOSTUNREACH", true, /^give the interface a way to the peers/],
    ["ENETDOWN", true, /^ip link shows/],
    ["EIO", true, /^ip -s link and ip route show/],
  ];
  for (const [code, known, remedy] of rows) {
    const { stall, alarms, fails, leaves } = stalling(known ? rules : null);
    fails(Infinity, { code, message: "why" });
    assert.equal(stall.blocked, null, "it may pass");
    stall.stall();
    assert.match(alarms.status()[0]!.hint, remedy, code);
    assert.equal(stall.blocked, code === "ENOBUFS" ? "why" : null, code);
    leaves();
    assert.equal(stall.blocked, null);
  }
});

for (const dropping of [[], [{ place: "nft, table netdev f", command: "nft insert" }]]) {
  const what = dropping.length > 0 ? "the rule" : "chains and queues";
  Deno.test(`what the interface drops is blocked until an advert leaves, and the remedy names ${what}`, () => {
    const { cluster, lb01, lb02 } = watchedPair();
    lb01.host.sendError = ENOBUFS;
    lb01.host.framesFail = true;
    lb01.host.dropping.out = dropping;
    assert.equal(bothHeldMs(cluster, 30_000), 0);
    const { alarms } = lb01.daemon!.status();
    const hint = alarms.find(({ code }) => code === "adverts_not_sent")?.hint ?? "";
    const said = dropping.length > 0 ? /nft insert.*table netdev f/ : /egress chains.*qdisc show/;
    assert.match(hint, said);
    assert.equal(lb01.status.adverts_blocked, ENOBUFS.message);
    lb01.host.sendError = null;
    lb01.host.dropping.out = [];
    cluster.run(40_000);
    assert.deepEqual([lb01.status.state, lb01.status.adverts_blocked], ["master", undefined]);
    assert.equal(lb02.status.state, "backup");
  });
}

Deno.test("other errors are not tried again before the next advert, and such an advert renews no lease", () => {
  const pair = watchedPair();
  const { cluster, lb01, lb02 } = pair;
  beforeAdvert(pair);
  const { advertisements_received: received } = lb02.status.counters;
  lb01.host.sendError = EPERM;
  cluster.run(40);
  lb01.host.sendError = null;
  cluster.run(900);
  assert.equal(lb02.status.counters.advertisements_received, received);
  assert.ok(lb01.status.lease!.renewed_ms_ago! > 1900);
  cluster.run(100);
  assert.equal(lb02.status.counters.advertisements_received, received + 1);
  assert.ok(lb01.status.lease!.renewed_ms_ago! < 100);
});

Deno.test("without a lease the limit is as many adverts as may be missing", () => {
  const permanent = instanceConfig({ priority: 150, leaseSeconds: null });
  const cluster = new SimCluster([permanent, { priority: 100 }]);
  const lb01 = cluster.nodes[0]!;
  // The simulated instance has a lease unless its configuration says otherwise.
  lb01.reload({ ...lb01.config, instances: [permanent] });
  cluster.start();
  cluster.run(10_000);
  assert.equal(lb01.status.lease, null);
  lb01.host.sendError = EPERM;
  lb01.host.framesFail = true;
  assert.equal(bothHeldMs(cluster, 3000), 0);
  assert.equal(lb01.status.state, "fault");
  assert.equal(bothHeldMs(cluster, 1000), 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("without a lease a new master whose adverts do not leave has as long as any other", () => {
  const permanent = { ...instanceConfig({ priority: 100 }), leaseSeconds: null };
  const cluster = new SimCluster([{ priority: 150 }, permanent]);
  const [lb01, lb02] = [cluster.nodes[0]!, cluster.nodes[1]!];
  lb02.reload({ ...lb02.config, instances: [permanent] });
  cluster.start();
  cluster.run(10_000);
  lb02.host.sendError = EPERM;
  lb02.host.framesFail = true;
  lb01.kill();
  for (let ms = 0; ms < 5000 && lb02.status.state !== "master"; ms++) cluster.run(1);
  cluster.run(1000);
  assert.equal(lb02.status.state, "master");
  cluster.run(3000);
  assert.notEqual(lb02.status.state, "master");
});
