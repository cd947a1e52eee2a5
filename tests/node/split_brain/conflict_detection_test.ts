/** Which of the instances that are master ask the link for their addresses, and when. */

import assert from "node:assert/strict";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { ConflictDetection } from "../../../src/node/split_brain/conflict_detection.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";

/** A watch, instances by the last octet of their address, and for which addresses the link is asked. */
function scene() {
  const time = new VirtualTime();
  const network = new SimNetwork(time, () => 0);
  const asked: string[] = [];
  network.probe = (_, address) => void asked.push(address);
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, network);
  const journal = new Journal(() => host.wallClockMs());
  const peers = { withAddressOnBackup: () => null, nameOf: () => null, dropping: () => [] };
  const alarms = new Alarms(host, journal);
  const watch = new ConflictDetection(host, journal, alarms, () => peers, () => null);
  const turned = (instance: Instance & { serving: boolean }, serving: boolean) => {
    instance.serving = serving;
    watch.stateChanged(instance);
  };
  return {
    asked,
    turned,
    run: (forMs: number) => time.runUntil(time.nowMs + forMs),
    watch,
  };
}

function instance(octet: number): Instance & { serving: boolean } {
  const address = { address: `192.168.31.${octet}`, prefixLength: 24, device: "eth1" };
  return {
    config: instanceConfig({ name: `VI_${octet}`, vrid: octet, addresses: [address] }),
    serving: false,
    router: { state: "backup" },
  } as unknown as Instance & { serving: boolean };
}

Deno.test("masters ask in turn, and a new one before all others", () => {
  const { asked, turned, run } = scene();
  const [first, second, third] = [instance(21), instance(22), instance(23)];
  turned(first, true);
  turned(second, true);
  run(3000);
  const round = asked.splice(0).slice(-2);
  assert.deepEqual(new Set(round), new Set(["192.168.31.21", "192.168.31.22"]));
  turned(third, true);
  run(800);
  assert.equal(asked[0], "192.168.31.23");
  run(5000);
  assert.deepEqual(new Set(asked.slice(0, 3)).size, 3, "then each has its turn");
});

Deno.test("one that is master no longer asks no more, and one that is master again is new", () => {
  const { asked, turned, run } = scene();
  const [first, second, third] = [instance(21), instance(22), instance(23)];
  for (const one of [first, second, third]) turned(one, true);
  run(3000);
  turned(second, false);
  asked.length = 0;
  run(5000);
  assert.deepEqual(new Set(asked), new Set(["192.168.31.21", "192.168.31.23"]));
  asked.length = 0;
  turned(second, true);
  run(800);
  assert.equal(asked[0], "192.168.31.22");
});

Deno.test("an instance that is no more does not ask", () => {
  const { asked, turned, run, watch } = scene();
  const [first, second] = [instance(21), instance(22)];
  turned(first, true);
  turned(second, true);
  watch.forget(first);
  run(5000);
  assert.deepEqual(new Set(asked), new Set(["192.168.31.22"]));
});
