import assert from "node:assert/strict";
import type { InterfaceState } from "../../../src/host/interfaces.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import type { RefusedResources } from "../../../src/node/resources/refused_resources.ts";
import { VirtualMac } from "../../../src/node/resources/virtual_mac.ts";
import { instanceConfig, SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { countTimers } from "../count_timers.ts";

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

Deno.test("the settings of ARP are looked at every two seconds while the node is master", async () => {
  const cluster = new SimCluster([{ ...WITH_VIRTUAL_MAC, priority: 150 }, WITH_VIRTUAL_MAC]);
  const [lb01] = cluster.nodes as [SimNode];
  const looks: number[] = [];
  lb01.host.arpProblems = () => {
    looks.push(cluster.time.nowMs);
    return [];
  };
  cluster.start();
  cluster.run(10_000);
  looks.length = 0;
  cluster.run(20_000);
  assert.equal(looks.length, 10);
  for (const [index, atMs] of looks.entries()) assert.equal(atMs, looks[0]! + 2000 * index);
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  looks.length = 0;
  cluster.run(20_000);
  assert.equal(looks.length, 0);
});

/** A virtual MAC address by itself, whose host refuses what the test says, and what was said about that. */
function alone() {
  const cluster = new SimCluster([{}, {}]);
  const [{ host }, { host: elsewhere }] = cluster.nodes as [SimNode, SimNode];
  const timers = countTimers(host);
  const journal = new Journal(() => host.wallClockMs());
  const refusing = new Set<string>();
  const said: string[] = [];
  const answer = (call: string) => refusing.has(call) ? REFUSED : null;
  const { addInterface, removeInterface, setInterfaceUp } = host;
  host.addInterface = (made) => answer("add") ?? addInterface.call(host, made);
  host.removeInterface = (name) => answer("remove") ?? removeInterface.call(host, name);
  host.setInterfaceUp = (name, up) =>
    answer(up ? "up" : "down") ?? setInterfaceUp.call(host, name, up);
  const refused = {
    refused: (...[action, what, code, message]: string[]) =>
      said.push(`${code} ${action} ${what}: ${message}`),
    settled: (what: string) => said.push(`settled ${what}`),
  };
  // The timers of the alarms are no matter of this.
  const alarms = new Alarms(elsewhere, journal);
  let returned = 0;
  const mac = new VirtualMac(instanceConfig(WITH_VIRTUAL_MAC), "vrrp.55", {
    ...{ host, journal, alarms, refused: refused as unknown as RefusedResources },
    returned: () => returned++,
  });
  /** `null` for an interface that is not there, else whether it is up. */
  const isUp = () => host.interfaceState("vrrp.55")?.enabled ?? null;
  const arpAlarm = () => alarms.standing("virtual_mac_arp", "VI_1") !== null;
  return {
    ...{ mac, host, timers, refusing, isUp, arpAlarm, returned: () => returned },
    run: (forMs: number) => cluster.run(forMs),
    take: () => said.splice(0),
    told: () => journal.since().map(({ message }) => message),
  };
}

Deno.test("what the kernel refuses of the interface is said in words, until it does it", () => {
  const rows = [
    ["add", "add", "made", (mac) => mac.start()],
    ["up", "add", "set up", (mac) => mac.raise()],
    ["down", "remove", "set down", (mac) => mac.lower()],
    ["remove", "remove", "removed", (mac) => mac.stop()],
  ] as const satisfies readonly (readonly [string, string, string, (mac: VirtualMac) => void])[];
  const { mac, refusing, run, take } = alone();
  for (const [call, action, what, step] of rows) {
    refusing.add(call);
    step(mac);
    const message = `interface vrrp.55 cannot be ${what}: refused; tried again every 1 s`;
    assert.deepEqual(take(), [`virtual_mac_failed ${action} vrrp.55 ${what}: ${message}`]);
    refusing.clear();
    run(1000);
    const both = call === "add" || call === "remove" ? ["made", "removed"] : ["set up", "set down"];
    assert.deepEqual(take(), both.map((it) => `settled vrrp.55 ${it}`));
  }
  assert.equal(mac.none, true);
});

Deno.test("the interface is made when the one below is there, and gone when that is gone, while it is wanted", () => {
  const { mac, host, isUp, told, take } = alone();
  const { interfaceState } = host;
  const below = (isThere: boolean) => {
    host.interfaceState = (name) =>
      name === "eth1" && !isThere ? null : interfaceState.call(host, name);
    mac.interfaceChanged();
  };
  below(true);
  assert.equal(isUp(), null, "it is not wanted yet");
  below(false);
  mac.start();
  assert.deepEqual([isUp(), take()], [null, []]);
  below(true);
  assert.deepEqual([isUp(), mac.none], [false, false]);
  mac.raise();
  assert.equal(isUp(), true);
  host.interfaceState = () => null;
  mac.interfaceChanged();
  assert.deepEqual([mac.none, told()], [true, []], "nobody removed it");
  host.interfaceState = interfaceState;
  mac.stop();
  host.removeInterface("vrrp.55");
  below(true);
  assert.deepEqual([isUp(), mac.none], [null, true]);
});

Deno.test("an interface of its name that vipd has not made is nothing that another program changed", () => {
  const { mac, host, told } = alone();
  host.addInterface({ name: "vrrp.55", parent: "eth1", mac: Uint8Array.of(2, 0, 0, 0, 0, 9) });
  mac.start();
  mac.interfaceChanged();
  assert.deepEqual([mac.none, told()], [true, []]);
});

Deno.test("an interface that another program removes or sets down is back at once, and as it was", () => {
  for (const isRaised of [true, false]) {
    const { mac, host, isUp, told, run } = alone();
    mac.start();
    if (isRaised) mac.raise();
    host.removeInterface("vrrp.55");
    mac.interfaceChanged();
    assert.equal(isUp(), isRaised);
    const what = "VI_1: another program changed interface vrrp.55: ";
    assert.deepEqual(told(), [`${what}it is removed; vipd sets it back`]);
    run(1000);
    host.setMade("vrrp.55", false);
    mac.interfaceChanged();
    assert.equal(isUp(), isRaised);
    assert.equal(told().length, isRaised ? 2 : 1);
  }
});

Deno.test("an interface that stays down is a fault until it is up, or is to be down", () => {
  for (const ends of ["up", "lowered"] as const) {
    const { mac, host, run, returned } = alone();
    mac.start();
    mac.raise();
    const down = () => {
      host.setMade("vrrp.55", false);
      mac.interfaceChanged();
    };
    down();
    assert.deepEqual([mac.fault, mac.returning], [null, false], "up again at once");
    down();
    assert.equal(mac.fault, "interface vrrp.55, which carries the virtual addresses, is down");
    assert.deepEqual([mac.returning, returned()], [true, 0]);
    if (ends === "lowered") mac.lower();
    else run(1000);
    assert.deepEqual([mac.fault, mac.returning], [null, false]);
    assert.equal(returned(), ends === "up" ? 1 : 0);
    mac.raise();
    mac.lower();
    assert.equal(mac.fault, null);
  }
});

Deno.test("an interface that another program removes twice within a second comes back, up", () => {
  const { mac, host, isUp, run } = alone();
  mac.start();
  mac.raise();
  for (const isBack of [true, false]) {
    host.removeInterface("vrrp.55");
    mac.interfaceChanged();
    assert.deepEqual([isUp(), mac.returning], [isBack, !isBack]);
  }
  run(1000);
  assert.deepEqual([isUp(), mac.returning], [true, false]);
});

Deno.test("nothing is looked at after the interface was lowered or removed", () => {
  for (const end of ["lower", "stop"] as const) {
    const { mac, timers } = alone();
    mac.start();
    mac.raise();
    assert.equal(timers.running, 1);
    mac[end]();
    assert.equal(timers.running, 0);
  }
});

Deno.test("what a setting of ARP does matters where the interface answers for an address of IPv4", () => {
  const ipv6 = { ...ADDRESS, address: "2001:db8::5", prefixLength: 64 };
  type Step = (scene: ReturnType<typeof alone>) => void;
  const rows: readonly (readonly [string, Step, boolean])[] = [
    ["it answers", () => {}, true],
    ["it is set down", ({ host }) => host.setMade("vrrp.55", false), false],
    [
      "a reload leaves addresses of IPv6 alone",
      ({ mac }) => mac.reconfigure(instanceConfig({ ...WITH_VIRTUAL_MAC, addresses: [ipv6] })),
      false,
    ],
    [
      "a reload adds one",
      ({ mac }) =>
        mac.reconfigure(instanceConfig({ ...WITH_VIRTUAL_MAC, addresses: [ADDRESS, ipv6] })),
      true,
    ],
    ["it is lowered", ({ mac }) => mac.lower(), false],
  ];
  for (const [what, step, matters] of rows) {
    const scene = alone();
    const { mac, host, run, arpAlarm } = scene;
    const problem = { interface: "eth1", setting: "arp_ignore", value: 3 } as const;
    host.arpProblemsNow = { problems: [problem], stay: true };
    mac.start();
    mac.raise();
    assert.equal(arpAlarm(), true);
    step(scene);
    run(2000);
    assert.equal(arpAlarm(), matters, what);
  }
  const { mac, refusing, host, run, arpAlarm } = alone();
  host.arpProblemsNow = {
    problems: [{ interface: "eth1", setting: "arp_ignore", value: 3 }],
    stay: true,
  };
  refusing.add("up");
  mac.start();
  mac.raise();
  run(2000);
  assert.equal(arpAlarm(), false, "it was never up");
  host.setMade("vrrp.55", true);
  run(2000);
  assert.equal(arpAlarm(), false, "nobody knows who answers");
});

Deno.test("of several settings of ARP those that vipd has set back are in the journal, and no others", () => {
  const { mac, host, arpAlarm, told } = alone();
  const set = (on: string, setting: "arp_ignore" | "arp_announce") =>
    ({ interface: on, setting, value: 0 }) as const;
  const stays = set("eth1", "arp_ignore");
  const found = [stays, set("eth1", "arp_announce"), set("vrrp.55", "arp_ignore")];
  const looks = [found, [stays]];
  host.arpProblems = () => looks.shift() ?? [];
  mac.start();
  mac.raise();
  assert.equal(arpAlarm(), true);
  const message = (what: string) => `VI_1: another program set ${what} to 0; vipd sets it back`;
  assert.deepEqual(told().filter((it) => it.includes("another program")), [
    ...[message("arp_announce of eth1"), message("arp_ignore of vrrp.55")],
  ]);
});
