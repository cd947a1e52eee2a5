/** The lives of a pair whose transcripts are kept. */

import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import {
  config,
  instanceConfig,
  NGINX_CHECK,
  type SimNode,
  tracked,
  VIP,
} from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import type { InstanceCommand } from "../../../src/status/commands/commands.ts";
import type { Step, ToldPair } from "./transcript.ts";

export interface Story {
  readonly configs: readonly [Config, Config];
  readonly steps: readonly Step[];
}

const NAMES = ["lb01", "lb02"] as const;
type Name = typeof NAMES[number];

const SECOND = { address: "192.168.31.6", prefixLength: 24, device: "eth1" };
const ROUTE = {
  ...{ kind: "route", family: "ipv4", table: 254, via: "192.168.31.1" } as const,
  to: { address: "10.1.0.0", prefixLength: 16 },
};
const RULE = {
  ...{ kind: "rule", family: "ipv4", priority: 100, table: 100 } as const,
  from: { address: "192.168.31.5", prefixLength: 32 },
};
const EPERM = { code: "EPERM", message: "Cannot send VRRP on eth1: not allowed" };
const ENOBUFS = { code: "ENOBUFS", message: "Cannot send VRRP on eth1: no room" };
const REFUSED = { code: "EINVAL", message: "the kernel refuses it" };

/** lb01 (150) and lb02 (100), which ask each other. */
function pair(
  changes: Partial<InstanceConfig>,
  more: readonly Partial<InstanceConfig>[] = [],
  whole: Partial<Config> = {},
): readonly [Config, Config] {
  return NAMES.map((name, index) => {
    const priority = [150, 100][index]!;
    const other = NAMES[1 - index]!;
    return {
      ...config(name, { priority, ...changes }),
      checks: [NGINX_CHECK],
      peers: [{ name: other, url: `http://192.168.31.1${2 - index}:9112` }],
      instances: [
        instanceConfig({ priority, ...changes }),
        ...more.map((second) =>
          instanceConfig({ priority, vrid: 56, addresses: [SECOND], ...second })
        ),
      ],
      ...whole,
    };
  }) as unknown as [Config, Config];
}

const on = (
  what: string,
  name: Name,
  ms: number,
  happen: (node: SimNode, pair: ToldPair) => unknown,
): Step => [`${name}: ${what}`, ms, (pair) => happen(pair[name], pair)];

const command = (
  name: Name,
  { kind, ...more }: Partial<InstanceCommand> & Pick<InstanceCommand, "kind">,
  ms = 8000,
): Step =>
  on(`${kind} ${JSON.stringify(more)}`, name, ms, (node, pair) =>
    node.command(async (daemon) => {
      const given = { instance: "VI_1", kind, ...more } as InstanceCommand;
      const { instance: _, ...result } = { instance: null, ...await daemon.command(given) };
      pair.note(node, `answers ${JSON.stringify(result)}`);
    }));

const check = (name: Name, ok: boolean, ms = 9000): Step =>
  on(`nginx ${ok ? "returns" : "dies"}`, name, ms, ({ host }) => host.setCheck("nginx", ok));

const edit = (
  what: string,
  name: Name,
  ms: number,
  changes: Partial<InstanceConfig>,
  whole: Partial<Config> = {},
): Step =>
  on(`reload: ${what}`, name, ms, (node) => {
    const [first, ...others] = node.config.instances;
    node.reload({ ...node.config, instances: [{ ...first!, ...changes }, ...others], ...whole });
  });

const reloaded = (what: string, ms: number, change: (config: Config) => Partial<Config>): Step[] =>
  NAMES.map((name) =>
    on(
      `reload: ${what}`,
      name,
      ms,
      (node) => node.reload({ ...node.config, ...change(node.config) }),
    )
  );

const START: Step = ["all start", 12_000, ({ cluster }) => cluster.start()];
const END: Step[] = [
  on("stops", "lb01", 6000, (node) => node.stop()),
  on("is abandoned", "lb02", 1000, ({ daemon }) => daemon!.abandon()),
];

