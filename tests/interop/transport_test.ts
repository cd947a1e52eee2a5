/**
 * vipd and keepalived as the two nodes of one virtual router, over every transport: IPv6, unicast of both families,
 * frames from a virtual MAC address.
 * Needs root or user namespaces, and keepalived.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab, type LabPlan } from "../../lab/network.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep } from "../../lab/wait.ts";
import type { InstanceCounters } from "../../src/node/status.ts";

const PLAN = {
  lb01: { eth1: { network: "front", addresses: ["192.168.31.11/24", "2001:db8:31::11/64"] } },
  lb02: { eth1: { network: "front", addresses: ["192.168.31.12/24", "2001:db8:31::12/64"] } },
} as const satisfies LabPlan;

type HostName = keyof typeof PLAN;

/** lb01 is the stronger node. */
const PRIORITIES: Readonly<Record<HostName, number>> = { lb01: 150, lb02: 100 };

interface Transport {
  readonly version: 2 | 3;
  readonly intervalMs: number;
  readonly addresses: readonly string[];
  /** Each node's address where adverts are unicast. */
  readonly unicast?: Readonly<Record<HostName, string>>;
  /** The addresses have the virtual router's MAC address. */
  readonly virtualMac?: boolean;
}

const IPV4 = ["192.168.31.5/24"];
const IPV6 = ["fe80::5/64", "2001:db8:31::5/64"];
const UNICAST_IPV4 = { lb01: "192.168.31.11", lb02: "192.168.31.12" };
const UNICAST_IPV6 = { lb01: "2001:db8:31::11", lb02: "2001:db8:31::12" };

const TRANSPORTS: Readonly<Record<string, Transport>> = {
  "IPv6": { version: 3, intervalMs: 200, addresses: IPV6 },
  "version 2 by unicast": {
    version: 2,
    intervalMs: 1000,
    addresses: IPV4,
    unicast: UNICAST_IPV4,
  },
  "version 3 by unicast": {
    version: 3,
    intervalMs: 200,
    addresses: IPV4,
    unicast: UNICAST_IPV4,
  },
  "a virtual MAC address": { version: 2, intervalMs: 1000, addresses: IPV4, virtualMac: true },
  "IPv6 with a virtual MAC address": {
    version: 3,
    intervalMs: 200,
    addresses: IPV6,
    virtualMac: true,
  },
  "IPv6 by unicast": { version: 3, intervalMs: 200, addresses: IPV6, unicast: UNICAST_IPV6 },
};

/** A daemon as the tests need it. */
interface Daemon {
  start(): Promise<void>;
  stop(): Promise<void>;
}

type Brand = "vipd" | "keepalived";

const PAIRS: readonly (readonly [strong: Brand, weak: Brand])[] = [
  ["vipd", "keepalived"],
  ["keepalived", "vipd"],
];

/** Start of a process, and what a machine that is shared with others adds. */
const PATIENCE_MS = 10_000;

for (const [title, transport] of Object.entries(TRANSPORTS)) {
  for (const [strong, weak] of PAIRS) {
    Deno.test(`${title}: ${strong} is preferred to ${weak}`, async (t) => {
      await using lab = await Lab.open(`interop-${crypto.randomUUID()}`, PLAN);
      const address = transport.addresses.at(-1)!.split("/")[0]!;
      const watch = await HolderWatch.start(lab.hosts, address, 10);
      const lb01 = daemon(strong, lab.host("lb01"), transport);
      const lb02 = daemon(weak, lab.host("lb02"), transport);

      await t.step("the higher priority wins the election, and the other keeps quiet", async () => {
        await Promise.all([lb01.start(), lb02.start()]);
        await watch.heldBy("lb01", PATIENCE_MS);
        await staysWith(watch, "lb01", transport);
      });

      await t.step("a clean stop hands over", async () => {
        const fromMs = clockMs();
        await lb01.stop();
        const tookMs = await watch.heldBy("lb02", PATIENCE_MS) - fromMs;
        // Priority 0 was understood: otherwise it would take three intervals more.
        assert.ok(tookMs < 3 * transport.intervalMs, `after ${tookMs} ms`);
      });

      await t.step("the higher priority takes the address back", async () => {
        await lb01.start();
        await watch.heldBy("lb01", PATIENCE_MS);
        await staysWith(watch, "lb01", transport);
      });

      await t.step("each advert that was heard was accepted", async () => {
        const counters = await [lb01, lb02].find((it) => it instanceof VipdDaemon)!.counters();
        assert.deepEqual(counters?.dropped, {});
        assert.ok(counters.advertisements_received > 0);
      });
    });
  }
}

