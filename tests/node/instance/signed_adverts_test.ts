/** Nodes that sign their adverts with HMAC trailers, and those that do not. */

import assert from "node:assert/strict";
import type { AuthenticationConfig, InstanceConfig } from "../../../src/config/model.ts";
import { WRITE_EVERY_MS } from "../../../src/node/instance/adverts/replay_mark_store.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { TRAILER_OCTETS } from "../../../src/wire/vrrp_trailer.ts";

const KEYS = [1, 2].map((id) => ({ id, key: new Uint8Array(32).fill(0xa0 + id) }));
type Hmac = Extract<AuthenticationConfig, { type: "hmac" }>;

function hmac(changes: Partial<Hmac> = {}): Pick<InstanceConfig, "authentication"> {
  const common = {
    keys: KEYS,
    activeKey: 1,
    replay: "time",
    windowMs: 5000,
    mode: "enforce",
  } as const;
  return { authentication: { type: "hmac", ...common, ...changes } };
}

const UNSIGNED = { authentication: { type: "none" } } as const;

/** lb01 with priority 150 and lb02 with 100, after they have settled. */
function pair(lb01: Partial<InstanceConfig>, lb02: Partial<InstanceConfig>): SimCluster {
  const cluster = new SimCluster([{ ...lb01, priority: 150 }, { ...lb02, priority: 100 }]);
  cluster.start();
  cluster.run(10_000);
  return cluster;
}

function dropped(cluster: SimCluster) {
  return cluster.nodes.map(({ status }) => Object.keys(status.counters.dropped));
}

const VIP6 = { address: "fe80::5", prefixLength: 64, device: "eth1" };
const WAYS: readonly (readonly [string, Partial<InstanceConfig>, number])[] = [
  ["version 2", { version: 2 }, 8 + 4 + 8],
  ["version 3", { version: 3 }, 8 + 4],
  ["IPv6", { version: 3, family: "ipv6", addresses: [VIP6] }, 8 + 16],
  [
    "unicast",
    {
      version: 3,
      unicast: { peers: ["192.168.31.11", "192.168.31.12"], ttl: 255, minTtl: 1 },
    },
    8 + 4,
  ],
];

for (const [name, way, messageOctets] of WAYS) {
  Deno.test(`two nodes that sign elect, fail over and hand back (${name})`, () => {
    const common = { ...way, ...hmac() };
    const cluster = new SimCluster([{ ...common, priority: 150 }, { ...common, priority: 100 }]);
    const lengths = new Set<number>();
    cluster.network.watch((_, payload) => lengths.add(payload.length));
    cluster.start();
    cluster.run(10_000);
    const [lb01, lb02] = cluster.nodes;
    const states = () => cluster.nodes.map(({ status }) => status.state);
    assert.deepEqual(states(), ["master", "backup"]);
    lb01!.powerOff();
    cluster.run(5000);
    assert.equal(lb02!.status.state, "master");
    lb01!.start();
    cluster.run(5000);
    assert.deepEqual(states(), ["master", "backup"]);
    assert.deepEqual(
      dropped(cluster).map((reasons) => reasons.filter((it) => it !== "own_packet")),
      [
        [],
        [],
      ],
    );
    assert.deepEqual([...lengths], [messageOctets + TRAILER_OCTETS]);
  });
}

Deno.test("keys are changed node by node: each signs with its own, both accept either", () => {
  const cluster = pair(hmac(), hmac({ activeKey: 2 }));
  cluster.nodes[0]!.powerOff();
  cluster.run(5000);
  cluster.nodes[0]!.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(dropped(cluster), [[], []]);
});

Deno.test("a node that does not sign is refused where signatures are enforced, with an alarm", () => {
  const cluster = pair(UNSIGNED, hmac());
  assert.deepEqual(cluster.nodes[1]!.status.counters.dropped.hmac_missing! > 3, true);
  const { alarms } = cluster.nodes[1]!.daemon!.status();
  assert.match(
    alarms.flatMap(({ message, evidence }) => [message, ...evidence ?? []]).join("\n"),
    /hmac_missing.*`type: hmac` on both/,
  );
});

Deno.test("to sign on running nodes one by one: each step is a pair that works", () => {
  const steps: readonly (readonly [Partial<InstanceConfig>, Partial<InstanceConfig>])[] = [
    [UNSIGNED, hmac({ mode: "receive_only" })],
    [hmac({ mode: "receive_only" }), hmac({ mode: "receive_only" })],
    [hmac({ mode: "permissive" }), hmac({ mode: "receive_only" })],
    [hmac({ mode: "receive_only" }), hmac({ mode: "permissive" })],
    [hmac({ mode: "permissive" }), hmac({ mode: "permissive" })],
    [hmac({ mode: "permissive" }), hmac()],
    [hmac(), hmac()],
  ];
  for (const [lb01, lb02] of steps) {
    const cluster = pair(lb01, lb02);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.deepEqual(dropped(cluster), [[], []]);
  }
});

