/** A pair does not wait for nothing: the only backup takes over at once after a goodbye. On virtual time. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked, VIP } from "../../../src/sim/cluster.ts";
import { skewTimeMs } from "../../../src/vrrp/timers.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { encodeAdvertisement } from "../../../src/wire/vrrp.ts";
import {
  ADDRESSES,
  AT_ONCE_MS,
  demote,
  group,
  IPV6,
  type Pairing,
  REMEDY,
  stop,
  told,
} from "./sole_backups.ts";

const TRACKED = [tracked({ kind: "check", check: NGINX_CHECK.name })] as const;

/** lb01 serves, and its backups follow it. */
function cluster(
  instances: readonly Partial<InstanceConfig>[],
  pairing: Pairing = "peers",
  seed = 1,
): SimCluster {
  const made = new SimCluster(instances, seed);
  made.nodes.forEach((node, index) => {
    node.reload(told(node, instances[index]!, pairing, instances.length));
    node.host.checks.set(NGINX_CHECK.name, true);
  });
  made.start();
  made.run(15_000);
  const [lb01, ...others] = made.nodes.map(({ status: { state } }) => state);
  assert.equal(lb01, "master");
  assert.ok(others.every((state) => state === "backup"));
  return made;
}

/** Virtual time passes, and what was ordered is recorded. */
async function pass(made: SimCluster, forMs: number, afterEach?: () => void): Promise<void> {
  made.run(forMs, afterEach);
  // As many turns as what was ordered takes; a timer of the machine would cost a millisecond each time.
  for (let turn = 0; turn < 6; turn++) await Promise.resolve();
}

/** How long after `begin` lb02 is master, in milliseconds. */
async function moveMs(made: SimCluster, begin: (lb01: SimNode) => void): Promise<number> {
  const [lb01, lb02] = made.nodes as [SimNode, SimNode];
  const fromMs = made.time.nowMs;
  begin(lb01);
  while (lb02.status.state !== "master" && made.time.nowMs < fromMs + 10_000) await pass(made, 0.5);
  assert.equal(lb02.status.state, "master");
  return made.time.nowMs - fromMs;
}

const PAIR = [{ priority: 150, track: TRACKED }, { priority: 100, track: TRACKED }];
const SKEW_MS = skewTimeMs(2, 100, 100);

Deno.test("whatever makes a master say goodbye, its only backup serves at once", async () => {
  const ways: Record<string, (node: SimNode) => void> = {
    "a stop": stop,
    "a demote": demote,
    "a failed check": (node) => node.host.checks.set(NGINX_CHECK.name, false),
  };
  const pairings: [Pairing, Partial<InstanceConfig>][] = [
    ["peers", {}],
    ["unicast", {}],
    ["none", { soleBackup: true }],
    ["peers", { version: 3, advertIntervalCs: 10, authentication: { type: "none" } }],
    ["peers", { preempt: false }],
  ];
  for (const [pairing, changes] of pairings) {
    for (const [what, begin] of Object.entries(ways)) {
      const made = cluster(PAIR.map((each) => ({ ...each, ...changes })), pairing);
      const checkMs = what === "a failed check" ? 2 * NGINX_CHECK.intervalMs : 0;
      const tookMs = await moveMs(made, begin);
      assert.ok(tookMs < AT_ONCE_MS + checkMs, `${what}, ${pairing}: ${tookMs} ms`);
      await pass(made, 5000);
      assert.deepEqual(made.holders, ["lb02"], `${what}, ${pairing}`);
      const { applies, why } = made.nodes[1]!.status.sole_backup;
      assert.ok(applies, why);
    }
  }
});

/** The API of a node answers another. */
function answers({ daemon, name }: SimNode, to: SimNode): void {
  const answer = readPeerAnswer(JSON.stringify(daemon!.status()));
  assert.ok(!("problem" in answer));
  to.daemon!.peerReported(name, { ok: true, answer });
}

/** Says how lb02's status promises to answer a goodbye; lb01 stops, and it is so. */
async function keepsItsWord(made: SimCluster, skewMs: number): Promise<string> {
  const { applies, why } = made.nodes[1]!.status.sole_backup;
  const tookMs = await moveMs(made, stop);
  const least = applies ? 0 : skewMs - AT_ONCE_MS;
  const most = applies ? AT_ONCE_MS : skewMs + AT_ONCE_MS;
  assert.ok(tookMs >= least && tookMs <= most, `${applies}, ${why}: ${tookMs} ms`);
  return `${applies}: ${why}`;
}

