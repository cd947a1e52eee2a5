/** What changes on the machine reaches the instances that it concerns, from the start until the end. */

import assert from "node:assert/strict";
import { HostWatch } from "../../src/node/host_watch.ts";
import type { Instance } from "../../src/node/instance/instance.ts";
import { instanceConfig, SimCluster } from "../../src/sim/cluster.ts";
import { Journal } from "../../src/status/journal.ts";

Deno.test("a change of the machine reaches the instances that it concerns, and nobody once nobody watches", () => {
  const { host } = new SimCluster([{}]).nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const heard: string[] = [];
  /** An instance that notes what reaches it. */
  const instanceOn = (name: string) =>
    ({
      config: instanceConfig({ interface: name, addresses: [] }),
      interfaceChanged: () => heard.push(`${name}: interface`),
      macChanged: () => heard.push(`${name}: MAC`),
      routingChanged: () => heard.push(`${name}: routes`),
    }) as unknown as Instance;
  const instances = [instanceOn("eth1"), instanceOn("eth0")];
  const watch = new HostWatch(host, journal, {
    instances: () => instances,
    interfaceChanged: (name) => heard.push(`first: ${name}`),
  });
  watch.start(instances.map(({ config }) => config));
  const change = (last: number) => {
    host.setMac(Uint8Array.of(2, 0, 0, 0, 0, last));
    host.changeRouting((entries) => entries);
    return heard.splice(0);
  };
  const reached = ["first: eth1", "eth1: interface", "eth1: MAC", "eth1: routes", "eth0: routes"];
  assert.deepEqual(change(0x21), reached);
  watch.close();
  assert.deepEqual(change(0x22), []);
  assert.equal(journal.since().length, 1);
});
