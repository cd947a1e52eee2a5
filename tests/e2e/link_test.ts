/**
 * Links that fail, and adverts that do not leave, between real hosts: whatever an instance needs, the other node serves
 * as soon as this one cannot. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch, overlaps, seen, type Span } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS as VIP, TWO_NETWORKS_PLAN } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { atOnce, type Step } from "../at_once.ts";

/** Skew_Time and Master_Down_Interval of lb02 (priority 100) in version 2 at 1 s (RFC 3768 section 6.1), in milliseconds. */
const SKEW_MS = 610;
const MASTER_DOWN_MS = 3610;
/** What a busy machine may add. */
const BUSY_MS = 1500;

/** What differs between the cases. */
interface Case {
  /** The instance without name, VRID and priority: a flow mapping's inside; PEER is the other node's address. */
  readonly instance: string;
  /** What stands before `instances`. */
  readonly file?: string;
  /** The address whose holder is watched. @default {VIP} */
  readonly watched?: string;
  /** Commands on the nodes before vipd starts, without `ip`; OWN is the number at the end of the own address. */
  readonly prepare?: readonly string[];
}

const VIP6 = "2001:db8:31::5";
const ON_ETH1 = `interface: eth0, addresses: [{ address: ${VIP}/24, device: eth1 }]`;
/** The same over IPv6, which has version 3 alone. */
const ON_ETH1_IPV6: Case = {
  instance: `interface: eth0, version: 3, addresses: [{ address: "fe80::5/64" }, ` +
    `{ address: "${VIP6}/64", device: eth1 }]`,
  watched: VIP6,
};
const IPV6 = `interface: eth1, version: 3, addresses: ["fe80::5/64", "${VIP6}/64"]`;

async function openPair({ instance, file = "", watched = VIP, prepare = [] }: Case) {
  await using made = new AsyncDisposableStack();
  const lab = made.use(await Lab.open(`link-${crypto.randomUUID()}`, TWO_NETWORKS_PLAN));
  const binary = Deno.env.get("VIPD_BINARY");
  const node = (name: "lb01" | "lb02", priority: number) => {
    const own = instance.replaceAll("PEER", name === "lb01" ? "192.168.31.12" : "192.168.31.11");
    const config =
      `${file}instances:\n  - { name: VI_1, vrid: 55, priority: ${priority}, ${own} }\n`;
    return new Vipd(lab.host(name), { config, binary });
  };
  const [lb01, lb02] = [node("lb01", 150), node("lb02", 100)];
  for (const [{ host }, own] of [[lb01, "11"], [lb02, "12"]] as const) {
    for (const command of prepare) await ip(host, ...command.replace("OWN", own).split(" "));
  }
  const holders = await HolderWatch.start([lb01.host, lb02.host], watched);
  // The one that is to be master first: with `preempt: false` it stays with who is.
  await lb01.start();
  await lb02.start();
  await holders.heldBy("lb01", 15_000);
  // lb02 follows lb01, whose first adverts it may have missed.
  await waitFor("lb02 to follow", async () => (await statusOf(lb02)).master !== null, {
    timeoutMs: 5000,
    everyMs: 50,
  });
  made.move();
  return { lab, lb01, lb02, holders };
}

async function statusOf(vipd: Vipd) {
  const status = await vipd.status();
  assert.ok(status);
  return status.instances[0]!;
}

async function faultOf(vipd: Vipd, says: RegExp): Promise<void> {
  await waitFor(
    `a fault that says ${says}`,
    async () => says.test((await statusOf(vipd)).faults.join()),
    {
      timeoutMs: 3000,
      everyMs: 50,
      explain: () => vipd.lastLines.join("\n"),
    },
  );
}

const ip = (host: LabHost, ...words: string[]) => host.run(["ip", ...words]);

/** Breaks something on lb01; the other node serves within Skew_Time, for it gets a goodbye. */
function movesAtOnce(
  set: Case,
  spoil: (pair: Awaited<ReturnType<typeof openPair>>) => Promise<unknown>,
  says: RegExp,
): () => Promise<void> {
  return async () => {
    const pair = await openPair(set);
    await using _lab = pair.lab;
    const fromMs = clockMs();
    await spoil(pair);
    const servedMs = await pair.holders.heldBy("lb02", 10_000) - fromMs;
    assert.ok(servedMs <= SKEW_MS + BUSY_MS, `served after ${servedMs} ms`);
    await faultOf(pair.lb01, says);
    const { counters } = await statusOf(pair.lb01);
    assert.equal(counters.priority_zero_sent, 1);
  };
}

