/** What a new master does first: a silent one is replaced by an advert, one that lives is not heard without its successor. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";
import type { SimHost } from "../../../src/sim/host.ts";

const SILENT: readonly Partial<InstanceConfig>[] = [
  {},
  { leaseSeconds: null },
  { version: 3, advertIntervalCs: 1, authentication: { type: "none" } },
];

/** Notes what is asked of the machine, in order, each once in a row. */
function asked(host: SimHost): string[] {
  const calls: string[] = [];
  const note = (call: string) => calls.at(-1) === call || calls.push(call);
  const { openVrrp, addAddress, announce } = host;
  host.openVrrp = (...args) => {
    const port = openVrrp.apply(host, args);
    const send: typeof port.send = (octets, source, destination, ttl) => {
      // With the TTL 0 it is a question to the kernel.
      if (ttl !== 0) note("advert");
      return port.send(octets, source, destination, ttl);
    };
    return { ...port, send };
  };
  host.addAddress = (...args) => (note("address"), addAddress.apply(host, args));
  host.announce = (...args) => (note("announcement"), announce.apply(host, args));
  return calls;
}

for (const instance of SILENT) {
  const what = JSON.stringify(instance);
  Deno.test(`a silent master is replaced by an advert, then addresses and announcement: ${what}`, () => {
    const cluster = new SimCluster([{ ...instance, priority: 100 }]);
    const calls = asked(cluster.nodes[0]!.host);
    cluster.start();
    cluster.run(cluster.takeoverMs);
    assert.deepEqual(calls.slice(0, 3), ["advert", "address", "announcement"]);
  });

  Deno.test(`a new master whose first advert finds no room keeps the addresses: ${what}`, () => {
    const cluster = new SimCluster([{ ...instance, priority: 100 }]);
    const [lb01] = cluster.nodes;
    lb01!.host.sendError = { code: "ENOBUFS", message: "Cannot send VRRP on eth1: no room" };
    cluster.start();
    cluster.run(lb01!.status.timers.master_down_interval_ms + 1);
    assert.deepEqual(cluster.holders, ["lb01"]);
    lb01!.host.sendError = null;
    cluster.run(10_000);
    assert.deepEqual(cluster.holders, ["lb01"]);
    assert.equal(lb01!.status.counters.became_master, 1);
  });
}

Deno.test("a weaker master that lives hears of the new one when that one serves", () => {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes;
  lb02!.start();
  cluster.run(10_000);
  const calls = asked(lb01!.host);
  lb01!.start();
  cluster.run(10_000);
  assert.deepEqual(cluster.holders, ["lb01"]);
  assert.deepEqual(calls.slice(0, 3), ["address", "announcement", "advert"]);
});
