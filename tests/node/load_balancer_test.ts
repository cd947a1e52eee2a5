import assert from "node:assert/strict";
import {
  instanceConfig,
  NGINX_CHECK,
  SimCluster,
  type SimNode,
  tracked,
  VIP,
} from "../../src/sim/cluster.ts";
import { GOOD_LINK } from "../../src/sim/network.ts";
import { masterDownIntervalMs, skewTimeMs } from "../../src/vrrp/timers.ts";
import { encodeAdvertisement, passwordOctets, VRRP_GROUP } from "../../src/wire/vrrp.ts";
import { countTimers } from "./count_timers.ts";
import { electedPair } from "./elected_pair.ts";

const LB01_DOWN_MS = masterDownIntervalMs(2, 150, 100);
const LB02_SKEW_MS = skewTimeMs(2, 100, 100);
const SECOND = { address: "192.168.31.6", prefixLength: 24, device: "eth1" };

Deno.test("of two nodes that start, the one with the higher priority becomes master after Master_Down_Interval", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  cluster.start();
  cluster.run(LB01_DOWN_MS - 1);
  assert.deepEqual(cluster.holders, []);
  cluster.run(2);
  assert.deepEqual(cluster.holders, ["lb01"]);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  const [lb01, lb02] = cluster.nodes;
  assert.equal(lb01!.status.state, "master");
  assert.equal(lb02!.status.state, "backup");
  assert.deepEqual(lb02!.status.master, { address: "192.168.31.11", priority: 150 });
  assert.equal(lb01!.status.addresses[0]!.held, true);
  assert.equal(lb01!.host.virtualAddresses[0]!.label, "eth1:1");
  assert.equal(lb01!.status.counters.became_master, 1);
});

Deno.test("the outline says of states and alarms what the status says", () => {
  const { cluster, lb01 } = electedPair();
  const same = () => {
    const outline = lb01.daemon!.outline();
    const { instances, alarms } = lb01.daemon!.status();
    assert.deepEqual(outline.alarms, alarms);
    assert.deepEqual(outline.instances, instances.map(({ name, state }) => ({ name, state })));
    return { state: outline.instances[0]!.state, alarms: alarms.length };
  };
  assert.deepEqual(same(), { state: "master", alarms: 0 });
  lb01.host.setLink(false);
  cluster.run(10_000);
  assert.deepEqual(same(), { state: "fault", alarms: 1 });
});

Deno.test("a master announces its addresses at once and again after the delay", () => {
  const { lb01, lb02 } = electedPair();
  assert.equal(lb01.host.announcements, 10);
  assert.equal(lb02.host.announcements, 0);
});

Deno.test("a clean stop hands over without a moment in which nobody answers", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  const startedMs = cluster.time.nowMs;
  let gaps = 0;
  await cluster.settle(lb01.daemon!.stop(), () => {
    if (cluster.holders.length === 0) gaps++;
  });
  const tookMs = cluster.time.nowMs - startedMs;
  assert.equal(gaps, 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.ok(Math.abs(tookMs - LB02_SKEW_MS) < 5, `took ${tookMs} ms, Skew_Time is ${LB02_SKEW_MS}`);
  assert.equal(lb01.status.state, "init");
  assert.equal(lb02.status.reason.code, "master_released");
});