Deno.test("IPv6: an interface that goes down loses the election, and comes back when it is up", async () => {
  await using lab = await Lab.open(`interop-${crypto.randomUUID()}`, PLAN);
  const transport = TRANSPORTS.IPv6!;
  const watch = await HolderWatch.start(lab.hosts, "2001:db8:31::5", 10);
  const lb01 = new VipdDaemon(lab.host("lb01"), vipdConfig("lb01", transport));
  const lb02 = daemon("keepalived", lab.host("lb02"), transport);
  await Promise.all([lb01.start(), lb02.start()]);
  await watch.heldBy("lb01", PATIENCE_MS);
  // The kernel takes all IPv6 addresses off an interface that is set down, and makes a link-local one when it is up.
  await lab.host("lb01").run(["ip", "link", "set", "eth1", "down"]);
  await watch.heldBy("lb02", PATIENCE_MS);
  await lab.host("lb01").run(["ip", "link", "set", "eth1", "up"]);
  await watch.heldBy("lb01", PATIENCE_MS);
  await staysWith(watch, "lb01", transport);
});

class VipdDaemon implements Daemon {
  readonly #vipd: Vipd;

  constructor(host: LabHost, config: string) {
    this.#vipd = new Vipd(host, { config, binary: Deno.env.get("VIPD_BINARY") });
  }

  start(): Promise<void> {
    return this.#vipd.start();
  }

  stop(): Promise<void> {
    return this.#vipd.stop();
  }

  async counters(): Promise<InstanceCounters | undefined> {
    return (await this.#vipd.status())?.instances[0]?.counters;
  }
}

class KeepalivedDaemon implements Daemon {
  readonly #host: LabHost;
  readonly #config: string;
  #running: Keepalived | null = null;

  constructor(host: LabHost, config: string) {
    this.#host = host;
    this.#config = config;
  }

  async start(): Promise<void> {
    this.#running = await Keepalived.start(this.#host, this.#config);
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }
}

function daemon(brand: Brand, host: LabHost, transport: Transport): Daemon {
  const name = host.name as HostName;
  return brand === "vipd"
    ? new VipdDaemon(host, vipdConfig(name, transport))
    : new KeepalivedDaemon(host, keepalivedConfig(name, transport));
}

function peerOf(name: HostName): HostName {
  return name === "lb01" ? "lb02" : "lb01";
}

function vipdConfig(name: HostName, transport: Transport): string {
  const { version, intervalMs, addresses, unicast, virtualMac } = transport;
  const instance = {
    name: "VI_1",
    interface: "eth1",
    vrid: 55,
    priority: PRIORITIES[name],
    version,
    advert_interval: `${intervalMs}ms`,
    addresses,
    ...(virtualMac && { virtual_mac: true }),
    ...(unicast && { source_address: unicast[name], unicast: { peers: [unicast[peerOf(name)]] } }),
  };
  // JSON is YAML.
  return JSON.stringify({ node: name, instances: [instance] });
}

function keepalivedConfig(name: HostName, transport: Transport): string {
  const { version, intervalMs, addresses, unicast, virtualMac } = transport;
  return [
    `global_defs {`,
    `  vrrp_version ${version}`,
    `}`,
    `vrrp_instance VI_1 {`,
    `  state BACKUP`,
    `  interface eth1`,
    `  virtual_router_id 55`,
    `  priority ${PRIORITIES[name]}`,
    `  advert_int ${intervalMs / 1000}`,
    ...(unicast
      ? [`  unicast_src_ip ${unicast[name]}`, ...block("unicast_peer", [unicast[peerOf(name)]])]
      : []),
    ...(virtualMac ? [`  use_vmac`] : []),
    ...block("virtual_ipaddress", addresses),
    `}`,
    ``,
  ].join("\n");
}

/** keepalived reads one entry a line. */
function block(name: string, entries: readonly string[]): string[] {
  return [`  ${name} {`, ...entries.map((entry) => `    ${entry}`), `  }`];
}

/** The address stays where it is for three advert intervals. */
async function staysWith(watch: HolderWatch, host: string, transport: Transport): Promise<void> {
  const untilMs = clockMs() + 3 * transport.intervalMs;
  while (clockMs() < untilMs) {
    assert.deepEqual(watch.now(), [host]);
    await sleep(10);
  }
}
