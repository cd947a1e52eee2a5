/** A virtual address on the interface of a node that is not master: somebody configured it there. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked, VIP } from "../../../src/sim/cluster.ts";
import {
  type Advertisement,
  encodeAdvertisement,
  passwordOctets,
  VRRP_GROUP,
} from "../../../src/wire/vrrp.ts";

const TRACKED = { track: [tracked({ kind: "check", check: NGINX_CHECK.name })] } as const;

function pair() {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  lb01.reload({ ...lb01.config, peers: [{ name: "lb02", url: "http://lb02:9112" }] });
  cluster.start();
  cluster.run(20_000);
  /** Time passes, and lb01 asks lb02's API every second. */
  const run = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 1000) {
      cluster.run(1000);
      const answer = readPeerAnswer(JSON.stringify(lb02.daemon!.status()));
      assert.ok(!("problem" in answer));
      lb01.daemon!.peerReported("lb02", { ok: true, answer });
    }
  };
  return { cluster, lb01, lb02, run };
}

const alarms = (node: SimNode) => node.daemon!.status().alarms;
const codes = (node: SimNode) => alarms(node).map(({ code }) => code);

Deno.test("a backup that has the address says so itself, and the master names it", () => {
  const { lb01, lb02, run } = pair();
  lb02.host.plantAddress(VIP);
  run(6000);
  const [own] = alarms(lb02);
  assert.equal(own?.code, "address_on_backup");
  assert.match(own.message, /^192\.168\.31\.5 is on eth1 of this node although it is backup/);
  assert.match(own.hint, /`ip address del 192\.168\.31\.5\/24 dev eth1` here/);
  const [conflict] = alarms(lb01);
  assert.equal(conflict?.code, "address_conflict");
  assert.match(conflict.message, /^lb02 answers for 192\.168\.31\.5 too: it is not master/);
  assert.doesNotMatch(`${conflict.message} ${conflict.hint}`, /another host|find/);
  lb02.host.stealAddress(VIP.address);
  run(20_000);
  assert.deepEqual([codes(lb01), codes(lb02)], [[], []]);
});

Deno.test("an address that is there when the mastership ends is no stray yet, however soon one looks", () => {
  const cluster = new SimCluster([{ priority: 150 }]);
  const [lb01] = cluster.nodes as [SimNode];
  cluster.start();
  cluster.run(10_000);
  const envelope = { source: "192.168.31.99", destination: VRRP_GROUP.ipv4 };
  const stronger: Advertisement = {
    ...{ version: 2, vrid: 55, priority: 200, intervalCs: 100, addresses: [VIP.address] },
    authentication: { type: 1, data: passwordOctets("123456") },
  };
  const payload = encodeAdvertisement(stronger, envelope, "message");
  // The mastership ends in the moment in which the machine's addresses are looked at.
  cluster.time.schedule(cluster.time.nowMs + 3000, () => {
    lb01.host.deliver({ interface: "eth1", ttl: 255, ...envelope, payload });
  });
  lb01.host.setOther("lo", { enabled: true, up: true });
  lb01.host.plantAddress({ ...VIP, prefixLength: 32, device: "lo" });
  cluster.run(3001);
  assert.deepEqual([lb01.status.state, codes(lb01)], ["backup", []]);
  cluster.run(3000);
  assert.deepEqual(codes(lb01), ["address_on_backup"]);
});

Deno.test("the address is a stray on any interface, a link-local one only on its own", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [, lb02] = cluster.nodes as [SimNode, SimNode];
  lb02.host.setOther("lo", { enabled: true, up: true });
  cluster.start();
  cluster.run(10_000);
  lb02.host.plantAddress({ ...VIP, prefixLength: 32, device: "lo" });
  cluster.run(4000);
  const [stray] = alarms(lb02);
  assert.match(stray!.message, /^192\.168\.31\.5 is on lo of this node although it is backup/);
  assert.match(stray!.hint, /`ip address del 192\.168\.31\.5\/32 dev lo` here/);

  const linkLocal = { address: "fe80::5", prefixLength: 64, device: "eth1" } as const;
  const version6 = { family: "ipv6", version: 3, addresses: [linkLocal] } as const;
  const other = new SimCluster([{ priority: 150, ...version6 }, { priority: 100, ...version6 }]);
  const [, backup] = other.nodes as [SimNode, SimNode];
  backup.host.setOther("eth2", { enabled: true, up: true });
  other.start();
  other.run(10_000);
  backup.host.plantAddress({ ...linkLocal, device: "eth2" });
  other.run(4000);
  assert.deepEqual(codes(backup), []);
  backup.host.plantAddress(linkLocal);
  other.run(4000);
  assert.deepEqual(codes(backup), ["address_on_backup"]);
});