const VIRTUAL = { instance: `interface: eth1, virtual_mac: true, addresses: [${VIP}/24]` };
const ON_ETH1_ALONE = `interface: eth1, addresses: [${VIP}/24]`;

/** The pair of each family, its cable that fails, how, and the fault. */
const FAILING: readonly (readonly [
  what: string,
  device: "eth0" | "eth1",
  how: "set down" | "unplugged",
  says: RegExp,
  ipv4: Case,
  ipv6: Case,
])[] = [
  [
    "the device of the address loses its carrier",
    "eth1",
    "unplugged",
    /eth1, which is to carry a virtual address, has no carrier/,
    { instance: ON_ETH1 },
    ON_ETH1_IPV6,
  ],
  [
    "the device of the address is set down",
    "eth1",
    "set down",
    /eth1, which is to carry a virtual address, is down/,
    { instance: ON_ETH1 },
    ON_ETH1_IPV6,
  ],
  [
    "the device of a route is set down",
    "eth0",
    "set down",
    /eth0, which is to carry a route, is down/,
    { instance: `${ON_ETH1_ALONE}, routes: [{ to: 10.9.0.0/16, device: eth0 }]` },
    {
      instance: `${IPV6}, routes: [{ to: "2001:db8:9::/48", device: eth0 }]`,
      watched: VIP6,
    },
  ],
  [
    "the interface of a route's gateway is set down",
    "eth0",
    "set down",
    /eth0, which is to carry a route, is down/,
    { instance: `${ON_ETH1_ALONE}, routes: [{ to: 10.9.0.0/16, via: 10.0.0.1 }]` },
    {
      // The kernel takes this address away with the link.
      prepare: ["address add 2001:db8:30::OWN/64 dev eth0 nodad"],
      instance: `${IPV6}, routes: [{ to: "2001:db8:9::/48", via: "2001:db8:30::1" }]`,
      watched: VIP6,
    },
  ],
];

Deno.test("links that fail", async (t) => {
  const fails = (set: Case, [, device, how, says]: (typeof FAILING)[number]) =>
    movesAtOnce(
      set,
      ({ lab, lb01 }) =>
        how === "unplugged"
          ? lab.cut("lb01", device, "unplugged")
          : ip(lb01.host, "link", "set", device, "down"),
      says,
    );
  await atOnce(t, [
    ...FAILING.flatMap((row): Step[] => [
      [row[0], fails(row[4], row)],
      [`${row[0]}, over IPv6`, fails(row[5], row)],
    ]),
    ["one of a route's two next hops is dead: the kernel takes the other", oneNextHopDead],
    ["the virtual interface is set down, and again", virtualInterfaceDown],
    ["the own address goes: the goodbye has its last source", ownAddressGone],
    ["the own link-local address goes: the goodbye leaves as a frame", linkLocalGone],
    ["the device of the address is renamed, with lease: off", renamedDevice],
    ["the interface is renamed, with lease: off", renamedInterface],
  ], 4);
});

async function oneNextHopDead(): Promise<void> {
  const nextHops = "[{ via: 10.0.0.1 }, { via: 192.168.31.1 }]";
  const { lab, lb01, holders } = await openPair({
    instance: `${ON_ETH1_ALONE}, routes: [{ to: 10.9.0.0/16, next_hops: ${nextHops} }]`,
  });
  await using _lab = lab;
  await ip(lb01.host, "link", "set", "eth0", "down");
  const shown = (await ip(lb01.host, "route", "show", "10.9.0.0/16")).stdout;
  assert.match(shown, /via 10\.0\.0\.1 .*dead/);
  const { stdout } = await ip(lb01.host, "route", "get", "10.9.0.1");
  assert.match(stdout, /via 192\.168\.31\.1 /);
  await sleep(1000);
  assert.deepEqual(holders.now(), ["lb01"]);
  const { faults, routing } = await statusOf(lb01);
  assert.deepEqual([faults, routing.map(({ held }) => held)], [[], [true]]);
}

