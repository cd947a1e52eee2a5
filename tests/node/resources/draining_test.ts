import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { Draining } from "../../../src/node/resources/draining.ts";
import { instanceConfig, SimCluster } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import { encodeAdvertisement, passwordOctets, VRRP_GROUP } from "../../../src/wire/vrrp.ts";

/** What two nodes with the same `drain` ask of their hosts, as text. */
async function asked(
  drainMs: number | undefined,
  act: (cluster: SimCluster) => void,
): Promise<string[]> {
  const drain = drainMs === undefined ? {} : { drainMs };
  const cluster = new SimCluster([{ priority: 150, ...drain }, { priority: 100, ...drain }]);
  const log: string[] = [];
  for (const { host } of cluster.nodes) {
    const drain = host.drainAddress.bind(host);
    host.drainAddress = (address: VirtualAddress, ...rest: number[]) => {
      log.push(`${host.name} drains ${address.address} for ${rest[0]}`);
      return drain(address);
    };
    host.forwardConnections = (...input: unknown[]) => {
      const [address, device, peer, forMs] = input as [VirtualAddress, string, string, number];
      log.push(`${host.name} passes on ${address.address} to ${peer} at ${device} for ${forMs}`);
      return null;
    };
  }
  cluster.start();
  cluster.run(10_000);
  act(cluster);
  cluster.run(1000);
  // An order ends in a promise.
  await new Promise((resolve) => setTimeout(resolve));
  cluster.run(10_000);
  return log;
}

Deno.test("connections outlive what both nodes take part in, and nothing else", async (t) => {
  const there = [
    "lb02 passes on 192.168.31.5 to 192.168.31.11 at eth1 for 1000",
    "lb01 drains 192.168.31.5 for 1000",
  ];
  const rows: {
    readonly name: string;
    readonly drainMs?: number;
    readonly act: (cluster: SimCluster) => void;
    readonly log: string[];
  }[] = [
    {
      name: "promote",
      drainMs: 1000,
      act: ({ nodes }) => void nodes[1]!.daemon!.command({ kind: "promote", instance: "VI_1" }),
      log: there,
    },
    {
      name: "demote",
      drainMs: 1000,
      act: ({ nodes }) => void nodes[0]!.daemon!.command({ kind: "demote", instance: "VI_1" }),
      log: there,
    },
    {
      name: "another time since a reload",
      drainMs: 1000,
      act: ({ nodes: [lb01, lb02] }) => {
        const [instance] = lb01!.config.instances;
        lb01!.reload({ ...lb01!.config, instances: [{ ...instance!, drainMs: 2000 }] });
        void lb02!.daemon!.command({ kind: "promote", instance: "VI_1" });
      },
      log: [there[0]!, "lb01 drains 192.168.31.5 for 2000"],
    },
    { name: "clean stop", drainMs: 1000, act: ({ nodes }) => void nodes[0]!.stop(), log: there },
    {
      name: "a master that is killed",
      drainMs: 1000,
      act: ({ nodes }) => nodes[0]!.kill(),
      log: [],
    },
    {
      name: "a master that is to release everything at once",
      drainMs: 1000,
      act: ({ nodes }) => nodes[0]!.daemon!.abandon(),
      log: there.slice(0, 1),
    },
    {
      name: "a master that loses its power",
      drainMs: 1000,
      act: ({ nodes }) => nodes[0]!.powerOff(),
      log: [],
    },
    {
      name: "no drain",
      act: ({ nodes }) => void nodes[1]!.daemon!.command({ kind: "promote", instance: "VI_1" }),
      log: [],
    },
  ];
  for (const { name, drainMs, act, log } of rows) {
    await t.step(name, async () => assert.deepEqual(await asked(drainMs, act), log));
  }
});