Deno.test("a clean stop waits for every instance, whatever those before it are", async () => {
  const backup = instanceConfig({ priority: 50 });
  const master = { name: "VI_2", vrid: 56, addresses: [SECOND], priority: 150 };
  const cluster = new SimCluster([{ priority: 50 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  lb01.reload({ ...lb01.config, instances: [backup, instanceConfig(master)] });
  const others = [instanceConfig({ priority: 100 }), instanceConfig({ ...master, priority: 100 })];
  lb02.reload({ ...lb02.config, instances: others });
  cluster.start();
  cluster.run(10_000);
  const states = () => lb01.daemon!.status().instances.map(({ state }) => state);
  assert.deepEqual(states(), ["backup", "master"]);
  await cluster.settle(lb01.daemon!.stop());
  assert.deepEqual(states(), ["init", "init"]);
  assert.deepEqual(lb01.host.virtualAddresses, []);
  assert.deepEqual(lb02.daemon!.status().instances.map(({ state }) => state), ["master", "master"]);
});

Deno.test("a clean stop without another node takes the addresses off and ends", async () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  await cluster.settle(cluster.nodes[0]!.daemon!.stop());
  assert.deepEqual(cluster.holders, []);
});

Deno.test("a demote moves the addresses without a gap, and they stay away until it is released", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  let gaps = 0;
  const result = await cluster.settle(
    lb01.daemon!.command({ kind: "demote", instance: "VI_1" }),
    () => {
      if (cluster.holders.length === 0) gaps++;
    },
  );
  assert.ok(result.ok);
  assert.equal(gaps, 0);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(result.instance.override?.kind, "demoted");
  cluster.run(60_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.ok((await cluster.settle(lb01.daemon!.command({ kind: "release", instance: "VI_1" }))).ok);
  cluster.run(LB01_DOWN_MS + 10);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb02.status.state, "backup");
});

Deno.test("a demote that nobody takes up is refused and the node stays master", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb02.host.powerOff();
  const result = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.ok(!result.ok);
  assert.equal(result.code, "no_other_master");
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb01.status.state, "master");
  assert.equal(lb01.status.override, null);
});

Deno.test("a demoted node serves when every other node is gone, and gives way when one returns", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  lb02.host.powerOff();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  lb02.start();
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("a promote takes the addresses at once and keeps them against a higher configured priority", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  const result = await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  assert.ok(result.ok);
  cluster.run(1);
  assert.deepEqual(cluster.holders, ["lb02"]);
  cluster.run(60_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(lb01.status.state, "backup");
  assert.equal(lb02.status.priority.effective, 254);
  assert.equal(lb02.status.override?.kind, "promoted");
});

Deno.test("a promote that cannot outbid the master is refused with the reason", async () => {
  const cluster = new SimCluster([{ priority: 255 }, { priority: 100 }]);
  cluster.start();
  cluster.run(5000);
  const result = await cluster.settle(
    cluster.nodes[1]!.daemon!.command({ kind: "promote", instance: "VI_1" }),
  );
  assert.ok(!result.ok);
  assert.equal(result.code, "master_not_outbid");
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(cluster.nodes[1]!.status.override, null);
});

Deno.test("an override with a time ends by itself", async () => {
  const { cluster, lb02 } = electedPair();
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1", forMs: 60_000 }));
  cluster.run(59_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  cluster.run(1000 + LB01_DOWN_MS + 10);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb02.status.override, null);
});

Deno.test("a command for an instance that does not exist names those that do", async () => {
  const { cluster, lb01 } = electedPair();
  const result = await cluster.settle(lb01.daemon!.command({ kind: "promote", instance: "VI_2" }));
  assert.ok(!result.ok);
  assert.equal(result.code, "instance_unknown");
  assert.match(result.message, /VI_1/);
});

Deno.test("a second demote while one is under way learns that", async () => {
  const { cluster, lb01 } = electedPair();
  const first = lb01.daemon!.command({ kind: "demote", instance: "VI_1" });
  const second = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.ok(!second.ok);
  assert.equal(second.code, "superseded");
  assert.ok((await cluster.settle(first)).ok);
});

Deno.test("a failed check without weight moves the addresses without a gap, and they return with it", () => {
  const { cluster, lb01 } = electedPair({ track: [tracked({ kind: "check", check: "nginx" })] });
  let gaps = 0;
  lb01.host.setCheck("nginx", false);
  cluster.run(LB02_SKEW_MS + 10, () => {
    if (cluster.holders.length === 0) gaps++;
  });
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(gaps, 0);
  assert.equal(lb01.status.state, "fault");
  assert.match(lb01.status.faults[0]!, /check nginx is down: simulated failure/);
  lb01.host.setCheck("nginx", true);
  cluster.run(LB01_DOWN_MS + 1010);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a failed check with a weight lowers the priority and the other node preempts", () => {
  const { cluster, lb01 } = electedPair({
    track: [tracked({ kind: "check", check: "nginx", weight: -60 })],
  });
  let gaps = 0;
  lb01.host.setCheck("nginx", false);
  assert.equal(lb01.status.priority.effective, 90);
  assert.deepEqual(lb01.status.priority.reasons, [{ what: "check nginx is down", change: -60 }]);
  cluster.run(5000, () => {
    if (cluster.holders.length === 0) gaps++;
  });
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.equal(gaps, 0);
  assert.equal(lb01.status.state, "backup");
});

Deno.test("an instance waits in init for the first result of what it tracks, and one result decides", () => {
  const cluster = new SimCluster([{ track: [tracked({ kind: "check", check: "nginx" })] }]);
  const [lb01] = cluster.nodes;
  lb01!.host.setCheck("nginx", false);
  cluster.start();
  assert.equal(lb01!.status.state, "init");
  assert.match(lb01!.status.faults[0]!, /no result yet/);
  cluster.run(10);
  assert.equal(lb01!.status.state, "fault");
  cluster.run(20_000);
  assert.deepEqual(cluster.holders, []);
});

Deno.test("an interface that goes down means fault at once, and the way back leads through backup", () => {
  const { cluster, lb01 } = electedPair();
  lb01.host.setLink(false);
  assert.equal(lb01.status.state, "fault");
  assert.deepEqual(lb01.status.faults, ["interface eth1 is down"]);
  assert.equal(lb01.holds, false);
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  lb01.host.setLink(true);
  assert.equal(lb01.status.state, "backup");
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("an address that another program removes is put back and announced, but not in a tight loop", () => {
  const { cluster, lb01 } = electedPair();
  const announced = lb01.host.announcements;
  lb01.host.stealAddress(VIP.address);
  assert.equal(lb01.holds, true);
  assert.ok(lb01.host.announcements > announced);
  lb01.host.stealAddress(VIP.address);
  assert.equal(lb01.holds, false);
  cluster.run(1001);
  assert.equal(lb01.holds, true);
  const told = lb01.daemon!.journal.since().filter(({ code }) => code === "address_vanished");
  assert.equal(told.length, 1, "what goes on and on is told once");
});

Deno.test("the stale addresses of a killed run are removed before the next one speaks", () => {
  const { cluster, lb01 } = electedPair();
  lb01.kill();
  cluster.run(2000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  lb01.start();
  assert.deepEqual(cluster.holders, []);
  const [entry] = lb01.daemon!.journal.since();
  assert.equal(entry?.code, "address_left_behind");
});

Deno.test("a stopped process that wakes as backup does not take a living master for dead", () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb02.host.hang();
  cluster.run(20_000);
  lb02.host.wake();
  cluster.run(0);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb01.status.counters.became_master, 1);
});

Deno.test("a changed wall clock changes nothing", () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb01.host.jumpWallClock(-3_600_000);
  lb02.host.jumpWallClock(86_400_000);
  cluster.run(20_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb02.status.counters.became_master, 0);
});

Deno.test("a manual priority decides the next election and ends when it is cleared", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  await cluster.settle(
    lb02.daemon!.command({ kind: "set_priority", instance: "VI_1", priority: 200 }),
  );
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  await cluster.settle(lb02.daemon!.command({ kind: "clear_priority", instance: "VI_1" }));
  cluster.run(5000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb01.status.state, "master");
});