Deno.test("an address on loopback that ARP is not answered for is hidden: no alarm, and the client check is unknown", () => {
  const clientCheck = { type: "tcp", port: 80, path: "/" } as const;
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100, clientCheck }]);
  const [, lb02] = cluster.nodes as [SimNode, SimNode];
  lb02.host.setOther("lo", { enabled: true, up: true });
  cluster.start();
  cluster.run(10_000);
  const unknown = () => lb02.daemon!.status().instances[0]!.client_check_unknown;
  for (const setting of [1, 2, 8]) {
    lb02.host.arpIgnoreOf.set("eth1", setting);
    lb02.host.plantAddress({ ...VIP, prefixLength: 32, device: "lo" });
    cluster.run(4000);
    assert.deepEqual(codes(lb02), [], `arp_ignore ${setting}`);
    assert.match(unknown() ?? "", /^192\.168\.31\.5 is on its own lo, so it would ask itself/);
    // Nobody reports that the setting was changed.
    lb02.host.arpIgnoreOf.set("eth1", 0);
    cluster.run(2500);
    assert.deepEqual(codes(lb02), ["address_on_backup"]);
    assert.doesNotMatch(unknown() ?? "", /ask itself/);
    lb02.host.arpIgnoreOf.set("eth1", setting);
    cluster.run(2500);
    assert.deepEqual(codes(lb02), []);
    lb02.host.stealAddress(VIP.address);
    cluster.run(4000);
    assert.doesNotMatch(unknown() ?? "", /ask itself/);
  }
  // On the link itself it is answered for, whatever the setting.
  lb02.host.plantAddress(VIP);
  cluster.run(4000);
  assert.deepEqual(codes(lb02), ["address_on_backup"]);
});

Deno.test("without a client check nothing is unknown of it, be the address hidden or not", () => {
  for (const clientCheck of ["auto", "off"] as const) {
    const cluster = new SimCluster([{ priority: 150 }, { priority: 100, clientCheck }]);
    const [, lb02] = cluster.nodes as [SimNode, SimNode];
    lb02.host.setOther("lo", { enabled: true, up: true });
    lb02.host.arpIgnoreOf.set("eth1", 1);
    cluster.start();
    cluster.run(10_000);
    lb02.host.plantAddress({ ...VIP, prefixLength: 32, device: "lo" });
    cluster.run(4000);
    assert.equal(lb02.daemon!.status().instances[0]!.client_check_unknown, undefined, clientCheck);
  }
});

Deno.test("over IPv6 an address on loopback is hidden, whatever arp_ignore says", () => {
  const address = { address: "2001:db8::5", prefixLength: 64, device: "eth1" } as const;
  const version6 = { family: "ipv6", version: 3, addresses: [address] } as const;
  const cluster = new SimCluster([{ priority: 150, ...version6 }, { priority: 100, ...version6 }]);
  const [, lb02] = cluster.nodes as [SimNode, SimNode];
  lb02.host.setOther("lo", { enabled: true, up: true });
  cluster.start();
  cluster.run(10_000);
  lb02.host.plantAddress({ ...address, prefixLength: 128, device: "lo" });
  cluster.run(4000);
  assert.deepEqual(codes(lb02), []);
  lb02.host.plantAddress(address);
  cluster.run(4000);
  assert.deepEqual(codes(lb02), ["address_on_backup"]);
});

Deno.test("with a virtual MAC address the interface below decides: its own is seen, and arp_ignore is its", () => {
  const virtual = {
    virtualInterface: "vrrp.55",
    addresses: [{ ...VIP, device: "vrrp.55", label: "vrrp.55:1" }],
  };
  const cluster = new SimCluster([{ priority: 150, ...virtual }, { priority: 100, ...virtual }]);
  const [, lb02] = cluster.nodes as [SimNode, SimNode];
  lb02.host.setOther("lo", { enabled: true, up: true });
  // As vipd itself sets them.
  for (const name of ["vrrp.55", "eth1"]) lb02.host.arpIgnoreOf.set(name, 1);
  cluster.start();
  cluster.run(10_000);
  lb02.host.plantAddress(VIP);
  cluster.run(4000);
  assert.match(
    alarms(lb02)[0]?.message ?? "",
    /is on eth1 of this node .* answers for it next to the master/,
  );
  lb02.host.stealAddress(VIP.address);
  cluster.run(12_000);
  assert.deepEqual(codes(lb02), []);
  lb02.host.plantAddress({ ...VIP, prefixLength: 32, device: "lo" });
  cluster.run(4000);
  assert.deepEqual(codes(lb02), []);
  lb02.host.arpIgnoreOf.set("eth1", 3);
  cluster.run(2500);
  assert.match(
    alarms(lb02)[0]?.message ?? "",
    /is on lo of this node .* arp_ignore of eth1 allows it/,
  );
});

