/** Verdicts over time, in the simulator: each bad one comes within five seconds, and nothing planned brings one. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { NodeParts } from "../../../src/node/node_parts.ts";
import { PairWatch } from "../../../src/node/pair/pair_watch.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked, VIP } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { Journal } from "../../../src/status/journal.ts";
import { PAIR_REASONS } from "../../../src/status/codes/verdicts.ts";
import type { PeerStatus } from "../../../src/status/status.ts";
import { encodeAdvertisement, VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import { countTimers } from "../count_timers.ts";
import { examplePeer } from "./example_peer.ts";
import { knownPair } from "./known_pair.ts";

Deno.test("a healthy pair is protected on both nodes, which is no news", () => {
  const { lb01, lb02, pairOf, changes } = knownPair();
  for (const node of [lb01, lb02]) {
    assert.equal(pairOf(node).sentence, "VI_1 is served by lb01; lb02 is ready");
    assert.equal(pairOf(node).verdict, "protected");
    assert.deepEqual(changes(node), []);
  }
});

Deno.test("a master to which the kernel refuses an address serves nobody, by its own word and by its peer's", () => {
  const second = { ...VIP, address: "192.168.31.6" };
  const { lb01, lb02, contact, run, pairOf } = knownPair({ addresses: [VIP, second] });
  contact.set(lb02, "silent");
  lb02.host.setLink(false);
  lb01.host.refuses.set(second.address, { code: "EPERM", message: "EPERM" });
  lb01.host.stealAddress(second.address);
  run(60_000);
  assert.equal(lb01.status.state, "master", "with the other one");
  for (const node of [lb01, lb02]) {
    const { verdict, sentence } = pairOf(node);
    assert.equal(verdict, "unserved", sentence);
    assert.match(sentence, /lb01 is master and does not hold 192\.168\.31\.6$/);
  }
  lb01.host.refuses.clear();
  run(10_000);
  assert.notEqual(pairOf(lb01).verdict, "unserved");
});

for (
  const [contact, verdict, code] of [
    ["refused", "unprotected", "standby_stopped"],
    ["engine_gone", "unprotected", "standby_stopped"],
    ["silent", "unverified", "peer_silent"],
    ["not_asked", "unverified", "peer_not_asked"],
    ["mismatch", "unverified", "peer_not_asked"],
  ] as const
) {
  Deno.test(`an API that is ${contact}: ${verdict} within five seconds, and back`, () => {
    const { lb01, lb02, contact: contacts, run, pairOf } = knownPair();
    contacts.set(lb02, contact);
    run(5000);
    assert.equal(pairOf(lb01).verdict, verdict);
    assert.equal(pairOf(lb01).reasons[0]?.code, code);
    const alarms = lb01.daemon!.status().alarms.map((alarm) => alarm.code);
    assert.equal(alarms.includes("unprotected"), verdict === "unprotected");
    contacts.set(lb02, "open");
    run(5000);
    assert.equal(pairOf(lb01).verdict, "protected");
  });

  Deno.test(`an API that is ${contact} for two seconds, as in a restart, is no news`, () => {
    const { lb01, lb02, contact: contacts, run, changes } = knownPair();
    const before = changes(lb01);
    contacts.set(lb02, contact);
    run(2000);
    contacts.set(lb02, "open");
    run(10_000);
    assert.deepEqual(changes(lb01), before);
  });
}

for (const begin of ["refused", "silent"] as const) {
  for (const everyMs of [1000, 2000, 3000, 4000, 7000]) {
    const name =
      `an API that is in turn refused and silent, ${begin} first, each for ${everyMs} ms`;
    Deno.test(`${name}: one verdict within a turn and five seconds, one alarm of each kind`, () => {
      const { lb01, lb02, contact, run, pairOf } = knownPair();
      const entries = () =>
        lb01.daemon!.journal.since().flatMap(({ code, message, alarm }) =>
          code === "verdict_changed" ? message.split(": ")[1]! : alarm ? `${code} ${alarm}` : []
        );
      const before = entries().length;
      const turn = (at: number) => {
        contact.set(
          lb02,
          (at / everyMs % 2 === 0) === (begin === "refused") ? "refused" : "silent",
        );
        run(everyMs);
      };
      let at = 0;
      for (; at < 5000 + everyMs; at += everyMs) turn(at);
      assert.equal(pairOf(lb01).verdict, "unprotected");
      assert.equal(pairOf(lb01).reasons[0]?.code, "standby_stopped");
      for (; at < 60_000; at += everyMs) turn(at);
      const seen = entries().slice(before);
      const count = (entry: string) => seen.filter((other) => other === entry).length;
      assert.deepEqual(
        seen.filter((entry) => entry.includes("->")),
        begin === "silent" && everyMs >= 3000
          ? ["protected -> unverified", "unverified -> unprotected"]
          : ["protected -> unprotected"],
      );
      assert.equal(count("alarm_raised unprotected"), 1);
      assert.equal(count("alarm_cleared unprotected"), 0);
      // It is evidence of the other alarm as soon as that one stands.
      assert.ok(count("alarm_raised peer_unreachable") <= 1, seen.join());
    });
  }
}

for (const how of ["mismatch", "silent"] as const) {
  Deno.test(`a node that refused and serves again has not stopped, though its API is ${how}`, () => {
    const { lb01, lb02, cluster, contact, run, pairOf } = knownPair();
    contact.set(lb01, "refused");
    lb01.kill();
    run(10_000);
    assert.equal(pairOf(lb02).reasons[0]?.code, "standby_stopped");
    contact.set(lb01, how);
    lb01.start();
    const seen = new Set<string>();
    for (let ms = 0; ms < 12_000; ms += 100) {
      run(100);
      const { served_by, sentence } = pairOf(lb02);
      if (served_by === lb01.name) seen.add(sentence);
    }
    assert.equal(cluster.nodes[0]!.status.state, "master");
    assert.deepEqual([...seen].filter((sentence) => /does not run/.test(sentence)), []);
  });
}

Deno.test("planned hand-overs bring no verdict but protected, if the override ends", async () => {
  const { cluster, lb01, lb02, run, changes } = knownPair();
  const before = [changes(lb01), changes(lb02)];
  for (let round = 0; round < 5; round++) {
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
    run(5000);
    await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
    run(10_000);
  }
  assert.deepEqual([changes(lb01), changes(lb02)], before);
});

Deno.test("a partition is contested within five seconds of the second master", () => {
  const { cluster, lb01, lb02, run, pairOf } = knownPair();
  cluster.network.partition(["lb01"], ["lb02"]);
  run(9000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "contested");
  cluster.network.heal();
  run(6000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "protected");
});

/** A machine on the link that is no load balancer and has the address. */
function stranger({ cluster }: ReturnType<typeof knownPair>): SimHost {
  const machine = { name: "printer", interface: "eth1", address: "192.168.31.77" };
  return new SimHost(machine, cluster.time, cluster.network);
}