Deno.test("without preempt a returning node leaves the addresses where they are, but a promote takes them", async () => {
  const { cluster, lb01, lb02 } = electedPair({ preempt: false });
  await cluster.settle(lb01.daemon!.stop());
  lb01.start();
  cluster.run(20_000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.ok((await cluster.settle(lb01.daemon!.command({ kind: "promote", instance: "VI_1" }))).ok);
  cluster.run(1);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(lb02.status.reason.code, "higher_priority_master");
});

Deno.test("abandon takes the addresses off at once and notifies the other node", () => {
  const { cluster, lb01 } = electedPair();
  lb01.daemon!.abandon();
  assert.deepEqual(cluster.holders, []);
  cluster.run(LB02_SKEW_MS + 5);
  assert.deepEqual(cluster.holders, ["lb02"]);
});

Deno.test("once a node has stopped, or was abandoned, it probes nothing any more", async (t) => {
  const ends: Readonly<Record<string, (lb01: SimNode) => Promise<void> | void>> = {
    stop: (lb01) => lb01.daemon!.stop(),
    abandon: (lb01) => lb01.daemon!.abandon(),
  };
  for (const [name, end] of Object.entries(ends)) {
    await t.step(name, async () => {
      const { cluster, lb01 } = electedPair({
        track: [tracked({ kind: "check", check: NGINX_CHECK.name })],
      });
      const { checks } = lb01.host;
      assert.ok(checks.probes > 0);
      await cluster.settle(Promise.resolve(end(lb01)));
      const before = checks.probes;
      cluster.run(10_000);
      assert.equal(checks.probes, before);
    });
  }
});

Deno.test("discarded packets are counted where they belong and do not disturb the election", () => {
  const { cluster, lb01 } = electedPair();
  const envelope = { source: "192.168.31.12", destination: VRRP_GROUP.ipv4 };
  const advert = (changes: object, password = "123456") =>
    encodeAdvertisement(
      {
        version: 2,
        vrid: 55,
        priority: 200,
        intervalCs: 100,
        addresses: [VIP.address],
        authentication: { type: 1, data: passwordOctets(password) },
        ...changes,
      },
      envelope,
      "message",
    );
  const damaged = advert({});
  damaged[6]! ^= 1;
  const cases: [string, Uint8Array, object?][] = [
    ["authentication_failed", advert({}, "secret")],
    ["authentication_type", advert({ authentication: { type: 0, data: new Uint8Array(8) } })],
    ["checksum", damaged],
    ["packet_length", advert({}).subarray(0, 19)],
    ["interval_mismatch", advert({ intervalCs: 200 })],
    ["address_count_zero", advert({ addresses: [] })],
    ["version", advert({ version: 3 })],
    ["ttl", advert({}), { ttl: 254 }],
    ["own_packet", advert({}), { source: "192.168.31.11" }],
  ];
  for (const [, payload, changes] of cases) {
    lb01.host.deliver({ interface: "eth1", ttl: 255, ...envelope, payload, ...changes });
  }
  lb01.host.deliver({ interface: "eth1", ttl: 255, ...envelope, payload: advert({ vrid: 56 }) });
  const expected = Object.fromEntries(cases.map(([reason]) => [reason, 1]));
  assert.deepEqual(lb01.status.counters.dropped, expected);
  assert.deepEqual(lb01.daemon!.status().dropped, { unknown_vrid: 1 });
  assert.equal(lb01.status.state, "master");
  cluster.run(20_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
});

Deno.test("a flood of discarded packets is reported once a minute", () => {
  const { cluster, lb01 } = electedPair();
  const payload = new Uint8Array([0x21, 55, 1]);
  for (let i = 0; i < 1000; i++) {
    lb01.host.deliver({
      interface: "eth1",
      source: "192.168.31.66",
      destination: VRRP_GROUP.ipv4,
      ttl: 255,
      payload,
    });
    cluster.run(90);
  }
  const told = lb01.daemon!.journal.since().filter(({ code }) => code === "packet_dropped");
  assert.equal(told.length, 2);
  assert.equal(lb01.status.counters.dropped.packet_length, 1000);
});

Deno.test("either checksum form is accepted and counted", () => {
  for (const checksumForm of ["message", "pseudo_header"] as const) {
    const version3 = { version: 3, authentication: { type: "none" } } as const;
    const cluster = new SimCluster([
      { ...version3, priority: 150, checksumForm },
      { ...version3, priority: 100 },
    ]);
    cluster.start();
    cluster.run(10_000);
    const { counters } = cluster.nodes[1]!.status;
    const { advertisements_received: received } = counters;
    assert.ok(received > 5);
    const other = checksumForm === "message" ? "pseudo_header" : "message";
    assert.equal(counters[`checksum_${checksumForm}`], received);
    assert.equal(counters[`checksum_${other}`], 0);
  }
});

Deno.test("a router that flaps raises one alarm that ends with it, and not when a person moves it", async () => {
  const flapped = (cluster: SimCluster) =>
    cluster.nodes[1]!.daemon!.journal.since()
      .filter(({ code, alarm }) => code === "alarm_raised" && alarm === "flapping").length;
  const lossy = electedPair();
  const cut = { ...GOOD_LINK, loss: 1 };
  for (let i = 0; i < 10; i++) {
    lossy.cluster.network.setDirection("lb01", "lb02", cut);
    lossy.cluster.run(4000);
    lossy.cluster.network.heal();
    lossy.cluster.run(2000);
  }
  assert.equal(flapped(lossy.cluster), 1);
  const standing = () => lossy.lb02.daemon!.status().alarms.map(({ code }) => code);
  assert.ok(standing().includes("flapping"), standing().join());
  lossy.cluster.run(10 * 60_000);
  assert.deepEqual(standing(), []);
  const ordered = electedPair();
  for (let i = 0; i < 10; i++) {
    await ordered.cluster.settle(
      ordered.lb02.daemon!.command({ kind: "promote", instance: "VI_1" }),
    );
    await ordered.cluster.settle(
      ordered.lb02.daemon!.command({ kind: "demote", instance: "VI_1" }),
    );
  }
  assert.equal(flapped(ordered.cluster), 0);
});

Deno.test("a node that has stopped listens to no claims, and no timer of it runs", async () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  const { host } = cluster.nodes[0]!;
  const open = new Set<object>();
  const openClaims = host.openClaims.bind(host);
  host.openClaims = (...args) => {
    const port = openClaims(...args);
    open.add(port);
    const close = () => {
      open.delete(port);
      port.close();
    };
    return { ...port, close };
  };
  const setTimer = host.setTimer.bind(host);
  host.setTimer = (atMs, act) => {
    const timer = { atMs };
    open.add(timer);
    const cancel = setTimer(atMs, () => {
      open.delete(timer);
      act();
    });
    return () => {
      open.delete(timer);
      cancel();
    };
  };
  cluster.start();
  cluster.run(10_000);
  assert.ok(open.size > 1, "the node has opened and planned something");
  await cluster.settle(cluster.nodes[0]!.daemon!.stop());
  assert.deepEqual([...open], []);
});

Deno.test("a node that ends before its start delay is over leaves no timer of it", async () => {
  for (const end of ["stop", "abandon"] as const) {
    const left = await Promise.all([0, 20_000].map(async (startDelayMs) => {
      const cluster = new SimCluster([{ priority: 50 }]);
      const lb01 = cluster.nodes[0]!;
      lb01.reload({ ...lb01.config, startDelayMs });
      const timers = countTimers(lb01.host);
      cluster.start();
      cluster.run(2000);
      await cluster.settle(Promise.resolve(lb01.daemon![end]()));
      return timers.running;
    }));
    assert.equal(left[1], left[0], end);
  }
});

Deno.test("an address that the machine has when a reload brings it is a stray, as one that comes later", () => {
  const { cluster, lb02 } = electedPair();
  lb02.host.plantAddress(SECOND);
  cluster.run(10_000);
  assert.deepEqual(lb02.daemon!.status().alarms, []);
  const [instance] = lb02.config.instances;
  lb02.reload({ ...lb02.config, instances: [{ ...instance!, addresses: [VIP, SECOND] }] });
  cluster.run(4000);
  assert.deepEqual(lb02.status.address_on_backup?.address, SECOND.address);
});

Deno.test("a node that stops closes each port that it has opened, at last", async () => {
  const { cluster, lb01 } = electedPair();
  await cluster.settle(lb01.daemon!.stop());
  lb01.host.killProcess();
  let open = 0;
  const { host } = lb01;
  const openVrrp = host.openVrrp.bind(host);
  host.openVrrp = (...asked) => {
    const port = openVrrp(...asked);
    open++;
    return { ...port, close: () => (open--, port.close()) };
  };
  lb01.start();
  cluster.run(10_000);
  assert.ok(open > 0);
  await cluster.settle(lb01.daemon!.stop());
  assert.equal(open, 0);
});

Deno.test("without an instance it stops at once", async () => {
  const cluster = new SimCluster([{}]);
  const lb01 = cluster.nodes[0]!;
  lb01.reload({ ...lb01.config, instances: [] });
  lb01.start();
  const fromMs = cluster.time.nowMs;
  await cluster.settle(lb01.daemon!.stop());
  assert.ok(cluster.time.nowMs - fromMs < 5);
});

Deno.test("the answer to a command that comes after too long a sleep is no longer a master's", async () => {
  const { cluster, lb01 } = electedPair();
  lb01.hang();
  cluster.run(lb01.leaseMs + 1000);
  const result = await cluster.settle(
    lb01.daemon!.command({ kind: "clear_priority", instance: "VI_1" }),
  );
  assert.ok(result.ok);
  assert.equal(result.instance.state, "backup");
});