async function virtualInterfaceDown(): Promise<void> {
  const { lab, lb01, holders } = await openPair(VIRTUAL);
  await using _lab = lab;
  const setDown = ["ip", "link", "set", "vrrp.55", "down"];
  const isUp = async () =>
    /[<,]UP[,>]/.test((await lb01.host.run(["ip", "link", "show", "vrrp.55"])).stdout);
  await lb01.host.run(setDown);
  await waitFor("vrrp.55 to be up again", isUp, { timeoutMs: 2000 });
  assert.equal((await lb01.status())!.instances[0]!.counters.released_master, 0);
  // What is undone at once the first time is a fault the next time.
  await sleep(1500);
  await lb01.host.run(setDown);
  await waitFor("vrrp.55 to be up once more", isUp, { timeoutMs: 2000, everyMs: 20 });
  const fromMs = clockMs();
  await lb01.host.run(setDown);
  const servedMs = await holders.heldBy("lb02", 10_000) - fromMs;
  assert.ok(servedMs <= SKEW_MS + BUSY_MS, `served after ${servedMs} ms`);
  // As a backup's it is down rightly; the preferred node comes back.
  await holders.heldBy("lb01", 10_000);
  assert.ok(await isUp());
}

async function ownAddressGone(): Promise<void> {
  const { lab, lb01, lb02, holders } = await openPair({
    instance: `interface: eth1, addresses: [${VIP}/24]`,
  });
  await using _lab = lab;
  const fromMs = clockMs();
  await ip(lb01.host, "address", "del", "192.168.31.11/24", "dev", "eth1");
  const servedMs = await holders.heldBy("lb02", 10_000) - fromMs;
  assert.ok(servedMs <= SKEW_MS + BUSY_MS, `served after ${servedMs} ms`);
  await faultOf(lb01, /has no IPv4 address of its own/);
  assert.equal((await statusOf(lb02)).counters.priority_zero_received, 1);
}

async function linkLocalGone(): Promise<void> {
  const { lab, lb01, lb02, holders } = await openPair({
    instance: `interface: eth1, version: 3, addresses: ["fe80::5/64", "2001:db8:31::5/64"]`,
    watched: "2001:db8:31::5",
  });
  await using _lab = lab;
  const [link] = JSON.parse((await ip(lb01.host, "-j", "address", "show", "dev", "eth1")).stdout);
  const own = link.addr_info.find((info: { local: string }) =>
    info.local.startsWith("fe80:") && info.local !== "fe80::5"
  );
  const fromMs = clockMs();
  await ip(lb01.host, "address", "del", `${own.local}/64`, "dev", "eth1");
  const servedMs = await holders.heldBy("lb02", 10_000) - fromMs;
  assert.ok(servedMs <= SKEW_MS + BUSY_MS, `served after ${servedMs} ms`);
  await faultOf(lb01, /has no IPv6 link-local address of its own/);
  assert.equal((await statusOf(lb02)).counters.priority_zero_received, 1);
}

/** The kernel has the address on the interface, whatever its name. */
async function renamed(host: LabHost, device: string): Promise<void> {
  await ip(host, "link", "set", device, "down");
  await ip(host, "link", "set", device, "name", "renamed0");
  await ip(host, "link", "set", "renamed0", "up");
}