Deno.test("a third machine with the address is contested on both nodes within five seconds, and back", () => {
  const pair = knownPair();
  const { lb01, lb02, run, pairOf } = pair;
  const printer = stranger(pair);
  printer.addAddress(VIP);
  run(5000);
  for (const node of [lb01, lb02]) {
    const { verdict, sentence, reasons: [reason] } = pairOf(node);
    assert.equal(verdict, "contested");
    assert.equal(
      sentence,
      "VI_1 is contested: lb01 sees another machine with an address: another host answers for 192.168.31.5 too, " +
        "at 02:00:00:00:00:4d; no VRRP of it arrives",
    );
    assert.deepEqual([reason?.code, reason?.node], ["address_conflict", "lb01"]);
    assert.match(reason!.hint, /^on lb0[12]: find 02:00:00:00:00:4d .* remove the address there/);
  }
  run(60_000);
  assert.deepEqual([lb01, lb02].map((node) => pairOf(node).verdict), ["contested", "contested"]);
  printer.removeAddress(VIP);
  run(5000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "protected");
});

Deno.test("the peer that is master too is not taken for a third machine, nor after that is over", () => {
  const { cluster, lb01, lb02, run, pairOf } = knownPair();
  const codes = () => [lb01, lb02].flatMap((node) => pairOf(node).reasons.map(({ code }) => code));
  for (const [from, to] of [["lb01", "lb02"], ["lb02", "lb01"]] as const) {
    cluster.network.filterVrrp(from, to);
  }
  const later = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 100) {
      run(100);
      for (const { daemon, name } of [lb01, lb02]) {
        assert.equal(daemon!.status().instances[0]!.address_conflict, undefined, name);
      }
    }
  };
  run(10_000);
  later(5000);
  assert.deepEqual(codes(), ["two_holders", "two_holders"]);
  assert.match(pairOf(lb01).sentence, /lb01 and lb02 are master at the same time$/);
  cluster.network.heal();
  later(5000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "protected");
});

