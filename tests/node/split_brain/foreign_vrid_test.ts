/** Another pair with the same VRID on the link. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { edit } from "../reload/reloading_pair.ts";
import {
  holders,
  NONE,
  OTHER,
  OTHER6,
  type Settings,
  SIGNED,
  signed,
  V3,
  V6,
  VIP6,
} from "./vrid_settings.ts";

interface Scene {
  readonly name: string;
  readonly ours: Settings;
  /** What the other pair has instead. */
  readonly theirs: Settings;
}

const ALL_NODES = [11, 12, 13, 14].map((octet) => `192.168.31.${octet}`);
const UNICAST = { peers: ["192.168.31.11", "192.168.31.12"], ttl: 255, minTtl: 255 };

const SCENES: readonly Scene[] = [
  { name: "version 2", ours: { addresses: [VIP] }, theirs: { addresses: [OTHER] } },
  {
    name: "version 2 without password",
    ours: { authentication: NONE, addresses: [VIP] },
    theirs: { authentication: NONE, addresses: [OTHER] },
  },
  {
    name: "version 2, another password",
    ours: { addresses: [VIP] },
    theirs: { authentication: { type: "pass", password: "other" }, addresses: [OTHER] },
  },
  {
    name: "version 2, another interval",
    ours: { addresses: [VIP] },
    theirs: { advertIntervalCs: 500, addresses: [OTHER] },
  },
  { name: "version 3", ours: { ...V3, addresses: [VIP] }, theirs: { ...V3, addresses: [OTHER] } },
  {
    name: "version 3 next to version 2",
    ours: { addresses: [VIP] },
    theirs: { ...V3, addresses: [OTHER] },
  },
  {
    name: "version 3 over IPv6",
    ours: { ...V6, addresses: [VIP6] },
    theirs: { ...V6, addresses: [OTHER6] },
  },
  {
    name: "signed with another key",
    ours: { ...V3, ...SIGNED, addresses: [VIP] },
    theirs: { ...V3, authentication: signed(8), addresses: [OTHER] },
  },
  {
    name: "signed next to a pair that does not sign",
    ours: { ...V3, addresses: [VIP] },
    theirs: { ...V3, ...SIGNED, addresses: [OTHER] },
  },
  {
    name: "not signed next to a pair that signs and demands it not",
    ours: { ...V3, authentication: signed(7, "permissive"), addresses: [VIP] },
    theirs: { ...V3, addresses: [OTHER] },
  },
  {
    name: "by unicast, to our nodes too",
    ours: { addresses: [VIP] },
    theirs: { unicast: { ...UNICAST, peers: ALL_NODES }, addresses: [OTHER] },
  },
  {
    name: "several addresses in any order",
    ours: { addresses: [VIP, { ...VIP, address: "192.168.31.6" }] },
    theirs: { addresses: [OTHER, { ...OTHER, address: "192.168.31.106" }] },
  },
];

/** Our pair, lb01 and lb02, and the other one, lb03 and lb04, which has a higher priority. */
function pairs({ ours, theirs }: Scene) {
  const cluster = new SimCluster([
    { ...ours, priority: 150 },
    { ...ours, priority: 100 },
    { ...theirs, priority: 200 },
    { ...theirs, priority: 190 },
  ]);
  return { cluster, all: cluster.nodes as [SimNode, SimNode, SimNode, SimNode] };
}

const alarms = (node: SimNode) => node.daemon!.status().alarms;
const codes = (node: SimNode) => alarms(node).map(({ code }) => code);

Deno.test("another pair with our VRID and a higher priority is not obeyed, whatever it does", async (t) => {
  for (const scene of SCENES) {
    await t.step(scene.name, async () => {
      const { cluster, all: [lb01, lb02, lb03, lb04] } = pairs(scene);
      const address = scene.ours.addresses[0]!.address;
      lb03.start();
      cluster.run(30_000);
      for (const node of [lb01, lb02, lb04]) node.start();
      cluster.run(30_000);
      let others = 0;
      const look = () => {
        if (holders(cluster, address).join() !== "lb01") others++;
      };
      cluster.run(30_000, look);
      const [alarm] = alarms(lb01);
      assert.equal(alarm?.code, "vrid_in_use");
      assert.equal(alarm.severity, "error");
      assert.match(alarm.message, /VRID 55 on eth1: \S+13 advertises (fe80::105|192.*\.105)/);
      assert.match(alarm.hint, /choose another `vrid`/);
      assert.ok(lb01.status.counters.dropped.foreign_vrid! > 3);
      assert.deepEqual(codes(lb02), ["vrid_in_use"]);
      // Priority 0 and what comes after it.
      await cluster.settle(lb03.stop(), look);
      lb03.kill();
      cluster.run(10_000, look);
      lb03.start();
      cluster.run(30_000, look);
      assert.equal(others, 0, "lb01 holds the address all the time");
      lb03.powerOff();
      lb04.powerOff();
      cluster.run(60_000);
      for (const node of [lb01, lb02]) assert.deepEqual(codes(node), []);
    });
  }
});

Deno.test("a node that never follows is another pair after an hour", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  cluster.start();
  cluster.run(60_000);
  edit(lb01, { addresses: [OTHER] });
  cluster.run(59 * 60_000);
  assert.equal(lb02.status.state, "backup");
  cluster.run(2 * 60_000);
  assert.equal(lb02.status.state, "master");
  assert.ok(codes(lb02).includes("vrid_in_use"));
});

Deno.test("a sender that is known otherwise is obeyed whatever it advertises", async (t) => {
  const cases: readonly (readonly [string, Partial<InstanceConfig>, string])[] = [
    ["a unicast peer", { unicast: UNICAST }, ""],
    ["the address of a node in `peers`", {}, "https://192.168.31.11:9112"],
    ["one with our signature", SIGNED, ""],
  ];
  for (const [name, common, url] of cases) {
    await t.step(name, () => {
      const cluster = new SimCluster([
        { ...common, priority: 150, addresses: [OTHER] },
        { ...common, priority: 100 },
      ]);
      const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
      if (url !== "") lb02.reload({ ...lb02.config, peers: [{ name: "lb01", url }] });
      cluster.start();
      cluster.run(60_000);
      assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
      assert.ok(codes(lb02).includes("peer_differs"));
    });
  }
});

Deno.test("what never shared an address is no peer because it says so with a wrong password", () => {
  const cluster = new SimCluster([
    { priority: 100 },
    { priority: 200, authentication: { type: "pass", password: "forged" } },
  ]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  cluster.start();
  cluster.run(30_000);
  edit(lb02, { addresses: [OTHER], authentication: { type: "pass", password: "123456" } });
  cluster.run(30_000);
  assert.equal(lb01.status.state, "master");
  assert.ok(codes(lb01).includes("vrid_in_use"));
});

Deno.test("the alarm says at once that it is over when the other one is of this pair after all", () => {
  const cluster = new SimCluster([{ priority: 100 }, { priority: 200, addresses: [OTHER] }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  cluster.start();
  cluster.run(30_000);
  assert.deepEqual(codes(lb01), ["vrid_in_use"]);
  edit(lb02, { addresses: [VIP] });
  cluster.run(3000);
  assert.match(alarms(lb01)[0]!.message, /^over for \d s: another pair uses VRID 55/);
  cluster.run(10_000);
  assert.deepEqual(codes(lb01), []);
});
