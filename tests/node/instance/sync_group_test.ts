/** Sync groups: all members move together. */

import assert from "node:assert/strict";
import { type GroupMember, SyncGroup } from "../../../src/node/instance/sync_group.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { tracked } from "../../../src/sim/cluster.ts";
import { masterDownIntervalMs, skewTimeMs } from "../../../src/vrrp/timers.ts";
import { encodeAdvertisement, passwordOctets, VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import { BACK, FRONT, GroupedCluster, type GroupedNode, statusOf } from "./grouped_pair.ts";

const ON_LB01 = "front: lb01, back: lb01";
const ON_LB02 = "front: lb02, back: lb02";
const LB01_DOWN_MS = masterDownIntervalMs(2, 150, 100);
const LB02_SKEW_MS = skewTimeMs(2, 100, 100);
const TRACK_NGINX = { track: [tracked({ kind: "check", check: "nginx" })] } as const;

/** lb01 (150) and lb02 (100), long enough after their start that lb01 is master of both. */
function electedPair(changes: GroupedNode = {}) {
  const node = (priority: number): GroupedNode => ({
    ...changes,
    both: { priority, ...changes.both },
  });
  const cluster = new GroupedCluster([node(150), node(100)]);
  cluster.start();
  cluster.run(10_000);
  assert.equal(cluster.holders, ON_LB01);
  const [lb01, lb02] = cluster.nodes;
  return { cluster, lb01: lb01!, lb02: lb02! };
}

/** Counts the moments in which somebody answers for one address and nobody for the other. */
function gapCounter(cluster: GroupedCluster) {
  const counted = { gaps: 0 };
  return {
    counted,
    afterEach: () => {
      if (cluster.holdersOf(FRONT) === "" || cluster.holdersOf(BACK) === "") counted.gaps++;
    },
  };
}

Deno.test("the members become master at one moment, and the status names the group", () => {
  const { lb01 } = electedPair();
  const [front, back] = [statusOf(lb01.daemon, FRONT), statusOf(lb01.daemon, BACK)];
  assert.equal(front.since, back.since);
  assert.equal(front.sync_group, "SG");
  assert.equal(front.reason.code, "master_silent");
  assert.equal(back.reason.code, "sync_group");
  assert.match(back.reason.message, /front became master/);
});

Deno.test("a check of one member moves both, without a gap, and both return with it", () => {
  const { cluster, lb01 } = electedPair({ front: TRACK_NGINX });
  const { counted, afterEach } = gapCounter(cluster);
  lb01.host.setCheck("nginx", false);
  cluster.run(LB02_SKEW_MS + 10, afterEach);
  assert.equal(cluster.holders, ON_LB02);
  assert.equal(counted.gaps, 0);
  const back = statusOf(lb01.daemon, BACK);
  assert.equal(back.state, "fault");
  assert.equal(
    back.faults[0],
    "sync group SG: front cannot serve: check nginx is down: simulated failure",
  );
  lb01.host.setCheck("nginx", true);
  cluster.run(LB01_DOWN_MS + 1010);
  assert.equal(cluster.holders, ON_LB01);
});

Deno.test("a member waits for what the other does not know yet", () => {
  const cluster = new GroupedCluster([{ front: TRACK_NGINX }]);
  cluster.start();
  const back = statusOf(cluster.nodes[0]!.daemon, BACK);
  assert.equal(back.state, "init");
  assert.deepEqual(back.faults, ["sync group SG: front waits: check nginx has no result yet"]);
  cluster.run(10);
  assert.equal(statusOf(cluster.nodes[0]!.daemon, BACK).state, "backup");
});

Deno.test("no member serves for a moment before it is known what keeps another from it", () => {
  const track = [tracked({ kind: "interface", interface: "eth0" })];
  const { nodes: [lb01] } = new GroupedCluster([{ front: { priority: 255 }, back: { track } }]);
  const { config, host } = lb01!;
  host.setOther("eth0", { enabled: true, up: true });
  const daemon = new LoadBalancer(config, host, { version: "simulated", store: host.openStore() });
  // The last moment before it starts.
  host.setOther("eth0", null);
  daemon.start();
  const moves = daemon.journal.since().flatMap(({ transition }) => transition ?? []);
  assert.deepEqual(moves.map(({ from, to }) => `${from} -> ${to}`), [
    "init -> fault",
    "init -> fault",
  ]);
});

Deno.test("a weight of one member moves the priority of both, once where both track the same", () => {
  const track = [tracked({ kind: "check", check: "nginx", weight: -60 })] as const;
  const changes = [{ front: { track } }, { both: { track } }];
  for (const change of changes) {
    const { cluster, lb01 } = electedPair(change);
    lb01.host.setCheck("nginx", false);
    assert.equal(statusOf(lb01.daemon, FRONT).priority.effective, 90);
    assert.equal(statusOf(lb01.daemon, BACK).priority.effective, 90);
    const { counted, afterEach } = gapCounter(cluster);
    cluster.run(5000, afterEach);
    assert.equal(cluster.holders, ON_LB02);
    assert.equal(counted.gaps, 0);
    const movements = lb01.daemon!.journal.since().filter(({ code }) => code === "state_changed");
    cluster.run(60_000);
    assert.equal(cluster.holders, ON_LB02);
    const later = lb01.daemon!.journal.since().filter(({ code }) => code === "state_changed");
    assert.equal(later.length, movements.length, "it does not flap");
  }
});

Deno.test("what members track in the same way counts once, and all else counts", () => {
  const lacks = (name: string, weight: number, reverse = false) =>
    tracked({ kind: "interface", interface: name, weight, reverse });
  const rows = [
    [lacks("eth9", -20), lacks("eth9", -20), 130],
    [lacks("eth9", -20), lacks("eth8", -20), 110],
    [lacks("eth9", -20), lacks("eth9", -30), 100],
    [lacks("eth9", -20, true), lacks("eth9", -20), 150],
  ] as const;
  for (const [ofFront, ofBack, effective] of rows) {
    const { lb01 } = electedPair({ front: { track: [ofFront] }, back: { track: [ofBack] } });
    for (const name of [FRONT, BACK]) {
      assert.equal(statusOf(lb01.daemon, name).priority.effective, effective);
    }
  }
});

Deno.test("a crash and a clean stop move both", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.powerOff();
  cluster.run(3700);
  assert.equal(cluster.holders, ON_LB02);
  lb01.kill();
  lb01.start();
  cluster.run(10_000);
  assert.equal(cluster.holders, ON_LB01);
  const { counted, afterEach } = gapCounter(cluster);
  await cluster.settle(lb01.daemon!.stop(), afterEach);
  assert.equal(cluster.holders, ON_LB02);
  assert.equal(counted.gaps, 0);
});

