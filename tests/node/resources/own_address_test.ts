/** A node's own address and its link come and go, on virtual time. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { RESOLUTION_MS } from "../../../src/node/instance/link_recovery.ts";
import { MOST_ENTRIES } from "../../../src/node/journal/altered_log.ts";
import { config, SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import type { JournalCode } from "../../../src/status/codes/journal_codes.ts";
import { formatMac } from "../../../src/wire/address.ts";
import { GroupedCluster } from "../instance/grouped_pair.ts";

const NONE = { authentication: { type: "none" } } as const;
const FAST = { version: 3, advertIntervalCs: 10, ...NONE } as const;

function unicast(own: Partial<InstanceConfig>, peer: string): Partial<InstanceConfig> {
  return { ...own, unicast: { peers: [peer], ttl: 255, minTtl: 255 } };
}

/** A pair, started; lb01 is master. */
function pair(common: Partial<InstanceConfig> = {}, byUnicast = false): SimCluster {
  const instances = [150, 100].map((priority, index) =>
    byUnicast
      ? unicast({ priority, ...common }, ["192.168.31.12", "192.168.31.11"][index]!)
      : { priority, ...common }
  );
  const cluster = new SimCluster(instances);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  return cluster;
}

function codes({ daemon }: SimNode, code: JournalCode): string[] {
  return daemon!.journal.since(0).filter((it) => it.code === code).map(({ message }) => message);
}

/** The own addresses go, and with them, as without promote_secondaries, the virtual ones. */
function loseOwn({ host }: SimNode): () => void {
  const own = host.ownAddresses;
  host.setOwnAddresses([], [VIP.address]);
  return () => host.setOwnAddresses(own);
}

for (const byUnicast of [false, true]) {
  const how = byUnicast ? "unicast" : "multicast";

  Deno.test(`an own address that is back in time costs no election (${how})`, () => {
    const cluster = pair(byUnicast ? FAST : {}, byUnicast);
    const [lb01, lb02] = cluster.nodes;
    const back = loseOwn(lb01!);
    cluster.run(100);
    assert.equal(lb01!.host.virtualAddresses.length, 0, "not before the own one is there");
    back();
    assert.deepEqual(cluster.holders, ["lb01"], "at once");
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.equal(lb01!.status.counters.released_master, 0);
    assert.equal(lb02!.status.counters.became_master, 0);
    assert.deepEqual(codes(lb01!, "source_changed"), []);
  });

  Deno.test(`without an own address a master says goodbye from its last one (${how})`, () => {
    const cluster = pair(byUnicast ? NONE : {}, byUnicast);
    const [lb01, lb02] = cluster.nodes;
    loseOwn(lb01!);
    // Skew_Time of priority 100 is 609 ms.
    cluster.run(200 + 609 + 2);
    assert.equal(lb02!.status.state, "master");
    assert.equal(lb02!.status.counters.priority_zero_received, 1);
    assert.equal(lb02!.status.counters.dropped.unicast_source ?? 0, 0);
    cluster.run(1500);
    assert.equal(lb01!.status.state, "fault");
    assert.deepEqual(cluster.holders, ["lb02"]);
  });
}

Deno.test("an own address that goes again and again is answered each time", () => {
  const cluster = pair();
  const [lb01] = cluster.nodes;
  for (let round = 0; round < 5; round++) {
    const back = loseOwn(lb01!);
    cluster.run(50);
    back();
    assert.deepEqual(cluster.holders, ["lb01"], `round ${round}`);
    cluster.run(50);
  }
});