Deno.test("an address that cannot be kept is taken off at once, and that is reported", () => {
  const drain = { drainMs: 1000 };
  const cluster = new SimCluster([{ priority: 150, ...drain }, { priority: 100, ...drain }]);
  const [lb01, lb02] = cluster.nodes;
  lb01!.host.drainAddress = () => ({ code: "EOPNOTSUPP", message: "no nf_tables" });
  cluster.start();
  cluster.run(10_000);
  lb02!.daemon!.command({ kind: "promote", instance: "VI_1" });
  cluster.run(2000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  const told = lb01!.daemon!.journal.since(0).filter(({ code }) => code === "drain_failed");
  assert.deepEqual(told.map(({ message }) => message), [
    "VI_1: connections do not outlive this hand-over: no nf_tables",
  ]);
});

Deno.test("connections are forwarded to a neighbour that was master just now", async (t) => {
  const MASTER = "192.168.31.12";
  interface Row {
    readonly name: string;
    /** Who was heard, and how long ago; nobody if absent. */
    readonly heard?: readonly [address: string, agoMs: number];
    readonly changes?: Partial<InstanceConfig>;
    readonly to: string | null;
  }
  const rows: readonly Row[] = [
    { name: "nobody was heard", to: null },
    { name: "heard just now", heard: [MASTER, 0], to: MASTER },
    { name: "heard two adverts ago", heard: [MASTER, 2000], to: MASTER },
    { name: "silent for longer than two adverts", heard: [MASTER, 2001], to: null },
    {
      name: "two adverts are shorter where adverts are",
      heard: [MASTER, 201],
      changes: { advertIntervalCs: 10 },
      to: null,
    },
    { name: "another network, behind a router", heard: ["192.168.32.12", 0], to: null },
    {
      name: "an address of the interface's second network",
      heard: ["10.0.0.12", 0],
      to: "10.0.0.12",
    },
    { name: "an address in that prefix's neighbour", heard: ["10.0.1.12", 0], to: null },
    { name: "link-local, which is on the link", heard: ["fe80::12", 0], to: "fe80::12" },
    { name: "another IPv6 network", heard: ["2001:db8::12", 0], to: null },
    { name: "no drain is configured", heard: [MASTER, 0], changes: { drainMs: 0 }, to: null },
    {
      name: "a virtual MAC address, whose interface goes",
      heard: [MASTER, 0],
      changes: { virtualInterface: "vrrp.55" },
      to: null,
    },
  ];
  for (const { name, heard, changes, to } of rows) {
    await t.step(name, () => {
      const time = new VirtualTime();
      const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
      const host = new SimHost(options, time, new SimNetwork(time, () => 0));
      host.setOwnAddresses([
        { address: "192.168.31.11", prefixLength: 24 },
        { address: "10.0.0.11", prefixLength: 24 },
      ]);
      const asked: unknown[] = [];
      host.forwardConnections = (...input: unknown[]) => {
        asked.push(input[2]);
        return null;
      };
      const draining = new Draining(host, new Journal(() => host.wallClockMs()));
      const config = instanceConfig({ drainMs: 1000, ...changes });
      if (heard) draining.heard(heard[0]);
      time.runUntil(heard?.[1] ?? 0);
      draining.taken(config);
      assert.deepEqual(asked, to === null ? [] : [to]);
      asked.length = 0;
      draining.taken(config);
      assert.deepEqual(asked, [], "once: the next time it is heard of, or not");
    });
  }
});

Deno.test("a master passes nothing on to a weaker one that it has heard", () => {
  const cluster = new SimCluster([{ priority: 150, drainMs: 1000 }, { drainMs: 1000 }]);
  const [lb01, lb02] = cluster.nodes;
  lb01!.start();
  cluster.run(10_000);
  const { host, daemon } = lb01!;
  const asked: unknown[] = [];
  host.forwardConnections = (...input: unknown[]) => {
    asked.push(input[2]);
    return null;
  };
  const envelope = { source: "192.168.31.12", destination: VRRP_GROUP.ipv4 };
  const weaker = encodeAdvertisement(
    {
      version: 2,
      vrid: 55,
      priority: 100,
      intervalCs: 100,
      authentication: { type: 1, data: passwordOctets("123456") },
      addresses: ["192.168.31.5"],
    },
    envelope,
    "message",
  );
  cluster.network.send(lb02!.host, weaker, envelope.source, envelope.destination, undefined);
  cluster.run(10);
  assert.equal(lb01!.status.counters.advertisements_received, 1);
  host.setCarrier(false);
  host.setCarrier(true);
  assert.equal(lb01!.status.state, "backup");
  void daemon!.command({ kind: "promote", instance: "VI_1" });
  assert.equal(lb01!.status.state, "master");
  assert.deepEqual(asked, []);
});
