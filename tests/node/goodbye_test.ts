/** What a dead engine has left goes, and its instances say goodbye; the other node takes over as after a clean stop. */

import assert from "node:assert/strict";
import type { AuthenticationConfig, InstanceConfig } from "../../src/config/model.ts";
import type { InterfaceAddress } from "../../src/host/interfaces.ts";
import { SendMarks } from "../../src/node/instance/adverts/send_marks.ts";
import type { RecordedInstance } from "../../src/node/resources/resource_record.ts";
import { instanceConfig, SimCluster, type SimNode, VIP } from "../../src/sim/cluster.ts";
import { SimStore } from "../../src/sim/store.ts";
import type { RoutingEntry } from "../../src/vip/routing.ts";
import type { HmacPolicy } from "../../src/vrrp/hmac.ts";
import { goodbye, recordOf, remains, type Surroundings } from "./dead_engine.ts";

function holders({ nodes }: SimCluster): string[] {
  return nodes.filter(({ host }) => host.virtualAddresses.length > 0).map(({ name }) => name);
}

/** lb01 (150) is master, lb02 (100) follows. */
function pair(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{ ...changes, priority: 150 }, { ...changes, priority: 100 }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(holders(cluster), ["lb01"]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  return { cluster, lb01, lb02 };
}

function killed(changes: Partial<InstanceConfig> = {}) {
  const made = pair(changes);
  const record = recordOf(made.lb01);
  made.lb01.kill();
  return { ...made, record };
}

const IPV6 = {
  version: 3,
  family: "ipv6",
  addresses: [{ address: "fe80::5", prefixLength: 64, device: "eth1" }],
  authentication: { type: "none" },
} as const satisfies Partial<InstanceConfig>;

const ROUTE: RoutingEntry = {
  ...{ kind: "route", family: "ipv4", to: null, via: "192.168.31.1", table: 100 },
};

/** What is changed of the pair, and Skew_Time of lb02 in milliseconds. */
const WAYS: readonly (readonly [string, Partial<InstanceConfig>, number])[] = [
  ["version 2 with a password", {}, 610],
  ["version 3", { version: 3, advertIntervalCs: 10, authentication: { type: "none" } }, 70],
  ["IPv6", IPV6, 610],
  ["unicast", { unicast: { peers: ["192.168.31.11", "192.168.31.12"], ttl: 255, minTtl: 1 } }, 610],
  ["a virtual MAC address", { virtualInterface: "vrrp.55" }, 610],
  ["a route besides", { routing: [ROUTE] }, 610],
];

for (const [name, changes, skewMs] of WAYS) {
  Deno.test(`the other node takes over after Skew_Time, and at no moment do two nodes have the address (${name})`, () => {
    const { cluster, lb01, lb02, record } = killed(changes);
    const carried: number[] = [];
    cluster.network.watch((from) => {
      if (from.name === "lb01") carried.push(lb01.host.virtualAddresses.length);
    });
    lb01.host.sentAs.clear();
    const [farewell, ...more] = goodbye(lb01, record);
    assert.deepEqual(more, []);
    assert.deepEqual([farewell!.problems, farewell!.removed.length], [[], 1]);
    assert.deepEqual([...lb01.host.sentAs], changes.virtualInterface ? ["00:00:5e:00:01:37"] : []);
    assert.ok(carried.length > 0 && carried.every((count) => count === 0));
    cluster.run(skewMs, () => assert.ok(holders(cluster).length < 2));
    assert.deepEqual(holders(cluster), ["lb02"]);
    assert.deepEqual(lb02.status.reason.code, "master_released");
    const { dropped } = lb02.status.counters;
    assert.deepEqual(Object.keys(dropped).filter((reason) => reason !== "own_packet"), []);
  });
}

/** Whether the record was changed, and how the machine is; nothing may be touched. */
const UNTOUCHED: readonly (readonly [
  string,
  Surroundings,
  (instance: RecordedInstance) => Partial<RecordedInstance>,
])[] = [
  ["the addresses carry no mark", { markedAddresses: () => [] }, () => ({})],
  ["another program speaks VRRP and the engine was not master", { othersSpeak: true }, () => ({
    held: false,
  })],
  ["without marks, the engine was not master", { marksAddresses: false }, () => ({ held: false })],
  ["the record lacks the address and another program speaks VRRP", { othersSpeak: true }, () => ({
    addresses: [{ address: "192.168.31.6", device: "eth1" }],
  })],
  ["the record has it elsewhere and another program speaks VRRP", { othersSpeak: true }, () => ({
    addresses: [{ address: VIP.address, device: "eth2" }],
  })],
  ["without marks, the record has the address elsewhere", { marksAddresses: false }, () => ({
    addresses: [{ address: VIP.address, device: "eth2" }],
  })],
];

for (const [name, around, changed] of UNTOUCHED) {
  Deno.test(`nothing is touched: ${name}`, () => {
    const { cluster, lb01, record } = killed();
    let sent = 0;
    cluster.network.watch(() => void sent++);
    const instances = record.instances.map((each) => ({ ...each, ...changed(each) }));
    assert.deepEqual(goodbye(lb01, { ...record, instances }, around), []);
    assert.deepEqual([lb01.host.virtualAddresses.length, sent], [1, 0]);
  });
}

Deno.test("nothing is touched of an engine that lives, although a dead one had the same address", () => {
  const { cluster, lb01, record } = killed({ leaseSeconds: null });
  let sent = 0;
  cluster.network.watch(() => void sent++);
  const asked: string[] = [];
  const lockHolder = (resource: string) => {
    asked.push(resource);
    return { pid: 4711, name: "vipd" };
  };
  const [farewell, ...more] = goodbye(lb01, record, { lockHolder });
  assert.deepEqual(more, []);
  assert.match(farewell!.problems.join(), /belongs to another daemon, .*4711.*, so it stays/);
  assert.deepEqual(asked, [`address ${VIP.address}`]);
  assert.deepEqual([lb01.host.virtualAddresses.length, sent, farewell!.said], [1, 0, null]);
});

Deno.test("an engine that died between its addresses and the record of them is bid farewell too", () => {
  const { cluster, lb01, record } = killed();
  const instances = record.instances.map((each) => ({ ...each, held: false }));
  assert.equal(goodbye(lb01, { ...record, instances }).length, 1);
  cluster.run(1000);
  assert.deepEqual(holders(cluster), ["lb02"]);
});

const SECOND = { ...VIP, address: "192.168.31.6", label: "eth1:2" };

Deno.test("an address that a reload brought goes too, although the record is older", () => {
  const { cluster, lb01, lb02 } = pair();
  const record = recordOf(lb01);
  for (const node of [lb01, lb02]) {
    const [instance] = node.config.instances;
    node.reload({ ...node.config, instances: [{ ...instance!, addresses: [VIP, SECOND] }] });
  }
  lb01.kill();
  assert.equal(lb01.host.virtualAddresses.length, 2);
  const [farewell] = goodbye(lb01, record);
  assert.deepEqual(farewell!.problems, []);
  assert.deepEqual(farewell!.removed, [VIP, SECOND]);
  assert.equal(lb01.host.virtualAddresses.length, 0);
  cluster.run(1000);
  assert.deepEqual(holders(cluster), ["lb02"]);
});

Deno.test("without a record, the kernel's marks alone say what an engine left", () => {
  const rows: readonly (readonly [string, Surroundings, number])[] = [
    ["nothing else speaks VRRP", {}, 0],
    ["another program speaks VRRP", { othersSpeak: true }, 1],
    ["the kernel has no marks", { marksAddresses: false }, 1],
    ["none carries the mark", { markedAddresses: () => [] }, 1],
  ];
  for (const [what, around, stay] of rows) {
    const { cluster, lb01 } = killed();
    assert.equal(remains(lb01, around), stay === 0, what);
    const farewells = goodbye(lb01, null, around);
    assert.equal(lb01.host.virtualAddresses.length, stay, what);
    assert.deepEqual(farewells.map(({ said }) => said), stay ? [] : ["192.168.31.11"], what);
    if (stay > 0) continue;
    cluster.run(1000);
    assert.deepEqual(holders(cluster), ["lb02"], what);
  }
});

Deno.test("without marks, what the record of a master has is its own while it is there", () => {
  for (const [forMs, removed] of [[0, 1], [5000, 0]] as const) {
    const { cluster, lb01, record } = killed();
    cluster.run(forMs);
    const farewells = goodbye(lb01, record, { marksAddresses: false });
    assert.equal(farewells.flatMap((farewell) => farewell.removed).length, removed, `${forMs} ms`);
  }
});

Deno.test("an address that the record has of another virtual router is not this one's", () => {
  const { lb01, record } = killed();
  const [instance] = lb01.config.instances;
  // The file was changed and never taken.
  const config = { ...lb01.config, instances: [{ ...instance!, vrid: 56 }] };
  const [farewell, ...more] = goodbye(lb01, record, { config });
  assert.match(farewell!.problems.join(), /does not have all of it any more/);
  assert.deepEqual([more, lb01.host.virtualAddresses.length], [[], 1]);
});

Deno.test("what carries the mark long after the engine's last sign of life is another's", () => {
  const { lb01, record } = killed();
  const leaseMs = 3000;
  const dead = (deadMs: number) => ({ ...record, writtenAtMs: record.writtenAtMs - deadMs });
  assert.deepEqual(goodbye(lb01, dead(15_001 + leaseMs)), []);
  const { lb01: other, record: another } = killed();
  const writtenAtMs = another.writtenAtMs - 15_000 - leaseMs;
  assert.equal(
    goodbye(other, { ...another, writtenAtMs }).length,
    1,
    "at the last moment it is its own",
  );
  // Addresses without a lease stay for ever.
  const unleased = dead(86_400_000).instances.map((each) => ({ ...each, leaseSeconds: null }));
  assert.equal(goodbye(lb01, { ...dead(86_400_000), instances: unleased }).length, 1);
});

const LASTING = {
  virtualInterface: "vrrp.55",
  addresses: [{ ...VIP, device: "vrrp.55" }],
  routing: [
    ROUTE,
    {
      ...{ kind: "rule", family: "ipv4", table: 100, priority: 1000 },
      from: { address: "192.168.31.5", prefixLength: 32 },
    },
  ] satisfies RoutingEntry[],
} as const satisfies Partial<InstanceConfig>;

/** lb01 was killed as master, and its addresses have gone with their lease. */
function lapsed(afterMs: number) {
  const made = killed(LASTING);
  made.cluster.run(afterMs);
  const { lb01 } = made;
  assert.deepEqual([holders(made.cluster), leftOn(lb01)], [["lb02"], [2, ["vrrp.55"]]]);
  return made;
}

function leftOn({ host }: SimNode): [routing: number, interfaces: readonly string[]] {
  return [host.ownRouting().length, host.ownInterfaces()];
}

Deno.test("after the lease, routes, rules and the virtual interface go, and nothing is said", () => {
  // A minute later the record is of an engine whose addresses are gone for sure.
  for (const afterMs of [5000, 60_000]) {
    for (const hasRecord of [true, false]) {
      const { cluster, lb01, record } = lapsed(afterMs);
      let sent = 0;
      cluster.network.watch(({ name }) => {
        if (name === "lb01") sent++;
      });
      assert.ok(remains(lb01, {}));
      const [farewell, ...more] = goodbye(lb01, hasRecord ? record : null);
      assert.deepEqual(more, []);
      assert.deepEqual([leftOn(lb01), sent], [[0, []], 0]);
      const { removed, alsoRemoved, problems, said } = farewell!;
      assert.deepEqual([removed, problems, said], [[], [], null]);
      assert.deepEqual(alsoRemoved, [
        "route default via 192.168.31.1 table 100",
        "rule from 192.168.31.5/32 lookup 100 priority 1000",
        "interface vrrp.55",
      ]);
      assert.ok(!remains(lb01, {}));
      assert.deepEqual(goodbye(lb01, hasRecord ? record : null), []);
    }
  }
});

Deno.test("after the lease a single route goes as well, or a single rule, or the interface alone", () => {
  const { virtualInterface, addresses, routing } = LASTING;
  const lasting = [...routing.map((entry) => ({ routing: [entry] })), {
    virtualInterface,
    addresses,
  }];
  for (const changes of lasting) {
    const { cluster, lb01, record } = killed(changes);
    cluster.run(5000);
    assert.ok(remains(lb01, {}));
    assert.equal(goodbye(lb01, record)[0]?.alsoRemoved.length, 1);
    assert.deepEqual(leftOn(lb01), [0, []]);
  }
});

Deno.test("what another engine has locked, or may have put there, stays after the lease, too", () => {
  const locked = (prefix: string): Surroundings => ({
    lockHolder: (resource) => resource.startsWith(prefix) ? { pid: 4711, name: "vipd" } : null,
  });
  const rows: readonly (readonly [Surroundings, boolean, ReturnType<typeof leftOn>])[] = [
    [locked("routing"), true, [2, []]],
    [locked("interface"), true, [0, ["vrrp.55"]]],
    [{ othersSpeak: true }, true, [0, []]],
    // As a backup it had the interface alone.
    [{ othersSpeak: true }, false, [2, []]],
  ];
  for (const [around, held, stays] of rows) {
    const { lb01, record } = lapsed(5000);
    const instances = record.instances.map((each) => ({ ...each, held }));
    assert.deepEqual(goodbye(lb01, { ...record, instances }, around)[0]!.problems, []);
    assert.deepEqual(leftOn(lb01), stays);
  }
  const { lb01 } = lapsed(5000);
  assert.deepEqual(goodbye(lb01, null, { othersSpeak: true }), []);
  assert.deepEqual(leftOn(lb01), [2, ["vrrp.55"]]);
});

Deno.test("what the configuration does not have any more stays, and then nothing is said", () => {
  const { cluster, lb01, record } = killed();
  let sent = 0;
  cluster.network.watch(() => void sent++);
  const other = { ...VIP, address: "192.168.31.6" };
  const config = { ...lb01.config, instances: [instanceConfig({ addresses: [other] })] };
  const [farewell] = goodbye(lb01, record, { config });
  assert.match(farewell!.problems.join(), /does not have all of it any more.*192\.168\.31\.5/);
  assert.deepEqual([farewell!.removed, farewell!.said, sent], [[], null, 0]);
  assert.equal(lb01.host.virtualAddresses.length, 1);
});

Deno.test("an address that cannot be removed keeps the goodbye from being said: two nodes would have it", () => {
  const { cluster, lb01, record } = killed();
  let sent = 0;
  cluster.network.watch(() => void sent++);
  const { host } = lb01;
  const denied = { code: "EPERM", message: "Operation not permitted" };
  Object.assign(host, { removeAddress: () => denied });
  const [farewell] = goodbye(lb01, record);
  assert.match(farewell!.problems.join(), /192\.168\.31\.5\/24 stays: Operation not permitted/);
  assert.deepEqual([farewell!.said, sent], [null, 0]);
});

Deno.test("the last advert comes from the address of the ones before, or from another one that is usable", () => {
  const [first, last] = ["192.168.31.10", "192.168.31.11"].map((address) => ({
    ...{ address, prefixLength: 24 },
  })) as [InterfaceAddress, InterfaceAddress];
  const rows: readonly (readonly [string, readonly InterfaceAddress[] | null, string])[] = [
    ["both are there", [first, last], last.address],
    ["the other one is there", [first], first.address],
    ["it is not usable", [{ ...last, unusable: "tentative" }, first], first.address],
    ["none is there", [], last.address],
    ["the interface is gone", null, last.address],
  ];
  for (const [what, addresses, source] of rows) {
    const { lb01, record } = killed();
    const interfaceState = (name: string) => {
      const state = lb01.host.interfaceState(name);
      return state && addresses && { ...state, addresses };
    };
    assert.equal(goodbye(lb01, record, { interfaceState })[0]?.said, source, what);
  }
});

Deno.test("a last advert that does not leave is reported with its cause, and the addresses are off all the same", () => {
  const denied = { code: "EPERM", message: "Operation not permitted" };
  const rows: readonly (readonly [string, (lb01: SimNode) => Surroundings])[] = [
    ["eth1 has no address to speak from", ({ host }) => ({
      interfaceState: (name) => ({ ...host.interfaceState(name)!, addresses: [] }),
    })],
    [denied.message, () => ({ openVrrp: () => denied })],
    [denied.message, ({ host }) => {
      [host.sendError, host.framesFail] = [denied, true];
      return {};
    }],
  ];
  for (const [why, around] of rows) {
    const { lb01 } = killed();
    const [farewell] = goodbye(lb01, null, around(lb01));
    const { removed, problems, said } = farewell!;
    assert.deepEqual(problems, [`priority 0 did not leave: ${why}`]);
    assert.deepEqual([removed, said, lb01.host.virtualAddresses.length], [[VIP], null, 0]);
  }
});

Deno.test("the port of the last advert joins no group, and is closed", () => {
  const { lb01, record } = killed();
  const { host } = lb01;
  const did: string[] = [];
  goodbye(lb01, record, {
    openVrrp: (name, family, receive, options) => {
      did.push(`open ${name} ${family} ${options?.multicast}`);
      const port = host.openVrrp(name, family, receive, options);
      return {
        ...port,
        close: () => {
          did.push("close");
          port.close();
        },
      };
    },
  });
  assert.deepEqual(did, ["open eth1 ipv4 false", "close"]);
});

Deno.test("all members of a sync group let go before one of them speaks", () => {
  const second = instanceConfig({
    ...{ name: "VI_2", vrid: 56, priority: 150 },
    addresses: [{ ...VIP, address: "192.168.31.6", label: "eth1:2" }],
  });
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  for (const node of cluster.nodes) {
    const instances = [...node.config.instances, {
      ...second,
      priority: node.config.instances[0]!.priority,
    }];
    const syncGroups = [{ name: "SG_1", instances: ["VI_1", "VI_2"] }];
    node.reload({ ...node.config, instances, syncGroups });
  }
  cluster.start();
  cluster.run(10_000);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const record = recordOf(lb01);
  lb01.kill();
  const carried: number[] = [];
  cluster.network.watch((from) => {
    if (from.name === "lb01") carried.push(lb01.host.virtualAddresses.length);
  });
  assert.deepEqual(goodbye(lb01, record).map(({ instance }) => instance), ["VI_1", "VI_2"]);
  assert.deepEqual(carried, [0, 0]);
  cluster.run(1000);
  assert.equal(lb02.host.virtualAddresses.length, 2);
});

for (const replay of ["monotonic", "time"] as const) {
  Deno.test(`with the clock set back, neither the goodbye nor the next engine is refused as a replay (${replay})`, async () => {
    const keys = [{ id: 1, key: new Uint8Array(32).fill(7) }];
    const authentication: AuthenticationConfig & HmacPolicy = {
      ...{ type: "hmac", keys, activeKey: 1, replay, windowMs: 60_000, mode: "enforce" },
    };
    const { cluster, lb01, lb02 } = pair({ authentication });
    const disk = { text: null, broken: false, hung: false };
    const adverts = new SendMarks(new SimStore(disk));
    // What an engine with this disk would have sent last.
    const sequence = adverts.begin(authentication);
    adverts.use(sequence.next(lb01.host.wallClockMs()), lb01.host.wallClockMs());
    await adverts.close();
    const record = recordOf(lb01);
    lb01.kill();
    lb01.host.jumpWallClock(-30_000);

    const marks = new SendMarks(new SimStore(disk));
    goodbye(lb01, { ...record, writtenAtMs: lb01.host.wallClockMs() }, { marks });
    await marks.close();
    cluster.run(1000);
    assert.equal(lb02.status.reason.code, "master_released");
    const next = new SendMarks(new SimStore(disk)).begin(authentication);
    const last = sequence.next(0);
    assert.ok(next.next(lb01.host.wallClockMs()) > last);
    const { dropped } = lb02.status.counters;
    assert.deepEqual(Object.keys(dropped).filter((reason) => reason !== "own_packet"), []);
  });
}