Deno.test("a master that slept through its lease in that moment puts nothing back", () => {
  const cluster = pair();
  const [lb01] = cluster.nodes;
  const back = loseOwn(lb01!);
  lb01!.hang();
  cluster.run(10_000);
  back();
  lb01!.wake();
  cluster.run(10);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("the members of a sync group say goodbye when one of them has lost its source", () => {
  const front = { sourceAddress: "192.168.31.21" };
  const cluster = new GroupedCluster([{ both: { priority: 150 }, front }, {}]);
  const [lb01, lb02] = cluster.nodes;
  const own = lb01!.host.ownAddresses;
  lb01!.host.setOwnAddresses([...own, { address: "192.168.31.21", prefixLength: 24 }]);
  cluster.start();
  cluster.run(10_000);
  assert.equal(cluster.holders, "front: lb01, back: lb01");
  lb01!.host.setOwnAddresses(own);
  cluster.run(200 + 609 + 2);
  assert.equal(cluster.holders, "front: lb02, back: lb02");
  const released = lb02!.daemon!.status().instances.map(({ counters }) =>
    counters.priority_zero_received
  );
  assert.deepEqual(released, [1, 1]);
});

Deno.test("a MAC address that changes is announced, once in the journal, also a backup's own", () => {
  const cluster = pair();
  const [lb01, lb02] = cluster.nodes;
  for (
    const [node, expected] of [[lb01!, ["192.168.31.11", VIP.address]], [lb02!, [
      "192.168.31.12",
    ]]] as const
  ) {
    const before = node.host.announced.length;
    node.host.setMac(Uint8Array.of(2, 0, 0, 0, 0x77, 1));
    assert.deepEqual(node.host.announced.slice(before, before + 2), expected);
    const told = codes(node, "mac_changed");
    assert.equal(told.length, 1);
    assert.match(told[0]!, new RegExp(formatMac(node.host.mac)));
  }
});

Deno.test("a MAC address that changes ten times a second is announced once a second, the last one too, and a few entries", () => {
  const cluster = pair();
  const { host } = cluster.nodes[0]!;
  const before = host.announced.length;
  const own = () => host.announced.slice(before).filter((it) => it === "192.168.31.11").length;
  for (let n = 0; n < 205; n++) {
    host.setMac(Uint8Array.of(2, 0, 0, 0, 0x77, n));
    // The change that comes when the second is over does not wait.
    assert.equal(own(), Math.floor(n / 10) + 1, `change ${n}`);
    cluster.run(100);
  }
  assert.equal(own(), 21);
  assert.equal(codes(cluster.nodes[0]!, "mac_changed").length, MOST_ENTRIES);
  const all = host.announced.length;
  cluster.run(1000);
  assert.equal(own(), 22);
  assert.ok(host.announced.slice(all).includes(VIP.address));
  // Each is one announcement of the own address and five of the virtual one.
  assert.ok(host.announced.length - before <= 22 * 6, `${host.announced.length - before}`);
  cluster.run(60_000);
  host.setMac(Uint8Array.of(2, 0, 0, 0, 0x78, 1));
  const last = codes(cluster.nodes[0]!, "mac_changed").at(-1)!;
  assert.match(last, new RegExp(`, and ${205 - MOST_ENTRIES} more of this kind before$`));
});

Deno.test("an address that goes and comes ten times a second is announced once a second, and a few entries", () => {
  const rows: readonly (readonly [string, (node: SimNode) => () => void])[] = [
    ["with the own one", loseOwn],
    ["alone", ({ host }) => {
      host.stealAddress(VIP.address);
      return () => {};
    }],
  ];
  for (const [what, lose] of rows) {
    const cluster = pair();
    const lb01 = cluster.nodes[0]!;
    const before = lb01.host.announced.length;
    for (let n = 0; n < 60; n++) {
      const back = lose(lb01);
      cluster.run(50);
      back();
      cluster.run(50);
    }
    cluster.run(1000);
    const announced = lb01.host.announced.slice(before).filter((it) => it === VIP.address).length;
    assert.ok(announced > 0 && announced <= 8 * 5, `${what}: ${announced}`);
    assert.equal(codes(lb01, "address_vanished").length, 1, what);
  }
});

Deno.test("a source address that changes again and again is a few entries, with how often", () => {
  const cluster = pair();
  const { host } = cluster.nodes[0]!;
  const sources = ["192.168.31.11", "192.168.31.21"];
  const change = (n: number) => {
    host.setOwnAddresses([{ address: sources[n % 2]!, prefixLength: 24 }]);
    cluster.run(1000);
  };
  for (let n = 1; n <= 59; n++) change(n);
  const told = codes(cluster.nodes[0]!, "source_changed");
  assert.deepEqual(told, [
    "VI_1: adverts come from 192.168.31.21, no longer from 192.168.31.11",
    "VI_1: adverts come from 192.168.31.11, no longer from 192.168.31.21",
  ]);
  for (const n of [60, 61]) change(n);
  assert.match(
    codes(cluster.nodes[0]!, "source_changed").at(-1)!,
    /from 192\.168\.31\.11, 29 times more since the last entry$/,
  );
});

Deno.test("a link that came up leaves neighbours time to find each other, however fast the adverts", () => {
  const cluster = pair(FAST);
  const [lb01, lb02] = cluster.nodes;
  lb02!.powerOff();
  lb01!.host.setLink(false);
  cluster.run(5000);
  const before = lb01!.host.announced.length;
  lb01!.host.setLink(true);
  assert.deepEqual(lb01!.host.announced.slice(before), ["192.168.31.11"], "where the node is");
  cluster.run(RESOLUTION_MS - 1);
  assert.equal(lb01!.status.state, "backup");
  // A dead pair is not left waiting.
  cluster.run(2);
  assert.equal(lb01!.status.state, "master");
});

/** lb01's link was away; nothing of lb02 arrives, and its API says that it is in this state. */
function deafNode(own: Partial<InstanceConfig>, state: "master" | "backup"): SimCluster {
  const instance = { priority: 150, ...FAST, ...own };
  const cluster = new SimCluster([instance, { priority: 100, ...FAST }]);
  const [lb01, lb02] = cluster.nodes;
  lb01!.reload({ ...config("lb01", instance), peers: [{ name: "lb02", url: "http://api:9112" }] });
  cluster.start();
  cluster.run(10_000);
  lb01!.host.setLink(false);
  cluster.run(5000);
  cluster.network.partition([lb01!.name], [lb02!.name]);
  lb01!.host.setLink(true);
  const answer = () => {
    const said = structuredClone(lb02!.daemon!.status());
    const instances = said.instances.map((it) => ({ ...it, state }));
    const read = readPeerAnswer(JSON.stringify({ ...said, instances }));
    assert.ok(!("problem" in read));
    lb01!.daemon!.peerReported("lb02", { ok: true, answer: read });
  };
  for (let second = 0; second < 60; second++) {
    cluster.time.schedule(cluster.time.nowMs + second * 1000, answer);
  }
  return cluster;
}

const DELAYED = { preemptDelayMs: 30_000 };
const HELD_BACK: readonly [
  what: string,
  own: Partial<InstanceConfig>,
  peer: "master" | "backup",
  atMs: {
    readonly backup: number;
    readonly master: number | null;
  },
][] = [
  ["preempt_delay holds", DELAYED, "master", { backup: 29_900, master: 30_200 }],
  ["preempt: false holds", { preempt: false }, "master", { backup: 50_000, master: null }],
  ["neither holds", {}, "master", { backup: RESOLUTION_MS - 1, master: RESOLUTION_MS + 1 }],
  ["the other is no master", DELAYED, "backup", {
    backup: RESOLUTION_MS - 1,
    master: RESOLUTION_MS + 1,
  }],
];

for (const [what, own, state, { backup, master }] of HELD_BACK) {
  Deno.test(`a node that hears nothing after its link came up, and a peer's word: ${what}`, () => {
    const cluster = deafNode(own, state);
    const [lb01] = cluster.nodes;
    cluster.run(backup);
    assert.equal(lb01!.status.state, "backup");
    const waited = codes(lb01!, "peer_master_waits");
    assert.equal(waited.length, backup > RESOLUTION_MS ? 1 : 0);
    if (master === null) return;
    cluster.run(master - backup);
    assert.equal(lb01!.status.state, "master");
  });
}

Deno.test("a promoted node does not wait after its link came up for a peer that says it is master", async () => {
  const cluster = deafNode({ preempt: false }, "master");
  const [lb01] = cluster.nodes;
  await cluster.settle(lb01!.daemon!.command({ kind: "promote", instance: "VI_1" }));
  lb01!.host.setLink(false);
  cluster.run(5000);
  lb01!.host.setLink(true);
  assert.equal(lb01!.status.state, "backup");
  cluster.run(RESOLUTION_MS + 1);
  assert.deepEqual([lb01!.status.state, lb01!.status.override?.kind], ["master", "promoted"]);
});

Deno.test("a peer that says it is master keeps nobody from taking over whose link has been up", () => {
  const instance = { priority: 50, preempt: false, ...FAST };
  const cluster = new SimCluster([instance, { priority: 100, ...FAST }]);
  const [lb01, lb02] = cluster.nodes;
  lb01!.reload({ ...config("lb01", instance), peers: [{ name: "lb02", url: "http://api:9112" }] });
  cluster.start();
  cluster.run(10_000);
  const said = readPeerAnswer(JSON.stringify(lb02!.daemon!.status()));
  assert.ok(!("problem" in said));
  lb02!.powerOff();
  for (let tenth = 0; tenth < 5; tenth++) {
    lb01!.daemon!.peerReported("lb02", { ok: true, answer: said });
    cluster.run(100);
  }
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a weaker master that is heard after the link came up is left in peace as ever", () => {
  const cluster = pair({ ...FAST, ...DELAYED }, true);
  const [lb01, lb02] = cluster.nodes;
  lb01!.host.setLink(false);
  cluster.run(5000);
  lb01!.host.setLink(true);
  cluster.run(25_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  lb02!.powerOff();
  cluster.run(500);
  assert.deepEqual(cluster.holders, ["lb01"], "a silent master is replaced without the delay");
});