/** A machine on the link that is no load balancer. */
function claim({ cluster }: ToldPair, octet: number, address: string): SimHost {
  const machine = { name: `host${octet}`, interface: "eth1", address: `192.168.31.${octet}` };
  const host = new SimHost(machine, cluster.time, cluster.network);
  host.addAddress({ ...VIP, address });
  host.announce({ ...VIP, address });
  return host;
}

export const STORIES: Readonly<Record<string, Story>> = {
  "checks and links": {
    configs: pair(
      { track: [tracked({ kind: "check", check: "nginx" })] },
      [{ name: "VI_2", track: [tracked({ kind: "check", check: "nginx", weight: -60 })] }],
      { interfaces: [{ name: "eth9", upDelayMs: 2000, downDelayMs: 3000 }] },
    ),
    steps: [
      START,
      check("lb01", false),
      check("lb02", false),
      check("lb01", true),
      check("lb02", true, 20_000),
      on("the link goes down", "lb01", 6000, ({ host }) => host.setLink(false)),
      on("the link comes up", "lb01", 9000, ({ host }) => host.setLink(true)),
      on("no carrier", "lb02", 6000, ({ host }) => host.setCarrier(false)),
      on("carrier", "lb02", 9000, ({ host }) => host.setCarrier(true)),
      on("hangs", "lb01", 6000, (node) => node.hang()),
      on("wakes", "lb01", 9000, (node) => node.wake()),
      on("is killed", "lb01", 9000, (node) => node.kill()),
      on("starts", "lb01", 9000, (node) => node.start()),
      on("loses its power", "lb01", 6000, (node) => node.powerOff()),
      on("starts", "lb01", 12_000, (node) => node.start()),
      on("its clock is set", "lb02", 4000, ({ host }) => host.jumpWallClock(3_600_000)),
      on(
        "eth1 has another address",
        "lb01",
        4000,
        ({ host }) => host.setOwnAddresses([{ address: "192.168.31.21", prefixLength: 24 }]),
      ),
      on("eth1 has no address", "lb01", 6000, ({ host }) => host.setOwnAddresses([])),
      on(
        "eth1 has its address again",
        "lb01",
        9000,
        ({ host }) => host.setOwnAddresses([{ address: "192.168.31.11", prefixLength: 24 }]),
      ),
      on(
        "eth1 has another MAC address",
        "lb01",
        4000,
        ({ host }) => host.setMac(Uint8Array.of(2, 0, 0, 0, 1, 11)),
      ),
      ...END,
    ],
  },
  "commands": {
    configs: pair({ track: [tracked({ kind: "check", check: "nginx" })] }, [], {
      startDelayMs: 3000,
    }),
    steps: [
      START,
      command("lb02", { kind: "promote", reason: "a test" }),
      command("lb02", { kind: "release" }),
      command("lb01", { kind: "demote", forMs: 5000 }),
      command("lb02", { kind: "promote", forMs: 5000 }, 12_000),
      command("lb02", { kind: "set_priority", priority: 200 }),
      command("lb02", { kind: "promote" }),
      command("lb02", { kind: "clear_priority" }),
      command("lb02", { kind: "release" }),
      command("lb01", { kind: "set_priority", priority: 50 }),
      command("lb01", { kind: "clear_priority" }),
      check("lb02", false),
      command("lb02", { kind: "promote" }),
      command("lb01", { kind: "demote" }),
      command("lb01", { kind: "release" }),
      check("lb02", true),
      command("lb01", { kind: "demote" }),
      on("is killed and starts", "lb01", 12_000, (node) => node.start()),
      command("lb01", { kind: "demote" }),
      on("reload: another name", "lb01", 9000, (node) =>
        node.reload({
          ...node.config,
          instances: [{ ...node.config.instances[0]!, name: "VI_9" }],
        })),
      command("lb01", { kind: "promote" }),
      command("lb01", { kind: "promote", instance: "VI_9" }),
      command("lb01", { kind: "release", instance: "VI_9" }),
      command("lb01", { kind: "demote", instance: "VI_9" }, 20),
      command("lb01", { kind: "demote", instance: "VI_9" }, 20),
      command("lb01", { kind: "promote", instance: "VI_9" }, 20),
      command("lb01", { kind: "release", instance: "VI_9" }),
      ["nobody writes", 0, ({ lb01 }) => (lb01.host.disk.broken = true)],
      command("lb01", { kind: "set_priority", instance: "VI_9", priority: 99 }),
      ...END,
    ],
  },
  "resources": {
    configs: pair({
      ...{ addresses: [VIP, SECOND], routing: [ROUTE, RULE], drainMs: 3000, accept: false },
      announce: {
        ...{ delayMs: 2000, repeat: 2, refreshMs: 4000, intervalMs: 10 },
        lowerPriority: { repeat: 1, delayMs: 1000 },
      },
    }),
    steps: [
      START,
      command("lb01", { kind: "demote" }),
      command("lb01", { kind: "release" }),
      on("an address is taken away", "lb01", 3000, ({ host }) => host.stealAddress(VIP.address)),
      on(
        "an address is altered",
        "lb01",
        3000,
        ({ host }) => host.alterAddress(VIP.address, { prefixLength: 32 }),
      ),
      on("its routes are removed", "lb01", 3000, ({ host }) => host.changeRouting(() => [])),
      [
        "an address is taken away again and again",
        12_000,
        ({ lb01, cluster }) => {
          for (let time = 0; time < 60; time++) {
            cluster.run(200);
            lb01.host.stealAddress(SECOND.address);
          }
        },
      ],
      ["nobody takes it any more", 15_000],
      on(
        "an address is refused",
        "lb02",
        0,
        ({ host }) => host.refuses.set(SECOND.address, REFUSED),
      ),
      command("lb02", { kind: "promote" }, 20_000),
      on("both addresses are refused", "lb02", 15_000, ({ host }) => {
        host.refuses.set(VIP.address, REFUSED);
        host.stealAddress(VIP.address);
      }),
      on("loses its power", "lb01", 40_000, (node) => node.powerOff()),
      on("nothing is refused", "lb02", 20_000, ({ host }) => host.refuses.clear()),
      on("starts", "lb01", 12_000, (node) => node.start()),
      on("a route is refused", "lb02", 0, ({ host }) => host.refuses.set("10.1.0.0", REFUSED)),
      command("lb02", { kind: "promote" }, 70_000),
      on("it is not refused", "lb02", 60_000, ({ host }) => host.refuses.clear()),
      command("lb02", { kind: "release" }),
      on("packets cannot be refused", "lb01", 0, ({ host }) => host.blockProblem = "no nftables"),
      command("lb01", { kind: "demote" }),
      on("packets can be refused", "lb01", 3000, ({ host }) => host.blockProblem = ""),
      command("lb01", { kind: "release" }),
      edit("no routes", "lb01", 6000, { routing: [] }),
      edit("one address", "lb01", 6000, { addresses: [SECOND] }),
      edit("both addresses", "lb01", 6000, { addresses: [SECOND, VIP], routing: [RULE] }),
      edit("another lease, no drain", "lb01", 6000, { leaseSeconds: 30, drainMs: 0 }),
      edit("no lease", "lb01", 6000, { leaseSeconds: null }),
      on("is killed", "lb01", 2000, (node) => node.kill()),
      on("starts", "lb01", 12_000, (node) => node.start({ isOwn: () => true })),
      ...END,
    ],
  },
  "a virtual MAC address": {
    configs: pair({
      virtualInterface: "vrrp.55",
      addresses: [{ ...VIP, device: "vrrp.55", label: "vrrp.55:1" }],
    }),
    steps: [
      START,
      command("lb01", { kind: "demote" }),
      command("lb01", { kind: "release" }),
      on("its interface is set down", "lb01", 3000, ({ host }) => host.setMade("vrrp.55", false)),
      on("its interface loses its mark", "lb01", 3000, ({ host }) => host.unmark("vrrp.55")),
      on("its interface is gone", "lb01", 3000, ({ host }) => void host.removeInterface("vrrp.55")),
      on("the settings do not suit", "lb01", 6000, ({ host }) => {
        host.arpProblemsNow = {
          problems: [{ interface: "eth1", setting: "arp_ignore", value: 0 }] as never,
        };
        host.setCarrier(true);
      }),
      on("the link goes down", "lb01", 6000, ({ host }) => host.setLink(false)),
      on("the link comes up", "lb01", 9000, ({ host }) => host.setLink(true)),
      edit("another name", "lb01", 6000, {
        virtualInterface: "vrrp.99",
        addresses: [{ ...VIP, device: "vrrp.99" }],
      }),
      edit(
        "no virtual MAC address",
        "lb02",
        6000,
        { virtualInterface: undefined, addresses: [VIP] } as never,
      ),
      on("loses its power", "lb01", 6000, (node) => node.powerOff()),
      on("starts", "lb01", 12_000, (node) => node.start()),
      ...reloaded("another instance takes its interface", 9000, ({ instances: [first] }) => ({
        instances: [{ ...first!, name: "VI_8", vrid: 88 }],
      })),
      ...END,
    ],
  },
  "others on the link": {
    configs: pair({ splitBrain: "yield", clientCheck: "auto" }),
    steps: [
      START,
      ["clients are answered", 6000, (pair) => (pair.client = { ok: true, detail: "HTTP 200" })],
      [
        "clients are not answered",
        9000,
        (pair) => (pair.client = { ok: false, detail: "no answer" }),
      ],
      ["clients are answered", 6000, (pair) => (pair.client = { ok: true, detail: "HTTP 200" })],
      ["a host has the address", 12_000, (pair) => claim(pair, 77, VIP.address)],
      ["seven others announce it", 30_000, (pair) => {
        for (let octet = 80; octet < 87; octet++) claim(pair, octet, VIP.address).powerOff();
      }],
      [
        "a node does not hear the other",
        20_000,
        ({ cluster }) => cluster.network.filterVrrp("lb01", "lb02"),
      ],
      ["nor the other one", 20_000, ({ cluster }) => cluster.network.filterVrrp("lb02", "lb01")],
      ["all is heard", 20_000, ({ cluster }) => cluster.network.heal()],
      ["the link is cut", 12_000, ({ cluster }) => cluster.network.partition(["lb01"], ["lb02"])],
      ["all is heard", 20_000, ({ cluster }) => cluster.network.heal()],
      on(
        "its API is silent",
        "lb02",
        20_000,
        (node, { unreachable }) =>
          unreachable.set(node, { ok: false, error: "no whole answer within 1 s" }),
      ),
      on(
        "its engine is gone, as its API says",
        "lb02",
        12_000,
        (node, { unreachable }) =>
          unreachable.set(node, {
            ok: false,
            error: "its engine does not answer",
            cause: "engine_gone",
          }),
      ),
      on(
        "refuses the token",
        "lb02",
        12_000,
        (node, { unreachable }) =>
          unreachable.set(node, {
            ok: false,
            error: "it refuses the token (401)",
            cause: "mismatch",
          }),
      ),
      on("its API answers", "lb02", 6000, (node, { unreachable }) => unreachable.delete(node)),
      on("has the address and is no master", "lb02", 12_000, ({ host }) => host.plantAddress(VIP)),
      on("has it no more", "lb02", 12_000, ({ host }) => host.stealAddress(VIP.address)),
      edit("yields no more", "lb02", 3000, { splitBrain: "alarm", preempt: false }),
      ["neither hears the other", 20_000, ({ cluster }) => {
        cluster.network.filterVrrp("lb01", "lb02");
        cluster.network.filterVrrp("lb02", "lb01");
      }],
      ["all is heard", 20_000, ({ cluster }) => cluster.network.heal()],
      edit("another VRID", "lb02", 12_000, { vrid: 77 }),
      edit("another password", "lb02", 12_000, {
        vrid: 55,
        authentication: { type: "pass", password: "other" },
      }),
      edit("no password", "lb02", 12_000, { authentication: { type: "none" } }),
      edit("another interval", "lb02", 12_000, {
        authentication: { type: "pass", password: "123456" },
        advertIntervalCs: 200,
      }),
      edit("version 3", "lb02", 12_000, {
        ...{ version: 3, advertIntervalCs: 50, authentication: { type: "none" } },
      }),
      ...END,
    ],
  },
  "adverts that do not leave": {
    configs: pair({}, [{
      name: "VI_2",
      version: 3,
      advertIntervalCs: 30,
      authentication: { type: "none" },
    }]),
    steps: [
      START,
      on("its adverts are refused", "lb01", 15_000, ({ host }) => host.sendError = EPERM),
      on("they leave", "lb01", 15_000, ({ host }) => host.sendError = null),
      ...[300, 900, 2600, 7000].flatMap((ms) => [
        on("there is no room for adverts", "lb01", ms, ({ host }) => host.sendError = ENOBUFS),
        on("there is room", "lb01", 8000, ({ host }) => host.sendError = null),
      ]),
      on("its adverts are refused", "lb02", 15_000, ({ host }) => host.sendError = EPERM),
      on("they leave", "lb02", 15_000, ({ host }) => host.sendError = null),
      command("lb01", { kind: "demote" }),
      ...END,
    ],
  },
  "a sync group": {
    configs: pair(
      { track: [tracked({ kind: "check", check: "nginx" })] },
      [{ name: "VI_2" }],
      { syncGroups: [{ name: "both", instances: ["VI_1", "VI_2"] }] },
    ),
    steps: [
      START,
      check("lb01", false),
      check("lb01", true),
      command("lb02", { kind: "promote" }),
      command("lb02", { kind: "release" }),
      command("lb01", { kind: "demote", instance: "VI_2" }),
      command("lb01", { kind: "release", instance: "VI_2" }),
      on(
        "an address is refused",
        "lb01",
        0,
        ({ host }) => host.refuses.set(SECOND.address, REFUSED),
      ),
      on("it is taken away", "lb01", 40_000, ({ host }) => host.stealAddress(SECOND.address)),
      on("nothing is refused", "lb01", 40_000, ({ host }) => host.refuses.clear()),
      ...[1, 2, 3, 4].flatMap(() => [check("lb01", false, 8000), check("lb01", true, 8000)]),
      command("lb01", { kind: "promote" }),
      ...reloaded("no group", 9000, () => ({ syncGroups: [] })),
      ...reloaded("another group", 9000, () => ({
        syncGroups: [{ name: "other", instances: ["VI_1", "VI_2"] }],
      })),
      ...reloaded("one instance", 9000, ({ instances }) => ({
        syncGroups: [],
        instances: [instances[0]!],
      })),
      ...END,
    ],
  },
  "reloads": {
    configs: pair({ version: 3, authentication: { type: "none" } }, [{ name: "VI_2" }]),
    steps: [
      START,
      edit("nothing", "lb01", 1000, {}),
      edit("priority", "lb01", 6000, { priority: 90 }),
      edit("priority", "lb01", 6000, { priority: 160, preemptDelayMs: 4000 }),
      edit("priority", "lb02", 6000, { priority: 200, preemptDelayMs: 4000 }),
      edit("no preempt", "lb01", 6000, { preempt: false, priority: 220 }),
      edit("interval", "lb01", 6000, { advertIntervalCs: 50 }),
      edit("interval", "lb02", 6000, { advertIntervalCs: 50 }),
      edit("unicast", "lb01", 6000, {
        unicast: { peers: ["192.168.31.12"], ttl: 255, minTtl: 255 },
      }),
      edit("unicast", "lb02", 6000, {
        unicast: { peers: ["192.168.31.11"], ttl: 255, minTtl: 255 },
      }),
      edit("track", "lb01", 6000, {
        track: [tracked({ kind: "check", check: "nginx", weight: 20 })],
      }),
      edit("a check that fails", "lb01", 9000, {}, { checks: [{ ...NGINX_CHECK, fall: 1 }] }),
      check("lb01", false),
      edit("no track", "lb01", 6000, { track: [] }, { checks: [] }),
      edit("another interface", "lb02", 6000, { interface: "eth9" }),
      on("it appears", "lb02", 6000, ({ host }) =>
        host.setOther("eth9", {
          ...{ enabled: true, up: true },
          own: [{ address: "10.9.0.12", prefixLength: 24 }],
        })),
      edit("the same again", "lb02", 6000, { interface: "eth1" }),
      ...reloaded("the two in another order", 6000, ({ instances }) => ({
        instances: instances.toReversed(),
      })),
      ...reloaded(
        "the second one is gone",
        6000,
        ({ instances }) => ({ instances: [instances[1]!] }),
      ),
      ...reloaded("another takes its VRID", 9000, ({ instances: [first] }) => ({
        instances: [first!, { ...first!, name: "VI_3", vrid: 56, addresses: [SECOND] }],
      })),
      [
        "lb01: a file is refused",
        1000,
        ({ lb01 }) => lb01.daemon!.reloadFailed(["line 3", "line 9"]),
      ],
      edit("no peers", "lb01", 6000, {}, { peers: [] }),
      ...END,
    ],
  },
  "starts and ends": {
    configs: pair({ addresses: [VIP, SECOND], routing: [ROUTE] }),
    steps: [
      START,
      on("is killed and starts", "lb01", 12_000, (node) => node.start()),
      on("is abandoned", "lb01", 2000, ({ daemon }) => daemon!.abandon()),
      on("starts", "lb01", 12_000, (node) => node.start()),
      on("stops", "lb01", 2000, (node) => node.stop()),
      on("starts", "lb01", 2000, (node) => node.start()),
      on("stops while it waits", "lb01", 2000, (node) => node.stop()),
      on("starts", "lb01", 12_000, (node) => node.start()),
      on("is killed", "lb01", 500, (node) => node.kill()),
      on("starts", "lb01", 400, (node) => node.start()),
      on(
        "stops while addresses may be renewed by another daemon",
        "lb01",
        0,
        (node) => node.stop(),
      ),
      on("is reloaded while it stops", "lb01", 50, (node) => {
        const [first] = node.config.instances;
        node.reload({ ...node.config, instances: [{ ...first!, priority: 77, addresses: [VIP] }] });
      }),
      on("stops again", "lb01", 3000, (node) => node.stop()),
      on(
        "is reloaded too late",
        "lb01",
        1000,
        (node) => node.reload({ ...node.config, instances: [] }),
      ),
      on("is abandoned too late", "lb01", 1000, ({ daemon }) => daemon!.abandon()),
      on("is abandoned", "lb02", 1000, ({ daemon }) => daemon!.abandon()),
    ],
  },
  "signed": {
    configs: pair({
      version: 3,
      authentication: {
        ...{ type: "hmac", keys: [{ id: 1, key: new Uint8Array(32).fill(7) }], activeKey: 1 },
        ...{ replay: "time", windowMs: 30_000, mode: "enforce" },
      },
    }),
    steps: [
      START,
      on("its clock is set", "lb02", 12_000, ({ host }) => host.jumpWallClock(60_000)),
      on("its clock is right", "lb02", 12_000, ({ host }) => host.jumpWallClock(-60_000)),
      on("its clock is set back", "lb01", 12_000, ({ host }) => host.jumpWallClock(-20_000)),
      on("is killed and starts", "lb01", 12_000, (node) => node.start()),
      on("its clock is right", "lb01", 12_000, ({ host }) => host.jumpWallClock(20_000)),
      edit("another key", "lb02", 12_000, {
        authentication: {
          ...{ type: "hmac", keys: [{ id: 2, key: new Uint8Array(32).fill(8) }], activeKey: 2 },
          ...{ replay: "time", windowMs: 30_000, mode: "enforce" },
        },
      }),
      edit("no signature", "lb02", 12_000, { authentication: { type: "none" } }),
      ...END,
    ],
  },
};
