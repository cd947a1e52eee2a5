import assert from "node:assert/strict";
import type { InterfaceState } from "../../../src/host/interfaces.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";

const ADDRESS = { ...VIP, device: "vrrp.55", label: "vrrp.55:1" };
const WITH_VIRTUAL_MAC = { virtualInterface: "vrrp.55", addresses: [ADDRESS] };

Deno.test("the interface of a virtual MAC address is up on the master alone, and adverts come from it", async () => {
  const instance = { virtualInterface: "vrrp.55", addresses: [ADDRESS] };
  const cluster = new SimCluster([{ ...instance, priority: 150 }, { ...instance, priority: 100 }]);
  cluster.start();
  const [lb01, lb02] = [cluster.nodes[0]!, cluster.nodes[1]!];
  const up = () => cluster.nodes.map(({ host }) => host.interfaceState("vrrp.55")?.up);
  assert.deepEqual(up(), [false, false]);
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(up(), [true, false]);
  assert.deepEqual([...lb01.host.sentAs], ["00:00:5e:00:01:37"]);
  assert.deepEqual([...lb02.host.sentAs], []);
  assert.deepEqual(lb01.status.virtual_mac, { mac: "00:00:5e:00:01:37", interface: "vrrp.55" });
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  cluster.run(10);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(up(), [false, true]);
  await cluster.settle(lb02.daemon!.stop());
  assert.deepEqual(lb02.host.ownInterfaces(), []);
});

Deno.test("after a crash an interface without its mark goes if the record has it; if not, it stays and is in the way", () => {
  for (const recorded of [true, false]) {
    const cluster = new SimCluster([{ ...WITH_VIRTUAL_MAC, leaseSeconds: null }]);
    const lb01 = cluster.nodes[0]!;
    cluster.start();
    cluster.run(10_000);
    lb01.kill();
    lb01.host.unmark("vrrp.55");
    lb01.start({ isOwn: () => recorded });
    const { daemon, host } = lb01;
    const codes = () => daemon!.journal.since().map(({ code }) => code);
    assert.equal(codes().includes("virtual_mac_left_behind"), recorded);
    assert.deepEqual(host.ownInterfaces(), recorded ? ["vrrp.55"] : []);
    cluster.run(10_000);
    const refused = daemon!.status().alarms.filter(({ code }) => code === "resource_refused");
    assert.equal(refused.length, recorded ? 0 : 1);
    for (const { message } of refused) assert.match(message, /; tried again every 1 s/);
    assert.ok(host.interfaceState("vrrp.55") !== null);
    assert.equal(lb01.status.state, recorded ? "master" : "fault");
  }
});

Deno.test("an interface of another MAC address is not that of an earlier run", () => {
  const cluster = new SimCluster([WITH_VIRTUAL_MAC]);
  const lb01 = cluster.nodes[0]!;
  lb01.host.addInterface({ name: "vrrp.55", parent: "eth1", mac: Uint8Array.of(2, 0, 0, 0, 0, 9) });
  lb01.host.unmark("vrrp.55");
  cluster.start();
  assert.deepEqual(lb01.host.ownInterfaces(), []);
});

Deno.test("an interface that went with the one below it is down, which the kernel has not refused", async () => {
  const instance = { virtualInterface: "vrrp.55", addresses: [ADDRESS] };
  const cluster = new SimCluster([{ ...instance, priority: 150 }, { ...instance, priority: 100 }]);
  cluster.start();
  cluster.run(10_000);
  const [lb01] = cluster.nodes;
  assert.equal(lb01!.host.removeInterface("vrrp.55"), null);
  await cluster.settle(lb01!.daemon!.command({ kind: "demote", instance: "VI_1" }));
  cluster.run(10);
  assert.deepEqual(cluster.holders, ["lb02"]);
  assert.deepEqual(lb01!.daemon!.status().alarms.map(({ code }) => code), ["fault"]);
});

Deno.test("unicast adverts keep the interface's own MAC address: they are routed by it", () => {
  const cluster = new SimCluster([{
    virtualInterface: "vrrp.55",
    addresses: [ADDRESS],
    unicast: { peers: ["192.168.31.12"], ttl: 255, minTtl: 1 },
  }]);
  cluster.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.equal(cluster.nodes[0]!.host.sentAs.size, 0);
});

const REFUSED = { code: "EPERM", message: "refused" };
const alteredOf = (node: SimNode) =>
  node.daemon!.journal.since().filter(({ code }) => code === "virtual_mac_altered");

Deno.test("an interface that the kernel does not set up was set down by nobody", () => {
  const cluster = new SimCluster([WITH_VIRTUAL_MAC]);
  const lb01 = cluster.nodes[0]!;
  lb01.host.setInterfaceUp = () => REFUSED;
  cluster.start();
  cluster.run(5000);
  lb01.host.setOther("eth2", { enabled: true, up: true });
  lb01.host.setMade("vrrp.55", false);
  assert.equal(lb01.status.state, "master");
  assert.deepEqual(alteredOf(lb01), []);
});

Deno.test("an interface that the kernel did not set down, and that goes down later, is left so", async () => {
  const cluster = new SimCluster([
    { ...WITH_VIRTUAL_MAC, priority: 150 },
    { ...WITH_VIRTUAL_MAC, priority: 100 },
  ]);
  cluster.start();
  cluster.run(10_000);
  const lb01 = cluster.nodes[0]!;
  const { setInterfaceUp } = lb01.host;
  lb01.host.setInterfaceUp = (name, up) => up ? setInterfaceUp.call(lb01.host, name, up) : REFUSED;
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.equal(lb01.host.interfaceState("vrrp.55")?.up, true);
  lb01.host.setMade("vrrp.55", false);
  assert.deepEqual(alteredOf(lb01), []);
  assert.equal(lb01.host.interfaceState("vrrp.55")?.up, false);
});