Deno.test("a third router that is master too is contested, though the other node answers", () => {
  const pair = knownPair({ version: 3, authentication: { type: "none" } });
  const { lb01, lb02, run, pairOf } = pair;
  const third = stranger(pair);
  const port = third.openVrrp("eth1", "ipv4", () => {});
  const envelope = { source: "192.168.31.77", destination: VRRP_GROUP.ipv4 } as const;
  const payload = encodeAdvertisement(
    { version: 3, vrid: 55, priority: 90, intervalCs: 100, addresses: [VIP.address] },
    envelope,
    "pseudo_header",
  );
  for (let s = 0; s < 10; s++) {
    port.send(payload, envelope.source, envelope.destination);
    run(1000);
  }
  for (const node of [lb01, lb02]) {
    assert.match(
      pairOf(node).sentence,
      /contested: lb01 sees another machine with an address: .*192\.168\.31\.77/,
    );
  }
});

Deno.test("a standby that hears nobody from its start on is never said to be ready", () => {
  const { cluster, lb01, lb02, run, pairOf } = knownPair();
  for (const node of [lb01, lb02]) node.kill();
  cluster.network.filterVrrp("lb01", "lb02");
  run(10_000);
  lb01.start();
  run(8000);
  lb02.start();
  for (let ms = 0; ms < 12_000; ms += 100) {
    run(100);
    for (const node of [lb01, lb02]) {
      assert.notEqual(pairOf(node).verdict, "protected", `${node.name} after ${ms} ms`);
    }
  }
});

Deno.test("after a move no sentence has the node that serves for a standby", async () => {
  const { cluster, lb01, lb02, run, pairOf } = knownPair();
  const consistent = () => {
    for (const node of [lb01, lb02]) {
      const { served_by: server, ready, reasons, sentence } = pairOf(node);
      assert.ok(server === null || !ready.includes(server), sentence);
      const standby = reasons.find((it) => it.code.startsWith("standby_") && it.node === server);
      assert.equal(standby, undefined, sentence);
    }
  };
  const later = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      run(100);
      consistent();
    }
  };
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  later(5000);
  await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
  later(10_000);
  // lb02 hears nothing any more, takes over, and hears again.
  cluster.network.filterVrrp("lb01", "lb02");
  later(10_000);
  cluster.network.heal();
  later(10_000);
});