Deno.test("a link that fails means fault of both, and both come back", () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.setLink(false);
  assert.deepEqual(
    [FRONT, BACK].map((name) => statusOf(lb01.daemon, name).state),
    ["fault", "fault"],
  );
  cluster.run(5000);
  assert.equal(cluster.holders, ON_LB02);
  lb01.host.setLink(true);
  cluster.run(5000);
  assert.equal(cluster.holders, ON_LB01);
});

Deno.test("a promote of one member moves both, and its release moves both back", async () => {
  const { cluster, lb02 } = electedPair();
  const { counted, afterEach } = gapCounter(cluster);
  const result = await cluster.settle(
    lb02.daemon!.command({ kind: "promote", instance: BACK }),
    afterEach,
  );
  assert.ok(result.ok && result.instance.name === BACK && result.instance.state === "master");
  cluster.run(60_000, afterEach);
  assert.equal(cluster.holders, ON_LB02);
  assert.equal(counted.gaps, 0);
  assert.equal(statusOf(lb02.daemon, FRONT).override?.kind, "promoted");
  assert.ok((await cluster.settle(lb02.daemon!.command({ kind: "release", instance: FRONT }))).ok);
  cluster.run(LB01_DOWN_MS + 1010, afterEach);
  assert.equal(cluster.holders, ON_LB01);
  assert.equal(statusOf(lb02.daemon, BACK).override, null);
});

Deno.test("a demote of one member moves both without a gap", async () => {
  const { cluster, lb01 } = electedPair();
  const { counted, afterEach } = gapCounter(cluster);
  const beganMs = cluster.time.nowMs;
  const result = await cluster.settle(
    lb01.daemon!.command({ kind: "demote", instance: FRONT }),
    afterEach,
  );
  assert.ok(result.ok);
  const elapsedMs = cluster.time.nowMs - beganMs;
  assert.ok(result.tookMs > 0 && result.tookMs <= elapsedMs, `${result.tookMs} ms`);
  assert.equal(counted.gaps, 0);
  cluster.run(60_000, afterEach);
  assert.equal(cluster.holders, ON_LB02);
  assert.equal(statusOf(lb01.daemon, BACK).override?.kind, "demoted");
});