Deno.test("the status promises a takeover at once only if the address of its master is known", async () => {
  for (const soleBackup of ["auto", true] as const) {
    const pair = () => cluster(PAIR.map((each) => ({ ...each, ...IPV6, soleBackup })));
    const skewMs = skewTimeMs(3, 100, 100);
    const said = await keepsItsWord(pair(), skewMs);
    assert.equal(said, "false: its master, fe80::11, is not known to be lb01");
    const known = pair();
    const [lb01, lb02] = known.nodes as [SimNode, SimNode];
    answers(lb01, lb02);
    assert.match(await keepsItsWord(known, skewMs), /^true/);
  }
});

Deno.test("the other node under another address is no third router once its API has named it", async () => {
  for (const first of ["the advert", "the API"]) {
    const made = cluster(PAIR);
    const [lb01, lb02] = made.nodes as [SimNode, SimNode];
    if (first === "the API") made.network.partition([lb01.name], [lb02.name]);
    lb01.host.setOwnAddresses([{ address: "192.168.31.21", prefixLength: 24 }]);
    await pass(made, 500);
    if (first === "the advert") {
      assert.match(lb02.status.sole_backup.why, /a third router, 192\.168\.31\.21/);
    }
    answers(lb01, lb02);
    assert.ok(lb02.status.sole_backup.applies, lb02.status.sole_backup.why);
    made.network.heal();
    await pass(made, 3000);
    assert.equal(lb02.status.master?.address, "192.168.31.21");
    const third = lb02.daemon!.journal.since().filter(({ code }) => code === "third_router");
    assert.equal(third.length, first === "the advert" ? 1 : 0);
    // Before it has asked the API of lb01, the next run has only the word of this one.
    lb02.start();
    await pass(made, 5000);
    const { why } = lb02.status.sole_backup;
    assert.equal(why, "its master, 192.168.31.21, is not known to be lb01", first);
    answers(lb01, lb02);
    assert.match(await keepsItsWord(made, SKEW_MS), /^true/, first);
  }
});

Deno.test("a reload that asks the other node at its next address makes no third router of the old one", async () => {
  const made = cluster(PAIR);
  const [lb01, lb02] = made.nodes as [SimNode, SimNode];
  const url = "http://192.168.31.21:9112";
  lb02.reload({ ...lb02.config, peers: [{ name: "lb01", url }] });
  lb01.host.setOwnAddresses([{ address: "192.168.31.21", prefixLength: 24 }]);
  await pass(made, 3000);
  assert.match(await keepsItsWord(made, SKEW_MS), /^true/);
});

Deno.test("several third routers are known after a restart", async () => {
  const made = cluster([...PAIR, { priority: 90 }, { priority: 80 }]);
  const [, lb02, lb03, lb04] = made.nodes as [SimNode, SimNode, SimNode, SimNode];
  lb02.reload(told(lb02, lb02.config.instances[0]!, "peers", 2));
  for (const other of [lb03, lb04]) {
    // One that hears nobody serves, and is heard until it hears another.
    made.network.partition(
      [other.name],
      made.nodes.filter((it) => it !== other).map(({ name }) => name),
    );
    await pass(made, 5000);
    made.network.heal();
    await pass(made, 5000);
  }
  lb02.start();
  await pass(made, 5000);
  assert.match(lb02.status.sole_backup.why, /a third router, 192\.168\.31\.13/);
  // One of them turns out to be the other node.
  lb02.reload({ ...lb02.config, peers: [{ name: "lb01", url: "http://192.168.31.13:9112" }] });
  await pass(made, 2000);
  assert.match(lb02.status.sole_backup.why, /a third router, 192\.168\.31\.14/);
});

Deno.test("every member of a sync group that answers a goodbye at once announces again soon", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const made = group({}, seed);
    const [lb01, lb02] = made.nodes as [SimNode, SimNode];
    stop(lb01);
    made.run(10);
    const { announced } = lb02.host;
    const before = announced.length;
    made.run(1500);
    const soon = (address: string) => announced.slice(before).filter((it) => it === address).length;
    const counts = ["192.168.31.5", "192.168.31.6"].map(soon);
    // At 50, 200 and 1000 ms.
    assert.deepEqual(counts, [3, 3], `seed ${seed}`);
  }
});