Deno.test("a node in fault that has the address says so", () => {
  const cluster = new SimCluster([{ priority: 150, ...TRACKED }, { priority: 100 }]);
  const [lb01] = cluster.nodes as [SimNode, SimNode];
  cluster.start();
  cluster.run(10_000);
  lb01.host.checks.set(NGINX_CHECK.name, false);
  cluster.run(10_000);
  lb01.host.plantAddress(VIP);
  cluster.run(4000);
  const stray = alarms(lb01).find(({ code }) => code === "address_on_backup");
  assert.match(stray!.message, /of this node although it is fault/);
});

Deno.test("elections, hand-overs and restarts leave no address behind that is an alarm", async () => {
  const { cluster, lb01, lb02, run } = pair();
  for (let round = 0; round < 3; round++) {
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
    run(5000);
    await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
    run(5000);
    lb01.kill();
    cluster.run(8000);
    lb01.start();
    run(8000);
  }
  for (const node of [lb01, lb02]) {
    const raised = node.daemon!.journal.since().filter(({ code, alarm }) =>
      code === "alarm_raised" && alarm !== "flapping"
    );
    assert.deepEqual(raised, []);
  }
});

Deno.test("addresses that drain after a hand-over are no alarm, and those that stay after it are", async () => {
  const drainMs = 8000;
  const cluster = new SimCluster([{ priority: 150, drainMs }, { priority: 100, drainMs }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  cluster.start();
  cluster.run(10_000);
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  // As the kernel has it while it drains.
  lb01.host.plantAddress(VIP);
  cluster.run(drainMs);
  assert.deepEqual(codes(lb01), []);
  cluster.run(10_000);
  assert.deepEqual(codes(lb01), ["address_on_backup"]);
});

/** The backup lb02 with a loopback that ARP is not answered for. */
function backup(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{ priority: 150, ...changes }, { priority: 100, ...changes }]);
  const [, lb02] = cluster.nodes as [SimNode, SimNode];
  lb02.host.setOther("lo", { enabled: true, up: true });
  lb02.host.arpIgnoreOf.set("eth1", 1);
  cluster.start();
  cluster.run(10_000);
  return { cluster, lb02 };
}

const ON_LOOPBACK = { ...VIP, prefixLength: 32, device: "lo" };

Deno.test("an address is looked for three seconds after a change, and a quarter of one after while it is reported", () => {
  const { cluster, lb02 } = backup();
  const after = (forMs: number) => {
    cluster.run(forMs - 1);
    const before = codes(lb02).length;
    cluster.run(1);
    return [before, codes(lb02).length];
  };
  lb02.host.plantAddress(VIP);
  assert.deepEqual(after(3000), [0, 1]);
  lb02.host.stealAddress(VIP.address);
  assert.deepEqual(after(250), [1, 0]);
  lb02.host.plantAddress(VIP);
  assert.deepEqual(after(3000), [0, 1], "what was reported is over");
});

Deno.test("while an address is elsewhere, the setting that hides it is looked at every two seconds", () => {
  const { cluster, lb02 } = backup();
  lb02.host.plantAddress(ON_LOOPBACK);
  cluster.run(3000 + 2000);
  lb02.host.arpIgnoreOf.set("eth1", 0);
  cluster.run(1999);
  assert.deepEqual(codes(lb02), []);
  cluster.run(1);
  assert.deepEqual(codes(lb02), ["address_on_backup"]);
});

Deno.test("of several addresses the first is named with its place, and the others are counted", () => {
  const addresses = [6, 7, 8].map((last) => ({ ...VIP, address: `192.168.31.${last}` }));
  for (const [count, more] of [[1, ""], [2, " and 1 more"], [3, " and 2 more"]] as const) {
    const { cluster, lb02 } = backup({ addresses: [VIP, ...addresses] });
    for (const address of addresses.slice(0, count)) lb02.host.plantAddress(address);
    cluster.run(4000);
    const said = new RegExp(`^192\\.168\\.31\\.6${more} is on eth1 of this node although`);
    assert.match(alarms(lb02)[0]!.message, said);
    assert.deepEqual(lb02.status.address_on_backup, { address: "192.168.31.6", device: "eth1" });
  }
});

Deno.test("of several places the interface that the address belongs to is named", () => {
  const { cluster, lb02 } = backup();
  // The kernel lists this one first.
  lb02.host.plantAddress(ON_LOOPBACK);
  const names = lb02.host.interfaceNames();
  lb02.host.interfaceNames = () => names.toReversed();
  lb02.host.plantAddress(VIP);
  cluster.run(4000);
  const [alarm] = alarms(lb02);
  assert.match(alarm!.message, / is on eth1 of this node .* answers for it next to the master/);
  assert.match(alarm!.hint, /`ip address del 192\.168\.31\.5\/24 dev eth1` here/);
});
