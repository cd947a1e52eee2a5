/** Another holder of the addresses, found by asking the link. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { GOOD_LINK } from "../../../src/sim/network.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { electedPair } from "../elected_pair.ts";
import { edit } from "../reload/reloading_pair.ts";

/** Longest time until a second holder is told: three advert intervals, at least 3 s. */
const TOLD_MS = 3000;

const codes = (node: SimNode) => node.daemon!.status().alarms.map(({ code }) => code);

/** A machine on the link that is no load balancer, with this last octet of its address. */
function stranger(cluster: SimCluster, octet = 77): SimHost {
  const machine = { name: `host${octet}`, interface: "eth1", address: `192.168.31.${octet}` };
  return new SimHost(machine, cluster.time, cluster.network);
}

/**
 * Claims to the address, `perSecond` for `forMs`, each from another of a thousand MAC addresses; `check` is called after
 * each.
 */
function flood(
  cluster: SimCluster,
  perSecond: number,
  forMs: number,
  check: () => void = () => {},
): void {
  const from = stranger(cluster);
  for (let count = 0; count < perSecond * forMs / 1000; count++) {
    const mac = Uint8Array.of(2, 0, 0, 1, (count % 1000) >> 8, count & 0xff);
    cluster.network.announce(from, { address: VIP.address, mac });
    cluster.run(1000 / perSecond);
    check();
  }
}

/** Counts the questions to the link from now on. */
function countProbes(cluster: SimCluster): () => number {
  let asked = 0;
  const probe = cluster.network.probe.bind(cluster.network);
  cluster.network.probe = (from, address) => {
    asked++;
    probe(from, address);
  };
  return () => asked;
}

/** Runs until the node is in the state; returns how long it took. */
function until(cluster: SimCluster, node: SimNode, state: string, limitMs = 20_000): number {
  const fromMs = cluster.time.nowMs;
  while (node.status.state !== state && cluster.time.nowMs < fromMs + limitMs) cluster.run(1);
  assert.equal(node.status.state, state);
  return cluster.time.nowMs - fromMs;
}