Deno.test("who does not expect a trailer refuses it for its length", () => {
  const cluster = pair(hmac(), UNSIGNED);
  assert.deepEqual(dropped(cluster)[1], ["packet_length"]);
});

Deno.test("clocks that differ by more than the window are reported as that", () => {
  const cluster = new SimCluster([{ ...hmac(), priority: 150 }, hmac()]);
  cluster.nodes[1]!.host.jumpWallClock(-60_000);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(dropped(cluster)[1], ["hmac_stale"]);
  const { alarms } = cluster.nodes[1]!.daemon!.status();
  assert.match(
    alarms.flatMap(({ message, evidence }) => [message, ...evidence ?? []]).join("\n"),
    /hmac_stale.*synchronise both clocks/,
  );
});

Deno.test("a clock that is set while the node runs does not end its mastership (monotonic)", () => {
  const cluster = pair(hmac({ replay: "monotonic" }), hmac({ replay: "monotonic" }));
  for (const byMs of [-3_600_000, 7_200_000]) {
    cluster.nodes[0]!.host.jumpWallClock(byMs);
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
  }
  assert.deepEqual(dropped(cluster), [[], []]);
});

/** Adverts of lb01, recorded while it was master; and lb02, which has stopped in this way meanwhile and runs again, alone. */
async function recordedThenAlone(end: (lb02: SimNode) => Promise<void> | void) {
  const monotonic = hmac({ replay: "monotonic" });
  const cluster = new SimCluster([{ ...monotonic, priority: 150 }, monotonic]);
  const [lb01, lb02] = cluster.nodes;
  const heard: Uint8Array[] = [];
  cluster.network.watch((from, payload) => {
    if (from.name === "lb01") heard.push(payload.slice());
  });
  cluster.start();
  for (let second = 0; second < 25; second++) {
    cluster.run(1000);
    // A disk answers between two turns.
    await new Promise((resolve) => setTimeout(resolve));
  }
  lb01!.powerOff();
  const ended = end(lb02!);
  cluster.run(30_000);
  await ended;
  const recorded = [...heard];
  lb02!.start();
  cluster.run(10_000);
  assert.equal(lb02!.status.state, "master");
  return { cluster, lb01: lb01!, lb02: lb02!, recorded };
}

/** Sends recorded adverts, one a second; how many lb02 has accepted. */
function replay(
  { cluster, lb01, lb02, recorded }: Awaited<ReturnType<typeof recordedThenAlone>>,
): number {
  const accepted = () => lb02.status.counters.advertisements_received;
  const before = accepted();
  for (const payload of recorded) {
    cluster.network.send(lb01.host, payload, "192.168.31.11", "224.0.0.18");
    cluster.run(1000);
  }
  return accepted() - before;
}

Deno.test("adverts that were recorded before a restart are refused after it (monotonic)", async () => {
  const scene = await recordedThenAlone((lb02) => lb02.stop());
  assert.ok(scene.recorded.length > 20);
  assert.equal(replay(scene), 0);
  assert.equal(scene.lb02.status.state, "master");
  assert.ok(scene.lb02.status.counters.dropped.hmac_replayed! > 20);
});

Deno.test("after a crash only those of the last seconds before it can be sent again (monotonic)", async () => {
  const scene = await recordedThenAlone((lb02) => lb02.kill());
  const accepted = replay(scene);
  assert.ok(accepted <= WRITE_EVERY_MS / 1000, `${accepted} adverts`);
  // And not a second time.
  assert.equal(replay(scene), 0);
});

Deno.test("neither status nor journal nor any advert holds a key", () => {
  const cluster = new SimCluster([{ ...hmac(), priority: 150 }, UNSIGNED]);
  const adverts: string[] = [];
  cluster.network.watch((_, payload) => adverts.push(payload.toHex()));
  cluster.start();
  cluster.run(10_000);
  const told = cluster.nodes.map(({ daemon }) => [daemon!.status(), daemon!.journal.since()]);
  const text = JSON.stringify([told, adverts]);
  for (const { key } of KEYS) {
    assert.ok(!text.includes(key.toHex().slice(0, 16)) && !text.includes([...key].join()));
  }
});