Deno.test("a demote that nobody takes up is refused as a whole", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb02.host.powerOff();
  const result = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: FRONT }));
  assert.ok(!result.ok && result.code === "no_other_master");
  assert.match(result.message, /^front stays master: [^;]*;[^;]*; back stays master: [^;]*;[^;]*$/);
  cluster.run(10_000);
  assert.equal(cluster.holders, ON_LB01);
  assert.equal(statusOf(lb01.daemon, FRONT).override, null);
  assert.equal(statusOf(lb01.daemon, BACK).override, null);
});

Deno.test("a demote for which one member finds a master and the other none leaves both here", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb02.host.powerOff();
  let taken = false;
  const result = await cluster.settle(
    lb01.daemon!.command({ kind: "demote", instance: BACK }),
    () => {
      if (taken || !statusOf(lb01.daemon, FRONT).handing_over) return;
      taken = true;
      lb01.host.deliver(foreignAdvert(55, 100));
    },
  );
  assert.ok(taken && !result.ok && result.code === "no_other_master");
  assert.doesNotMatch(result.message, /front/);
  assert.equal(cluster.holders, ON_LB01);
  const states = [FRONT, BACK].map((name) => statusOf(lb01.daemon, name).state);
  assert.deepEqual(states, ["master", "master"]);
});

Deno.test("of a demote that nobody takes up and another one, only the first is the cause", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb02.host.powerOff();
  const first = lb01.daemon!.command({ kind: "demote", instance: FRONT });
  const second = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: BACK }));
  assert.ok(!second.ok && second.code === "superseded");
  assert.match(second.message, /^back is handing over already; front is handing over already$/);
  assert.ok(!(await cluster.settle(first)).ok);
});

Deno.test("a promote that one member cannot follow is refused as a whole", async () => {
  const cluster = new GroupedCluster([
    { both: { priority: 150 }, back: { priority: 255 } },
    { both: { priority: 100 } },
  ]);
  cluster.start();
  cluster.run(10_000);
  assert.equal(cluster.holders, ON_LB01);
  const [, lb02] = cluster.nodes;
  const result = await cluster.settle(lb02!.daemon!.command({ kind: "promote", instance: FRONT }));
  assert.ok(!result.ok && result.code === "master_not_outbid");
  assert.match(result.message, /^back /);
  cluster.run(5000);
  assert.equal(cluster.holders, ON_LB01);
  assert.equal(statusOf(lb02!.daemon, FRONT).override, null);
});

/** An advert of a foreign master for one of the two instances. */
function foreignAdvert(vrid: number, priority: number) {
  const envelope = { source: "192.168.31.99", destination: VRRP_GROUP.ipv4 };
  const payload = encodeAdvertisement(
    {
      version: 2,
      vrid,
      priority,
      intervalCs: 100,
      addresses: [vrid === 55 ? "192.168.31.5" : "192.168.31.6"],
      authentication: { type: 1, data: passwordOctets("123456") },
    },
    envelope,
    "message",
  );
  return { interface: "eth1", ttl: 255, ...envelope, payload };
}

Deno.test("where one member loses its election, the other gives way and does not come back alone", () => {
  const cluster = new GroupedCluster([{ both: { priority: 100 } }]);
  const [lb01] = cluster.nodes;
  cluster.start();
  cluster.run(10_000);
  assert.equal(cluster.holders, ON_LB01);
  // A stronger master is heard for the front; for the back, VRRP does not pass.
  for (let second = 0; second < 30; second++) {
    lb01!.host.deliver(foreignAdvert(55, 200));
    if (second === 0) assert.equal(statusOf(lb01!.daemon, BACK).handing_over, true);
    cluster.run(1000);
    if (second > 1) assert.equal(cluster.holders, "front: , back: ");
  }
  assert.equal(statusOf(lb01!.daemon, BACK).state, "backup");
  assert.equal(statusOf(lb01!.daemon, BACK).reason.code, "sync_group");
  const warnings = lb01!.daemon!.journal.since().filter(({ code }) => code === "sync_group_waits");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!.message, /back: hears no master.*front of sync group SG hears one/);
  // When the stronger master is gone, both return at once.
  cluster.run(4000);
  assert.equal(cluster.holders, ON_LB01);
});

Deno.test("a master that lets go of one member's address is replaced for both at once", () => {
  const cluster = new GroupedCluster([{ both: { priority: 100 } }]);
  const [lb01] = cluster.nodes;
  cluster.start();
  for (let second = 0; second < 5; second++) {
    lb01!.host.deliver(foreignAdvert(55, 200));
    lb01!.host.deliver(foreignAdvert(56, 200));
    cluster.run(1000);
  }
  assert.equal(cluster.holders, "front: , back: ");
  lb01!.host.deliver(foreignAdvert(55, 0));
  cluster.run(skewTimeMs(2, 100, 100) + 1);
  assert.equal(cluster.holders, ON_LB01);
});