Deno.test("two masters whose firewalls drop each other's adverts both know it", async (t) => {
  for (const [version, advertIntervalCs] of [[2, 100], [3, 10], [3, 100]] as const) {
    await t.step(`version ${version}, ${advertIntervalCs} cs`, () => {
      const { cluster, lb01, lb02 } = electedPair({
        version,
        advertIntervalCs,
        authentication: { type: "none" },
      });
      cluster.network.filterVrrp("lb01", "lb02");
      cluster.network.filterVrrp("lb02", "lb01");
      until(cluster, lb02, "master");
      cluster.run(TOLD_MS);
      for (const node of [lb01, lb02]) assert.deepEqual(codes(node), ["split_brain_address"]);
      const [alarm] = lb01.daemon!.status().alarms;
      assert.match(alarm!.message, /192\.168\.31\.5 too, at 02:00:00:00:00:0c; its adverts \(192/);
      cluster.run(60_000);
      assert.deepEqual(cluster.holders, ["lb01", "lb02"], "an alarm changes nothing");
      const raised = lb01.daemon!.journal.since().filter(({ code, alarm }) =>
        code === "alarm_raised" && alarm !== "flapping"
      );
      assert.equal(raised.length, 1);
      cluster.network.heal();
      cluster.run(20_000);
      assert.deepEqual(cluster.holders, ["lb01"]);
      for (const node of [lb01, lb02]) assert.deepEqual(codes(node), []);
    });
  }
});

Deno.test("two masters with one virtual MAC address know it, and that it is no foreign host", () => {
  const { cluster, lb01, lb02 } = electedPair({
    virtualInterface: "vrrp.55",
    addresses: [{ ...VIP, device: "vrrp.55" }],
  });
  cluster.run(20_000);
  assert.deepEqual([codes(lb01), codes(lb02)], [[], []]);
  cluster.network.filterVrrp("lb01", "lb02");
  cluster.network.filterVrrp("lb02", "lb01");
  until(cluster, lb02, "master");
  cluster.run(TOLD_MS);
  for (const node of [lb01, lb02]) assert.deepEqual(codes(node), ["split_brain_address"]);
  assert.match(lb01.daemon!.status().alarms[0]!.message, /at 00:00:5e:00:01:37/);
});

Deno.test("a host that has the address is a conflict, whenever it comes, and is not obeyed", async (t) => {
  await t.step("while this node is master", () => {
    const { cluster, lb01 } = electedPair({ splitBrain: "yield" });
    const printer = stranger(cluster);
    printer.addAddress(VIP);
    cluster.run(TOLD_MS);
    assert.deepEqual(codes(lb01), ["address_conflict"]);
    const [alarm] = lb01.daemon!.status().alarms;
    assert.match(alarm!.message, /at 02:00:00:00:00:4d/);
    assert.match(alarm!.hint, /`ip neigh \| grep 02:00:00:00:00:4d` shows/);
    cluster.run(60_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    printer.removeAddress(VIP);
    cluster.run(20_000);
    assert.deepEqual(codes(lb01), []);
  });
  await t.step("before this node starts", () => {
    const cluster = new SimCluster([{ splitBrain: "yield" }]);
    stranger(cluster).addAddress(VIP);
    cluster.start();
    const [lb01] = cluster.nodes;
    until(cluster, lb01!, "master");
    cluster.run(TOLD_MS);
    assert.deepEqual(codes(lb01!), ["address_conflict"]);
    assert.equal(lb01!.holds, true);
  });
  await t.step("a host that announces it and is gone is none", () => {
    const { cluster, lb01 } = electedPair();
    const printer = stranger(cluster);
    for (let round = 0; round < 5; round++) {
      printer.announce(VIP);
      cluster.run(30_000);
      assert.deepEqual(codes(lb01), []);
    }
    assert.equal(lb01.host.taps.opened, 1, "the tap stays open");
  });
});

Deno.test("many hosts that announce it at once and are gone are no conflict", () => {
  const { cluster, lb01 } = electedPair();
  for (let octet = 50; octet < 60; octet++) stranger(cluster, octet).announce(VIP);
  cluster.run(30_000);
  const raised = lb01.daemon!.journal.since().filter(({ code, alarm }) =>
    code === "alarm_raised" && alarm !== "flapping"
  );
  assert.deepEqual(raised, []);
});

Deno.test("the tap listens for half a minute after a claimant has come, and closes with its instance", () => {
  const { cluster, lb01 } = electedPair();
  const { taps } = lb01.host;
  stranger(cluster).addAddress(VIP);
  cluster.run(25_000);
  assert.deepEqual(taps, { opened: 1, open: 1, listening: 1 });
  cluster.run(10_000);
  assert.deepEqual(taps, { opened: 1, open: 1, listening: 0 });
  stranger(cluster, 88).announce(VIP);
  cluster.run(100);
  assert.deepEqual(taps, { opened: 1, open: 1, listening: 1 });
  const instances = lb01.config.instances.map((instance) => ({ ...instance, interface: "eth9" }));
  lb01.reload({ ...lb01.config, instances });
  cluster.run(5000);
  assert.deepEqual(taps, { opened: 1, open: 0, listening: 0 });
});

Deno.test("the half minute of a claimant begins when a change of master would be over, and is looked at each second", () => {
  // 1.1 advert intervals and 0.15 s for an answer until the first look.
  for (const [laterMs, closedMs] of [[149, 31_250], [150, 32_250]] as const) {
    const { cluster, lb01: { host: { taps } } } = electedPair();
    cluster.network.setConditions({ ...GOOD_LINK, delayMs: 0, jitterMs: 0 });
    const [first, second] = [stranger(cluster), stranger(cluster, 88)];
    for (const host of [first, second]) host.addAddress(VIP);
    first.announce(VIP);
    cluster.run(laterMs);
    second.announce(VIP);
    cluster.run(closedMs - laterMs - 1);
    assert.equal(taps.listening, 1, `${laterMs}`);
    cluster.run(1);
    assert.equal(taps.listening, 0, `${laterMs}`);
  }
});

Deno.test("a host that has an address which a reload brings is a conflict, too", () => {
  const { cluster, lb01, lb02 } = electedPair();
  const second = { ...VIP, address: "192.168.31.6" };
  for (const node of [lb01, lb02]) edit(node, { addresses: [VIP, second] });
  cluster.run(1000);
  const printer = stranger(cluster);
  printer.addAddress(second);
  printer.announce(second);
  cluster.run(TOLD_MS);
  assert.match(lb01.daemon!.status().alarms[0]?.message ?? "", /192\.168\.31\.6 too, at 02:.*4d/);
});

/** A link without delay, on which another host has the address and has just said so. */
function suspected(changes: Partial<InstanceConfig> = {}) {
  const { cluster, lb01 } = electedPair(changes);
  cluster.network.setConditions({ ...GOOD_LINK, delayMs: 0, jitterMs: 0 });
  const printer = stranger(cluster);
  printer.addAddress(VIP);
  printer.announce(VIP);
  return { cluster, lb01, printer };
}

Deno.test("a foreign host is reported when a change of master would be over and its answer has had time", () => {
  const rows = [
    [{}, 1100 + 150],
    [{ version: 3, advertIntervalCs: 10, authentication: { type: "none" } }, 250 + 150],
  ] as const;
  for (const [changes, toldMs] of rows) {
    const { cluster, lb01 } = suspected(changes);
    cluster.run(toldMs - 1);
    assert.deepEqual(codes(lb01), []);
    cluster.run(1);
    assert.deepEqual(codes(lb01), ["address_conflict"]);
  }
});

Deno.test("a foreign host is gone when it has been silent for more than three and a half seconds", () => {
  // It is looked for each second, from 1.25 s on.
  for (const [lastMs, goneMs] of [[4749, 8250], [4750, 9250]] as const) {
    const { cluster, lb01, printer } = suspected();
    cluster.run(4300);
    printer.removeAddress(VIP);
    cluster.run(lastMs - 4300);
    printer.announce(VIP);
    cluster.run(goneMs - lastMs - 1);
    assert.deepEqual(codes(lb01), ["address_conflict"], `${lastMs}`);
    cluster.run(1);
    assert.deepEqual(codes(lb01), [], `${lastMs}`);
  }
});

Deno.test("a host that comes while another is suspected is found as soon as the first would be", () => {
  for (const laterMs of [200, 600, 1000]) {
    const { cluster, lb01 } = electedPair();
    const [visitor, printer] = [stranger(cluster, 0x58), stranger(cluster)];
    visitor.announce(VIP);
    cluster.run(laterMs);
    printer.addAddress(VIP);
    printer.announce(VIP);
    // 1.1 advert intervals until it is asked, 0.15 s for its answer.
    cluster.run(1300);
    assert.deepEqual(codes(lb01), ["address_conflict"]);
    assert.match(lb01.daemon!.status().alarms[0]!.message, /at 02:00:00:00:00:4d/);
  }
});

Deno.test("with `yield` a second master is obeyed although a foreign host has the address for long", () => {
  const { cluster, lb01, lb02 } = electedPair({ splitBrain: "yield" });
  stranger(cluster).addAddress(VIP);
  lb01.powerOff();
  until(cluster, lb02, "master");
  cluster.run(60_000);
  assert.deepEqual(codes(lb02), ["address_conflict"]);
  cluster.network.filterVrrp("lb01", "lb02");
  lb01.start();
  until(cluster, lb01, "master");
  until(cluster, lb02, "backup");
  assert.equal(lb02.status.reason.code, "split_brain");
  assert.deepEqual(codes(lb02), ["split_brain_address"]);
});

Deno.test("with `yield` the weaker one lets go, and takes over when the other is gone", () => {
  const { cluster, lb01, lb02 } = electedPair({ splitBrain: "yield" });
  cluster.network.filterVrrp("lb01", "lb02");
  until(cluster, lb02, "master");
  cluster.run(TOLD_MS);
  assert.equal(lb02.status.state, "backup");
  assert.equal(lb02.status.reason.code, "split_brain");
  assert.match(lb02.status.reason.message, /192\.168\.31\.11 with priority 150/);
  let two = 0;
  cluster.run(120_000, () => {
    if (cluster.holders.length !== 1) two++;
  });
  assert.equal(two, 0, "it stays away as long as the other answers");
  assert.deepEqual([codes(lb01), codes(lb02)], [[], ["split_brain_address"]]);
  lb01.powerOff();
  const tookMs = until(cluster, lb02, "master");
  assert.ok(tookMs < 4000, `${tookMs} ms`);
  cluster.run(20_000);
  assert.equal(lb02.holds, true);
});

Deno.test("with `yield` the stronger one stays, and equal priorities are distinguished by address", () => {
  const cluster = new SimCluster([{ splitBrain: "yield" }, { splitBrain: "yield" }]);
  cluster.network.filterVrrp("lb01", "lb02");
  cluster.network.filterVrrp("lb02", "lb01");
  cluster.start();
  cluster.run(10_000);
  let wrong = 0;
  cluster.run(60_000, () => {
    if (cluster.holders.join() !== "lb02") wrong++;
  });
  assert.equal(wrong, 0);
});

Deno.test("with `yield`, once the adverts are heard again the election alone decides", () => {
  const { cluster, lb01, lb02 } = electedPair({ splitBrain: "yield" });
  cluster.network.filterVrrp("lb01", "lb02");
  until(cluster, lb02, "master");
  until(cluster, lb02, "backup");
  cluster.network.heal();
  cluster.run(5000);
  assert.deepEqual(lb02.status.master, { address: "192.168.31.11", priority: 150 });
  lb01.powerOff();
  const tookMs = until(cluster, lb02, "master");
  assert.ok(tookMs < 3700, `${tookMs} ms: Master_Down_Interval`);
});

Deno.test("with `yield`, adverts that are refused make nobody let go", () => {
  const cluster = new SimCluster([
    { priority: 150, authentication: { type: "pass", password: "other" } },
    { priority: 100, splitBrain: "yield" },
  ]);
  cluster.network.filterVrrp("lb01", "lb02");
  cluster.start();
  cluster.run(20_000);
  const [, lb02] = cluster.nodes;
  assert.equal(lb02!.status.state, "master");
  assert.deepEqual(codes(lb02!), ["split_brain_address"]);
  assert.match(lb02!.daemon!.status().alarms[0]!.message, /refused \(authentication_failed\)/);
});

Deno.test("with `yield` the weaker one lets go again when the other comes back and does not hear it", () => {
  const { cluster, lb01, lb02 } = electedPair({ splitBrain: "yield" });
  cluster.network.filterVrrp("lb01", "lb02");
  for (let round = 0; round < 2; round++) {
    until(cluster, lb02, "master");
    until(cluster, lb02, "backup");
    lb01.powerOff();
    until(cluster, lb02, "master");
    lb01.start();
    until(cluster, lb01, "master");
    until(cluster, lb02, "backup");
    assert.deepEqual(cluster.holders, ["lb01"]);
    lb01.powerOff();
    until(cluster, lb02, "master");
    lb01.start();
  }
});

Deno.test("very many MAC addresses that claim the address are one suspicion and one alarm, and take nothing", async (t) => {
  for (const [version, advertIntervalCs] of [[2, 100], [3, 10]] as const) {
    for (const perSecond of [20, 150, 1000]) {
      await t.step(`version ${version}, ${advertIntervalCs} cs, ${perSecond} a second`, () => {
        const { cluster, lb01 } = electedPair({ version, advertIntervalCs, splitBrain: "yield" });
        const asked = countProbes(cluster);
        flood(cluster, perSecond, 40_000, () => assert.deepEqual(cluster.holders, ["lb01"]));
        // One in 1.5 s for its own sake, one a second for the claims.
        assert.ok(asked() <= 40 / 1.5 + 42, `${asked()} questions`);
        assert.equal(lb01.host.taps.opened, 1);
        assert.deepEqual(codes(lb01), ["address_conflict"]);
        const { message } = lb01.daemon!.status().alarms[0]!;
        assert.match(
          message,
          /^at least \d0+ MAC addresses claim 192\.168\.31\.5: somebody forges/,
        );
        cluster.run(15_000);
        assert.deepEqual(codes(lb01), []);
        const raised = lb01.daemon!.journal.since().filter(({ code, alarm }) =>
          code === "alarm_raised" && alarm !== "flapping"
        );
        assert.equal(raised.length, 1);
      });
    }
  }
});

Deno.test("a second master is found among very many MAC addresses that claim the address", () => {
  const { cluster, lb01, lb02 } = electedPair({ splitBrain: "yield" });
  cluster.network.filterVrrp("lb01", "lb02");
  flood(cluster, 150, 20_000);
  assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
  assert.equal(lb02.status.reason.code, "split_brain");
  assert.match(
    lb02.daemon!.status().alarms[0]!.message,
    /at 02:00:00:00:00:0b; its adverts .* at least \d00 MAC addresses claim it too/,
  );
});

Deno.test("a second master among very many does not end the alarm about them", () => {
  const { cluster, lb01 } = electedPair();
  flood(cluster, 150, 10_000);
  cluster.network.filterVrrp("lb01", "lb02");
  cluster.network.filterVrrp("lb02", "lb01");
  flood(cluster, 150, 10_000);
  assert.deepEqual(codes(lb01), ["split_brain_address"]);
  assert.match(lb01.daemon!.status().alarms[0]!.evidence!.join(), /at least \d00 MAC addresses/);
  const cleared = lb01.daemon!.journal.since().filter(({ code }) => code === "alarm_cleared");
  assert.deepEqual(cleared.map(({ message }) => message.split(":")[1]), [
    " address_conflict goes on as split_brain_address",
  ]);
});

Deno.test("who stays when the many are gone is named", () => {
  const { cluster, lb01 } = electedPair();
  const printer = stranger(cluster);
  printer.addAddress(VIP);
  flood(cluster, 150, 10_000);
  assert.match(lb01.daemon!.status().alarms[0]!.message, /^at least \d00 MAC addresses/);
  cluster.run(15_000);
  assert.deepEqual(codes(lb01), ["address_conflict"]);
  assert.match(lb01.daemon!.status().alarms[0]!.message, /too, at 02:00:00:00:00:4d; no VRRP/);
  printer.removeAddress(VIP);
  cluster.run(20_000);
  assert.deepEqual(codes(lb01), []);
});

Deno.test("elections and hand-overs of a healthy pair raise nothing", async () => {
  const { cluster, lb01, lb02 } = electedPair({ splitBrain: "yield" });
  for (let i = 0; i < 5; i++) {
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
    cluster.run(3000);
    await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
    cluster.run(5000);
    await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
    cluster.run(5000);
    await cluster.settle(lb01.daemon!.command({ kind: "release", instance: "VI_1" }));
    cluster.run(5000);
    lb01.powerOff();
    cluster.run(8000);
    lb01.start();
    cluster.run(8000);
  }
  for (const node of [lb01, lb02]) {
    const raised = node.daemon!.journal.since().filter(({ code, alarm }) =>
      code === "alarm_raised" && alarm !== "flapping"
    );
    assert.deepEqual(raised, []);
  }
});

Deno.test("the questions are few: one in 1.5 s", () => {
  const { cluster, lb01 } = electedPair();
  const asked = countProbes(cluster);
  cluster.run(15_000);
  assert.equal(asked(), 10);
  assert.equal(lb01.status.state, "master");
});

Deno.test("a master whom nobody relieves goes on asking; one that is backup asks no more", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  const asked = countProbes(cluster);
  const askedIn = (forMs: number) => {
    const before = asked();
    cluster.run(forMs);
    return asked() - before;
  };
  lb02.powerOff();
  // At every point between two questions.
  for (const phaseMs of [100, 500, 900, 1300]) {
    cluster.run(phaseMs);
    const { ok } = await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
    assert.ok(!ok, "nobody is there to take over");
    assert.equal(askedIn(15_000), 10);
  }
  lb02.start();
  cluster.run(10_000);
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.deepEqual(cluster.holders, ["lb02"]);
  lb02.powerOff();
  cluster.run(100);
  assert.equal(askedIn(2000), 0, "nobody is master for so long");
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(askedIn(15_000), 10, "once each time, however often it was master");
});