Deno.test("a command that moves the addresses answers with who serves now", async () => {
  const { cluster, lb01, lb02, run, pairOf } = knownPair();
  const promoted = await cluster.settle(
    lb02.daemon!.command({ kind: "promote", instance: "VI_1" }),
  );
  assert.ok(promoted.ok);
  assert.match(promoted.instance.pair.sentence, /^VI_1 is served by lb02; /);
  run(5000);
  assert.equal(pairOf(lb01).sentence, "VI_1 is served by lb02; lb01 is ready");
  const demoted = await cluster.settle(lb02.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.ok(demoted.ok);
  assert.match(demoted.instance.pair.sentence, /^VI_1 is served by lb01; /);
});

Deno.test("what is neither good nor bad for long is not protected", () => {
  const { lb01, lb02, altered, run, pairOf } = knownPair();
  altered.set(lb02, (instance) => ({ ...instance, master: null }));
  run(4000);
  assert.equal(pairOf(lb01).verdict, "protected");
  run(3000);
  assert.deepEqual(
    [pairOf(lb01).verdict, pairOf(lb01).sentence],
    ["unverified", "VI_1 is served by lb01; whether another node is ready is not known yet"],
  );
  altered.delete(lb02);
  run(3000);
  assert.equal(pairOf(lb01).verdict, "protected");
});

/** lb02 is away, answers as one that has heard nobody yet, and is ready in the end. */
function restartSlowly(
  { lb02, contact, altered, engines, run }: ReturnType<typeof knownPair>,
  restarts: number,
  { awayMs = 2800, deafMs = 4000 } = {},
): void {
  contact.set(lb02, "refused");
  run(awayMs);
  contact.delete(lb02);
  const { started = 0 } = engines.get(lb02) ?? {};
  engines.set(lb02, { started: started + awayMs, restarts });
  altered.set(lb02, (instance) => ({ ...instance, master: null }));
  run(deafMs);
}

Deno.test("a clean restart that takes a busy machine seven seconds is no news", () => {
  for (let phaseMs = 0; phaseMs < 1000; phaseMs += 130) {
    const pair = knownPair();
    pair.run(phaseMs);
    const before = pair.changes(pair.lb01);
    restartSlowly(pair, 0);
    pair.altered.delete(pair.lb02);
    pair.run(10_000);
    assert.deepEqual(pair.changes(pair.lb01), before, `phase ${phaseMs} ms`);
  }
});

Deno.test("a standby that died and hears nobody is unverified after five seconds", () => {
  const pair = knownPair();
  restartSlowly(pair, 1, { deafMs: 2700 });
  assert.equal(pair.pairOf(pair.lb01).verdict, "unverified");
});

Deno.test("a standby that is restarted again and again is unverified in the end", () => {
  const pair = knownPair();
  for (let count = 0; count < 4; count++) {
    restartSlowly(pair, 0, { awayMs: 1800, deafMs: 1200 });
  }
  assert.equal(pair.pairOf(pair.lb01).verdict, "unverified");
});

Deno.test("a clean restart after which the standby hears nobody is unverified within ten seconds", () => {
  const pair = knownPair();
  restartSlowly(pair, 0, { deafMs: 7000 });
  assert.equal(pair.pairOf(pair.lb01).verdict, "unverified");
});

Deno.test("a command's answer has the verdict and the client check, as the status has them", async () => {
  const { cluster, lb01, lb02 } = knownPair();
  for (const node of [lb01, lb02]) {
    const result = await cluster.settle(
      node.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 120 }),
    );
    assert.ok(result.ok);
    const { pair, client_check: check } = result.instance;
    assert.deepEqual([pair, check], [node.status.pair, node.status.client_check]);
    assert.equal(pair.verdict, "protected");
  }
});

Deno.test("nobody is protected until somebody serves", () => {
  const track = [tracked({ kind: "check", check: NGINX_CHECK.name })];
  const { lb01, lb02, run, pairOf } = knownPair({ track });
  const nginx = (up: boolean) => {
    for (const { host } of [lb01, lb02]) host.checks.set(NGINX_CHECK.name, up);
  };
  nginx(false);
  run(15_000);
  assert.deepEqual([lb01, lb02].map((node) => pairOf(node).verdict), ["unserved", "unserved"]);
  nginx(true);
  for (let ms = 0; ms < 15_000; ms += 250) {
    run(250);
    for (const { verdict, served_by: server } of [lb01, lb02].map(pairOf)) {
      assert.ok(verdict !== "protected" || server !== null);
    }
  }
  assert.deepEqual([lb01, lb02].map((node) => pairOf(node).verdict), ["protected", "protected"]);
});