Deno.test("a backup that is not the only one, or would rather not serve, waits Skew_Time", async () => {
  const cases: [string, () => SimCluster | Promise<SimCluster>, number][] = [
    ["nobody says who the other is", () => cluster(PAIR, "none"), SKEW_MS],
    ["turned off", () => cluster(PAIR.map((each) => ({ ...each, soleBackup: false }))), SKEW_MS],
    ["three nodes", () => cluster([...PAIR, { priority: 50 }]), SKEW_MS],
    ["three nodes, unicast", () => cluster([...PAIR, { priority: 50 }], "unicast"), SKEW_MS],
    ["the backup is demoted", async () => {
      const made = cluster(PAIR);
      demote(made.nodes[1]!);
      await pass(made, 1000);
      return made;
    }, skewTimeMs(2, 1, 100)],
  ];
  for (const [what, make, skewMs] of cases) {
    const tookMs = await moveMs(await make(), stop);
    assert.ok(tookMs > skewMs - AT_ONCE_MS && tookMs < skewMs + AT_ONCE_MS, `${what}: ${tookMs}`);
  }
});

Deno.test("a third router that was heard ends it, across restarts of the backup", async () => {
  const lone = cluster([...PAIR, { priority: 120 }]);
  const [lb01, lb02] = lone.nodes as [SimNode, SimNode, SimNode];
  // lb01 and lb02 know each other alone; lb03 was never heard.
  for (const node of [lb01, lb02]) node.reload(told(node, node.config.instances[0]!, "peers", 2));
  assert.ok(lb02.status.sole_backup.applies);
  stop(lb01);
  lone.run(2 * SKEW_MS);
  assert.deepEqual(lone.holders, ["lb03"], "the stronger of the two has it in the end");
  assert.match(lb02.status.sole_backup.why, /a third router, 192\.168\.31\.13/);
  assert.ok(lb02.daemon!.journal.since().some(({ code }) => code === "third_router"));
  lb01.start();
  await pass(lone, 10_000);
  lb02.start();
  lone.run(10_000);
  assert.deepEqual(lone.holders, ["lb01"]);
  assert.ok(!lb02.status.sole_backup.applies);
});

Deno.test("a third router counts only among those that can be heard since a reload", async () => {
  const made = cluster([...PAIR, { priority: 120 }]);
  const [lb01, lb02] = made.nodes as [SimNode, SimNode, SimNode];
  const own = { ...lb02.config.instances[0]!, soleBackup: true };
  const load = async (changes: Partial<InstanceConfig>) => {
    lb02.reload(told(lb02, { ...own, ...changes }, "peers", 2));
    await pass(made, 0);
    return lb02.status.sole_backup;
  };
  await load({});
  stop(lb01);
  await pass(made, 2 * SKEW_MS);
  assert.match(lb02.status.sole_backup.why, /a third router, 192\.168\.31\.13/);

  const unicast = { peers: [ADDRESSES[0]!], ttl: 255, minTtl: 255 };
  const elsewhere: Record<string, Partial<InstanceConfig>> = {
    "another VRID": { vrid: 56 },
    "another interface": { interface: "eth2" },
    "another version": { version: 3, authentication: { type: "none" } },
    "another family": IPV6,
    "another multicast group": { multicastGroup: "224.0.0.181" },
    "one unicast peer": { unicast },
    "another unicast peer": { unicast: { ...unicast, peers: [ADDRESSES[3]!] } },
  };
  for (const [what, changes] of Object.entries(elsewhere)) {
    assert.doesNotMatch((await load(changes)).why, /third router/, what);
    assert.match((await load({})).why, /third router/, `back from ${what}`);
  }
  const same = { priority: 90, advertIntervalCs: 200, preempt: false };
  assert.match((await load(same)).why, /third router/);
});

/** Every node hears a priority 0 that `source` has not sent. */
function forgeGoodbye(made: SimCluster, source: string): void {
  forge(made, source, 0);
}

function forge(made: SimCluster, source: string, priority: number): void {
  const destination = "224.0.0.18";
  const advertisement = {
    ...{ version: 3, vrid: 55, priority, intervalCs: 100 } as const,
    addresses: [VIP.address],
  };
  const payload = encodeAdvertisement(advertisement, { source, destination }, "pseudo_header");
  const datagram = { interface: "eth1", source, destination, ttl: 255, payload };
  for (const { host } of made.nodes) host.arrive(datagram, host.mac, false);
}

const OPEN = { version: 3, authentication: { type: "none" } } as const;

Deno.test("an address from which no router speaks makes no third router, a host's own does", async () => {
  const cases: [string, number, boolean][] = [
    ["192.168.31.99", 1, true],
    ["192.168.31.99", 255, true],
    [VIP.address, 1, false],
    // Its owner has it of its own.
    [VIP.address, 255, true],
    ["192.168.31.6", 1, false],
    ["255.255.255.255", 1, false],
    ["224.0.0.18", 1, false],
    ["0.0.0.0", 1, false],
  ];
  const other = { name: "VI_2", vrid: 56, addresses: [{ ...VIP, address: "192.168.31.6" }] };
  for (const [source, priority, isThird] of cases) {
    const made = cluster(PAIR.map((each) => ({ ...each, ...OPEN })));
    const lb02 = made.nodes[1]!;
    const [own] = lb02.config.instances;
    lb02.reload({ ...lb02.config, instances: [own!, { ...own!, ...other }] });
    forge(made, source, priority);
    await pass(made, 1);
    const third = lb02.daemon!.journal.since().filter(({ code }) => code === "third_router");
    assert.equal(third.length, isThird ? 1 : 0, `${source}, ${priority}`);
  }
});