const arpAlarm = (node: SimNode) =>
  node.daemon!.status().alarms.find(({ code }) => code === "virtual_mac_arp")?.message;

Deno.test("a setting of ARP that another program changed is put back within two seconds, with one entry", async () => {
  const cluster = new SimCluster([
    { ...WITH_VIRTUAL_MAC, priority: 150 },
    { ...WITH_VIRTUAL_MAC, priority: 100 },
  ]);
  cluster.start();
  cluster.run(10_000);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const change = () => {
    lb01.host.arpProblemsNow = {
      problems: [{ interface: "eth1", setting: "arp_ignore", value: 0 }],
    };
  };
  for (let times = 0; times < 5; times++) {
    change();
    cluster.run(2000);
    assert.deepEqual(lb01.host.arpProblems(), []);
  }
  assert.deepEqual(alteredOf(lb01).map(({ message }) => message), [
    "VI_1: another program set arp_ignore of eth1 to 0; vipd sets it back",
  ]);
  assert.equal(arpAlarm(lb01), undefined);
  // A backup answers for nothing.
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  cluster.run(10);
  assert.deepEqual(cluster.holders, ["lb02"]);
  change();
  cluster.run(10_000);
  assert.equal(lb01.host.arpProblems().length, 1);
  assert.equal(lb02.status.state, "master");
});

Deno.test("a setting of ARP of all interfaces, which vipd does not change, is an alarm while it lasts", async () => {
  const rows = [
    [
      { interface: "eth1", setting: "arp_ignore", value: 3 },
      "arp_ignore of eth1 is 3: eth1 answers ARP for the virtual addresses with its own MAC address",
    ],
    [
      { interface: "eth1", setting: "arp_announce", value: 3 },
      "arp_announce of eth1 is 3: eth1 asks in the name of the virtual addresses with its own MAC address",
    ],
    [
      { interface: "vrrp.55", setting: "arp_ignore", value: 8 },
      "arp_ignore of vrrp.55 is 8: nobody who asks for the virtual addresses gets an answer",
    ],
    [
      { interface: "vrrp.55", setting: "arp_ignore", value: 3 },
      "arp_ignore of vrrp.55 is 3: vrrp.55 answers ARP for this node's other addresses with the virtual MAC address",
    ],
  ] as const;
  for (const [problem, message] of rows) {
    const cluster = new SimCluster([{ ...WITH_VIRTUAL_MAC, priority: 150 }, WITH_VIRTUAL_MAC]);
    cluster.start();
    const [lb01] = cluster.nodes as [SimNode];
    lb01.host.arpProblemsNow = { problems: [problem], stay: true };
    cluster.run(10_000);
    assert.equal(arpAlarm(lb01), message);
    assert.deepEqual(alteredOf(lb01), []);
    lb01.host.arpProblemsNow = { problems: [] };
    cluster.run(2000);
    assert.equal(arpAlarm(lb01), undefined);
    lb01.host.arpProblemsNow = { problems: [problem], stay: true };
    cluster.run(2000);
    assert.equal(arpAlarm(lb01), message);
    await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
    cluster.run(10);
    assert.equal(arpAlarm(lb01), undefined, "it answers for nothing any more");
  }
});

Deno.test("settings of ARP are no matter of IPv6", () => {
  const address = { address: "2001:db8::5", prefixLength: 64, device: "vrrp6.55" } as const;
  const cluster = new SimCluster([{
    ...{ family: "ipv6", version: 3, virtualInterface: "vrrp6.55", addresses: [address] },
  }]);
  cluster.start();
  const [lb01] = cluster.nodes as [SimNode];
  lb01.host.arpProblemsNow = {
    problems: [{ interface: "eth1", setting: "arp_ignore", value: 3 }],
    stay: true,
  };
  cluster.run(10_000);
  assert.equal(lb01.status.state, "master");
  assert.equal(arpAlarm(lb01), undefined);
});

Deno.test("what another program changes of the interface is reported and undone at once", () => {
  const cases: readonly (readonly [Partial<InterfaceState>, readonly string[]])[] = [
    [{}, []],
    [{ mac: Uint8Array.of(2, 0, 0, 0, 0, 9) }, ["its MAC address is 02:00:00:00:00:09"]],
    [{ vepa: false }, ["its mode is not vepa"]],
    [{ mac: Uint8Array.of(2, 0, 0, 0, 0, 9), vepa: false }, [
      ...["its MAC address is 02:00:00:00:00:09", "its mode is not vepa"],
    ]],
  ];
  for (const [change, told] of cases) {
    const cluster = new SimCluster([WITH_VIRTUAL_MAC]);
    const { host } = cluster.nodes[0]!;
    cluster.start();
    cluster.run(10_000);
    const journal = cluster.nodes[0]!.daemon!.journal;
    const before = journal.since().length;
    let changed = change;
    const interfaceState = host.interfaceState.bind(host);
    host.interfaceState = (name) => {
      const state = interfaceState(name);
      return name === "vrrp.55" && state ? { ...state, ...changed } : state;
    };
    const put: string[] = [];
    host.restoreInterface = ({ name }) => {
      put.push(name);
      changed = {};
      return null;
    };
    host.setCarrier(true);
    const messages = journal.since().slice(before).map(({ message }) => message);
    assert.equal(messages.length, told.length);
    for (const [index, what] of told.entries()) assert.ok(messages[index]!.includes(what));
    assert.deepEqual(put, told.length > 0 ? ["vrrp.55"] : []);
  }
});