/** A watch on its own over so many instances that have this peer, and when it looks at one. */
function watching(
  count: number,
  peers: readonly PeerStatus[] = [],
  changes: Partial<InstanceConfig> = {},
) {
  const cluster = new SimCluster([changes, {}]);
  const [{ config: ofOne, host }, { host: clock }] = cluster.nodes as [SimNode, SimNode];
  const [first] = ofOne.instances;
  const config = { ...ofOne, instances: [first!, { ...first!, name: "VI_2", vrid: 56 }] };
  const journal = new Journal(() => host.wallClockMs());
  const { alarms, manager } = new NodeParts(config, {
    ...{ host, journal, stores: { store: host.openStore() } },
    ...{ electionsFromMs: 0, departed: () => {} },
  });
  const [instance] = manager.instances as [Instance];
  // Two for all: that they differ makes no difference to when they are looked at.
  const instances = Array.from({ length: count }, (_, at) => manager.instances[at % 2]!);
  const timers = countTimers(clock);
  const looks: number[] = [];
  const asked = { times: 0 };
  const names: string[] = [];
  const watch = new PairWatch({
    ...{ clock, journal, alarms, node: () => config.node, instances: () => instances },
    ...{ restartedMs: () => -Infinity, peerAt: () => null },
    peers: () => {
      asked.times++;
      return peers;
    },
    stray: (looked) => {
      looks.push(cluster.time.nowMs);
      names.push(looked.config.name);
      return null;
    },
    ...{ droppedBy: () => null, clientCheck: () => null, clientUnknown: () => null },
  });
  return {
    watch,
    instance,
    looks,
    names,
    asked,
    timers,
    run: (forMs: number) => cluster.run(forMs),
  };
}

Deno.test("each instance is looked at once a second, in two turns, and in four where there are many", () => {
  for (const [count, gapMs] of [[1, 500], [250, 500], [251, 250], [1001, 250]] as const) {
    const { watch, looks, names, run } = watching(count);
    watch.start();
    run(10_000);
    looks.length = 0;
    run(10_000);
    assert.ok(looks.length >= 10 * count, `${looks.length} looks at ${count}`);
    const turns = Array.from({ length: 10_000 / gapMs }, (_, turn) => 10_000 + gapMs * (turn + 1));
    assert.deepEqual([...new Set(looks)], turns);
    const most = Math.max(...Map.groupBy(looks, (atMs) => atMs).values().map((at) => at.length));
    assert.equal(most, Math.ceil(count * gapMs / 1000));
    const ofSecond = names.filter((name) => name === "VI_2").length;
    if (count > 1) assert.ok(Math.abs(ofSecond - names.length / 2) <= names.length / 100);
  }
});

const SILENT = examplePeer({}, { reachable: false, error: "no whole answer within 1 s" });

Deno.test("each hold time is longer by what an advert interval is longer than a second", () => {
  for (const [advertIntervalCs, slackMs] of [[10, 0], [100, 0], [200, 1000]] as const) {
    const { watch, instance, run } = watching(1, [SILENT], { advertIntervalCs });
    const counts = () => watch.status(instance).reasons.some(({ code }) => code === "peer_silent");
    watch.start();
    run(500 + PAIR_REASONS.peer_silent.holdMs + slackMs - 1);
    assert.equal(counts(), false);
    run(1);
    assert.equal(counts(), true);
  }
});

Deno.test("nothing is looked at before the start, after the end, or of an instance that is no more", () => {
  const { watch, instance, looks, asked, timers, run } = watching(1, [SILENT]);
  watch.changed(instance);
  assert.deepEqual([looks.length, timers.running], [0, 0]);
  watch.start();
  watch.changed(instance);
  assert.equal(looks.length, 0, "its turn comes");
  run(500);
  watch.changed(instance);
  assert.deepEqual([looks.length, timers.running], [2, 2], "the turn, and the end of a hold time");
  assert.equal(asked.times, 2, "with the word that the peer has given last");
  watch.forget(instance);
  watch.forget(instance);
  watch.changed(instance);
  assert.deepEqual([looks.length, timers.running], [2, 1]);
  run(500);
  assert.equal(timers.running, 2);
  watch.stop();
  watch.stop();
  assert.equal(timers.running, 0);
  const before = looks.length;
  watch.changed(instance);
  run(60_000);
  assert.equal(looks.length, before);
});