async function renamedDevice(): Promise<void> {
  const { lab, lb01, holders } = await openPair({ instance: `${ON_ETH1}, lease: off` });
  await using _lab = lab;
  await renamed(lb01.host, "eth1");
  await holders.heldBy("lb02", 10_000);
  const shown = await ip(lb01.host, "-o", "address", "show", "dev", "renamed0");
  assert.doesNotMatch(shown.stdout, /192\.168\.31\.5\//);
}

async function renamedInterface(): Promise<void> {
  const { lab, lb01, holders } = await openPair({
    instance: `interface: eth1, addresses: [${VIP}/24], lease: off`,
  });
  await using _lab = lab;
  // Kernels since 6.2 rename interfaces that are up; there the address would stay.
  const live = await lb01.host.run(["ip", "link", "set", "eth1", "name", "renamed0"], {
    check: false,
  });
  if (live.code !== 0) await renamed(lb01.host, "eth1");
  await holders.heldBy("lb02", 10_000);
  await faultOf(lb01, /interface eth1 does not exist/);
}

Deno.test("adverts that do not leave", async (t) => {
  const address = `interface: eth1, addresses: [${VIP}/24]`;
  await atOnce(t, [
    ["a firewall drops them on their way out", () => firewalled({ instance: address })],
    ["a firewall, over IPv6", () => firewalled({ instance: IPV6, watched: VIP6 })],
    ["a firewall, without a lease", () => firewalled({ instance: `${address}, lease: off` })],
    [
      "a firewall, by unicast",
      () => firewalled({ instance: `${address}, unicast: { peers: [PEER] }` }),
    ],
    [
      "an egress chain of the interface drops them",
      () => firewalled({ instance: address }, EGRESS),
    ],
    [
      "an egress chain, over IPv6",
      () => firewalled({ instance: IPV6, watched: VIP6 }, EGRESS),
    ],
    ["an egress chain, from a virtual MAC address", () => firewalled(VIRTUAL, EGRESS)],
    ["they are larger than the MTU", () => tooLarge(LARGE.IPv4)],
    ["they are larger than the MTU, over IPv6", () => tooLarge(LARGE.IPv6)],
  ], 3);
});

/** Longest time in which two were seen to hold the address since `sinceMs`, in milliseconds. */
function twoHeldMs(holders: HolderWatch, sinceMs: number): number {
  const ms = ({ fromMs, untilMs }: Span) => untilMs - Math.max(fromMs, sinceMs);
  return Math.max(0, ...overlaps(seen(holders.holdings())).map(ms));
}

/** What drops adverts: the table, the chain, and what vipd says of it. */
interface Dropping {
  readonly table: string;
  readonly hook: string;
  readonly says: RegExp;
}

const OUTPUT: Dropping = {
  table: "inet f",
  hook: "output",
  says: /adverts do not leave: .*EPERM, a firewall drops it on its way out/,
};
const EGRESS: Dropping = {
  table: "netdev f",
  hook: "egress device eth1",
  says: /adverts do not leave: .*ENOBUFS, the interface drops it on its way out/,
};

async function firewalled(set: Case, { table, hook, says } = OUTPUT): Promise<void> {
  const { lab, lb01, holders } = await openPair(set);
  await using _lab = lab;
  const fromMs = clockMs();
  const chain = `chain out { type filter hook ${hook} priority 0; meta l4proto 112 drop; }`;
  await lb01.host.run(["nft", `table ${table} { ${chain}; }`]);
  const servedMs = await holders.heldBy("lb02", 10_000) - fromMs;
  assert.ok(servedMs <= MASTER_DOWN_MS + BUSY_MS, `served after ${servedMs} ms`);
  await waitFor("the alarm", () => hasAlarm(lb01), { timeoutMs: 3000, everyMs: 50 });
  assert.match(lb01.lastLines.join("\n"), says);
  // The remedy names the rule.
  const { alarms } = (await lb01.status())!;
  const hint = alarms.find(({ code }) => code === "adverts_not_sent")!.hint;
  assert.ok(hint?.includes(`nft, table ${table}, chain out, rule with handle 2`), hint);
  // It tries again meanwhile.
  await sleep(6000);
  assert.ok((await statusOf(lb01)).counters.advertisements_failed > 0);
  assert.equal(twoHeldMs(holders, fromMs), 0);
  await lb01.host.run(["nft", "delete", "table", ...table.split(" ")]);
  await holders.heldBy("lb01", 30_000);
  assert.equal(await hasAlarm(lb01), false);
}

async function hasAlarm(vipd: Vipd): Promise<boolean> {
  const alarms = (await vipd.status())?.alarms ?? [];
  return alarms.some(({ code }) => code === "adverts_not_sent");
}

/** A pair whose adverts fit, an MTU with which they do not, and their size. */
interface Large {
  readonly set: Case;
  readonly mtu: number;
  readonly octets: number;
}

const counted = (count: number, address: (number: number) => string) =>
  Array.from({ length: count }, (_, index) => address(index + 1)).join(", ");

const LARGE: Readonly<Record<"IPv4" | "IPv6", Large>> = {
  IPv4: {
    set: {
      instance: `interface: eth1, addresses: [${VIP}/24, ${
        counted(140, (number) => `10.50.0.${number}/32`)
      }]`,
    },
    mtu: 576,
    octets: 600,
  },
  IPv6: {
    set: {
      instance: `interface: eth1, version: 3, addresses: ["fe80::5/64", "${VIP6}/64", ${
        counted(83, (number) => `"2001:db8:50::${number}/128"`)
      }]`,
      watched: VIP6,
    },
    mtu: 1400,
    octets: 1408,
  },
};

async function tooLarge({ set, mtu, octets }: Large): Promise<void> {
  const { lab, lb01, holders } = await openPair(set);
  await using _lab = lab;
  const fromMs = clockMs();
  await ip(lb01.host, "link", "set", "eth1", "mtu", `${mtu}`);
  await holders.heldBy("lb02", 10_000);
  await waitFor("the alarm", () => hasAlarm(lb01), { timeoutMs: 3000, everyMs: 50 });
  const said = new RegExp(`EMSGSIZE, an advert of ${octets} octets is larger than`);
  assert.match(lb01.lastLines.join("\n"), said);
  assert.equal(twoHeldMs(holders, fromMs), 0);
}

Deno.test("links that need patience, and one that does not matter", async (t) => {
  await atOnce(t, [
    ["down_delay: flaps move nothing", flaps],
    ["up_delay: a link that has come up counts later", comesUp],
    ["track_interface: false: the last living node serves on", untracked],
  ], 3);
});

async function flaps(): Promise<void> {
  const { lab, lb01, lb02, holders } = await openPair({
    instance: `interface: eth1, addresses: [${VIP}/24]`,
    file: "interfaces: { eth1: { down_delay: 2s } }\n",
  });
  await using _lab = lab;
  for (let flap = 0; flap < 3; flap++) {
    await lab.cut("lb01", "eth1", "unplugged");
    await sleep(120);
    await lab.heal("lb01", "eth1");
    // Out of step with the adverts, of which one a second leaves: a cut takes one at most, and never three in a row.
    await sleep(1350);
  }
  assert.deepEqual(holders.now(), ["lb01"]);
  assert.equal((await statusOf(lb02)).counters.became_master, 0);
  await lab.cut("lb01", "eth1", "unplugged");
  await faultOf(lb01, /interface eth1 has no carrier/);
}

/** The switch port passes nothing for a while: with `preempt: false` there is no second move. */
async function comesUp(): Promise<void> {
  const { lab, lb01, lb02, holders } = await openPair({
    instance: `interface: eth1, preempt: false, addresses: [${VIP}/24]`,
    file: "interfaces: { eth1: { up_delay: 7s } }\n",
  });
  await using _lab = lab;
  await lab.cut("lb01", "eth1", "unplugged");
  await holders.heldBy("lb02", 10_000);
  await lab.heal("lb01", "eth1");
  await lab.cut("lb01", "eth1", "silent");
  await faultOf(lb01, /up_delay is not over/);
  await sleep(5000);
  await lab.heal("lb01", "eth1");
  await waitFor("lb01 to be backup", async () => (await statusOf(lb01)).state === "backup", {
    timeoutMs: 10_000,
    everyMs: 100,
  });
  await sleep(MASTER_DOWN_MS + BUSY_MS);
  assert.deepEqual(holders.now(), ["lb02"]);
  assert.equal((await statusOf(lb02)).counters.became_master, 1);
}

async function untracked(): Promise<void> {
  const { lab, lb01, holders } = await openPair({
    instance: `${ON_ETH1}, track_interface: false`,
  });
  await using _lab = lab;
  await lab.vanish("lb02", "unplugged");
  await lab.cut("lb01", "eth0", "unplugged");
  await sleep(5000);
  assert.ok(holders.now().includes("lb01"));
  const { state, faults } = await statusOf(lb01);
  assert.deepEqual([state, faults], ["master", []]);
  await ip(lb01.host, "link", "set", "eth0", "down");
  await sleep(5000);
  assert.ok(holders.now().includes("lb01"));
}