Deno.test("the longest preempt delay of the members holds", () => {
  const cluster = new GroupedCluster([
    { both: { priority: 150 }, back: { priority: 150, preemptDelayMs: 30_000 } },
    { both: { priority: 100 } },
  ]);
  const [lb01, lb02] = cluster.nodes;
  lb02!.start();
  cluster.run(10_000);
  lb01!.start();
  cluster.run(30_000);
  assert.equal(cluster.holders, ON_LB02);
  for (const name of [FRONT, BACK]) {
    assert.equal(statusOf(lb01!.daemon, name).timers.preempt_delay_ms, 30_000);
    assert.equal("preempt_delay_ms" in statusOf(lb02!.daemon, name).timers, false);
  }
  cluster.run(5000);
  assert.equal(cluster.holders, ON_LB01);
});

Deno.test("a link that flickers does not leave the members apart", () => {
  for (const downMs of [1, 50, 300, 700, 1300, 3000]) {
    const { cluster, lb01 } = electedPair({ front: TRACK_NGINX });
    lb01.host.setCheck("nginx", false);
    cluster.run(downMs / 2);
    lb01.host.setLink(false);
    cluster.run(downMs);
    lb01.host.setLink(true);
    lb01.host.setCheck("nginx", true);
    cluster.run(10_000);
    assert.equal(cluster.holders, ON_LB01, `${downMs} ms`);
  }
});

Deno.test("a member that starts while another is master already does not wait", () => {
  const cluster = new GroupedCluster([{ front: { priority: 255 } }]);
  cluster.start();
  assert.equal(cluster.holders, ON_LB01);
  const { code, message } = statusOf(cluster.nodes[0]!.daemon, BACK).reason;
  assert.equal(code, "sync_group");
  assert.match(message, /front is master/);
});

Deno.test("members that are put together go where the group is served", async (t) => {
  /** A member in a state, and whom it follows: the other's priority, with its own being 100. */
  const member = (name: string, state: "master" | "backup" | "fault", followed: number | null) => {
    const moves: string[] = [];
    const router = {
      state,
      priority: 100,
      masterSeen: followed === null ? null : { address: "192.168.31.12", priority: followed },
    };
    const fake = {
      config: { name, priority: 100 },
      router,
      serving: state === "master",
      follow: (to: string, leader: string) => moves.push(`${name} to ${to}: ${leader}`),
    };
    return { moves, member: fake as unknown as GroupMember };
  };
  const FOLLOWS = "b follows 192.168.31.12";
  const rows: [string, ReturnType<typeof member>[], string[]][] = [
    [
      "a weaker master is followed: the others come along",
      [member("a", "master", null), member("b", "backup", 99)],
      ["b to master: a is master"],
    ],
    [
      "an equal master is followed: nobody may start a contest with it",
      [member("a", "master", null), member("b", "backup", 100)],
      [`a to backup: ${FOLLOWS}`],
    ],
    [
      "a stronger master is followed: the others give way",
      [member("a", "master", null), member("b", "backup", 101), member("c", "master", null)],
      [`a to backup: ${FOLLOWS}`, `c to backup: ${FOLLOWS}`],
    ],
    [
      "nobody is followed: the others come along",
      [member("a", "master", null), member("b", "backup", null)],
      ["b to master: a is master"],
    ],
    ["nobody serves", [member("a", "backup", 101), member("b", "backup", null)], []],
    ["nobody is idle", [member("a", "master", null), member("b", "fault", null)], []],
  ];
  for (const [what, members, expected] of rows) {
    await t.step(what, () => {
      const group = new SyncGroup("SG");
      for (const { member: joined } of members) group.join(joined);
      group.align();
      assert.deepEqual(members.flatMap(({ moves }) => moves), expected);
    });
  }
});

Deno.test("members look at their conditions in turn, and again until nothing changes any more", () => {
  const group = new SyncGroup("SG");
  const looks: string[] = [];
  /** A member whose own conditions change at its first looks, as often as said. */
  const join = (name: string, changes: number) => {
    const evaluate = () => {
      looks.push(name);
      if (changes-- > 0) group.conditionsChanged();
    };
    group.join({ evaluate } as unknown as GroupMember);
  };
  join("a", 2);
  join("b", 1);
  for (const expected of [["a", "b", "a", "b", "a", "b"], ["a", "b"]]) {
    looks.length = 0;
    group.conditionsChanged();
    assert.deepEqual(looks, expected);
  }
});