Deno.test("one stray advert counts for a day, until the remedy that the status names", async () => {
  const made = cluster(PAIR.map((each) => ({ ...each, ...OPEN })));
  const lb02 = made.nodes[1]!;
  forge(made, "192.168.31.99", 1);
  const said = () => lb02.status.sole_backup;
  const why = `a third router, 192.168.31.99, was heard within 24 h${REMEDY}`;
  await pass(made, 5000);
  assert.deepEqual(said(), { applies: false, why });
  for (const removed of [false, true]) {
    stop(lb02);
    await pass(made, 5000);
    const store = lb02.host.openRoutersStore();
    if (removed) await store.setAside();
    lb02.start();
    await pass(made, 5000);
    assert.equal(said().applies, removed);
  }
});

Deno.test("where signatures are enforced a stray advert without one makes no third router", async () => {
  const keys = [{ id: 1, key: new Uint8Array(32).fill(0xa0) }];
  const checked = { keys, activeKey: 1, replay: "time", windowMs: 5000 } as const;
  for (const mode of ["enforce", "permissive"] as const) {
    const authentication = { type: "hmac", ...checked, mode } as const;
    const made = cluster(PAIR.map((each) => ({ ...each, version: 3, authentication })));
    forge(made, "192.168.31.99", 1);
    await pass(made, 5000);
    assert.equal(made.nodes[1]!.status.sole_backup.applies, mode === "enforce", mode);
  }
});

Deno.test("a forged goodbye takes the address from no stronger master for longer than its answer", () => {
  for (const [source, atOnce] of [["192.168.31.11", true], ["192.168.31.99", false]] as const) {
    const made = cluster(PAIR.map((each) => ({ ...each, ...OPEN })));
    const lb02 = made.nodes[1]!;
    forgeGoodbye(made, source);
    made.run(AT_ONCE_MS);
    assert.deepEqual(made.holders, ["lb01"], `from ${source}`);
    made.run(5000);
    assert.deepEqual(made.holders, ["lb01"], `from ${source}`);
    const { became_master: times } = lb02.status.counters;
    assert.equal(times, atOnce ? 1 : 0);
  }
});

Deno.test("the goodbye of a foreign router does not shorten the wait after the master's", () => {
  const made = cluster(PAIR.map((each) => ({ ...each, ...OPEN, soleBackup: false })));
  const lb02 = made.nodes[1]!;
  for (const source of ["192.168.31.11", "192.168.31.99", "192.168.31.99"]) {
    forgeGoodbye(made, source);
    assert.deepEqual(made.holders, ["lb01"], `from ${source}`);
  }
  const why = "priority 0 came from 192.168.31.99, which it does not follow";
  assert.deepEqual(lb02.status.sole_backup, { applies: false, why });
});

Deno.test("a forged goodbye of a weaker master moves the address for good, and nothing of another's", () => {
  const followers = [{ priority: 200, preempt: false }, { priority: 150, preempt: true }];
  for (const own of followers) {
    for (
      const [source, holder] of [["192.168.31.11", "lb02"], ["192.168.31.99", "lb01"]] as const
    ) {
      const made = cluster(PAIR.map((each) => ({ ...each, ...OPEN })));
      const lb02 = made.nodes[1]!;
      lb02.reload(told(lb02, { ...OPEN, track: TRACKED, ...own }, "peers", 2));
      made.run(5000);
      assert.deepEqual(made.holders, ["lb01"], "it follows");
      forgeGoodbye(made, source);
      made.run(AT_ONCE_MS);
      assert.deepEqual(made.holders, [holder], `from ${source}`);
      made.run(60_000);
      assert.deepEqual(made.holders, [holder], `from ${source}`);
    }
  }
});

Deno.test("the status says why a sole backup lets others go first", async () => {
  const made = cluster([{ priority: 150 }, { priority: 100, track: [...TRACKED] }]);
  const lb02 = made.nodes[1]!;
  const why = () => {
    const { applies, why } = lb02.status.sole_backup;
    return applies ? "" : why;
  };
  assert.equal(why(), "");
  demote(lb02);
  await pass(made, 1000);
  assert.match(why(), /^its priority is 1/);
});
