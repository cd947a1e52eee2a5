import assert from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";

/** What two nodes with the same `drain` ask of their hosts, as text. */
async function asked(
  drainMs: number | undefined,
  act: (cluster: SimCluster) => void,
): Promise<string[]> {
  const drain = drainMs === undefined ? {} : { drainMs };
  const cluster = new SimCluster([{ priority: 150, ...drain }, { priority: 100, ...drain }]);
  const log: string[] = [];
  for (const { host } of cluster.nodes) {
    const retire = host.drainAddress.bind(host);
    host.drainAddress = (address: VirtualAddress, ...rest: number[]) => {
      log.push(`${host.name} retires ${address.address} for ${rest[0]}`);
      return retire(address);
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
    "lb01 retires 192.168.31.5 for 1000",
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
      act: ({ nodes }) => void nodes[1]!.daemon!.promote("VI_1"),
      log: there,
    },
    {
      name: "demote",
      drainMs: 1000,
      act: ({ nodes }) => void nodes[0]!.daemon!.demote("VI_1"),
      log: there,
    },
    { name: "clean stop", drainMs: 1000, act: ({ nodes }) => void nodes[0]!.stop(), log: there },
    {
      name: "a master that is killed",
      drainMs: 1000,
      act: ({ nodes }) => nodes[0]!.kill(),
      log: [],
    },
    {
      name: "a master that loses its power",
      drainMs: 1000,
      act: ({ nodes }) => nodes[0]!.powerOff(),
      log: [],
    },
    { name: "no drain", act: ({ nodes }) => void nodes[1]!.daemon!.promote("VI_1"), log: [] },
  ];
  for (const { name, drainMs, act, log } of rows) {
    await t.step(name, async () => assert.deepEqual(await asked(drainMs, act), log));
  }
});

Deno.test("an address that cannot be kept is taken off at once, and that is told", () => {
  const drain = { drainMs: 1000 };
  const cluster = new SimCluster([{ priority: 150, ...drain }, { priority: 100, ...drain }]);
  const [lb01, lb02] = cluster.nodes;
  lb01!.host.drainAddress = () => ({ code: "EOPNOTSUPP", message: "no nf_tables" });
  cluster.start();
  cluster.run(10_000);
  lb02!.daemon!.promote("VI_1");
  cluster.run(2000);
  assert.deepEqual(cluster.holders, ["lb02"]);
  const told = lb01!.daemon!.journal.since(0).filter(({ code }) => code === "drain_failed");
  assert.deepEqual(told.map(({ message }) => message), [
    "VI_1: connections do not outlive this hand-over: no nf_tables",
  ]);
});
