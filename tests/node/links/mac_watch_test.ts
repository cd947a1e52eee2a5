/** An interface with another MAC address: what is announced, and how often. */

import assert from "node:assert/strict";
import { MacWatch } from "../../../src/node/links/mac_watch.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

/** A watched interface; `change` gives it a MAC address that ends so, which is noticed. */
function watched() {
  const cluster = new SimCluster([{}]);
  const { host, config } = cluster.nodes[0]!;
  const announced: number[] = [];
  const journal = new Journal(() => host.wallClockMs());
  const watch = new MacWatch(host, journal, () => announced.push(cluster.time.nowMs));
  watch.watch(config.instances);
  const change = (last: number) => {
    host.setMac(Uint8Array.of(2, 0, 0, 0, 0, last));
    watch.look("eth1");
  };
  return { cluster, watch, change, announced, journal };
}

Deno.test("a change is announced at once, and those that follow within a second once, at its end", () => {
  const { cluster, watch, change, announced, journal } = watched();
  watch.look("eth1");
  assert.deepEqual([announced, journal.since()], [[], []], "it is as it was");
  for (const last of [0x21, 0x22, 0x23]) {
    change(last);
    cluster.run(100);
  }
  assert.deepEqual(announced, [0]);
  cluster.run(5000);
  assert.deepEqual(announced, [0, 1000]);
  assert.equal(journal.since().length, 3);
});

Deno.test("what was to be announced is not once nobody watches", () => {
  const { cluster, watch, change, announced } = watched();
  change(0x21);
  change(0x22);
  watch.close();
  cluster.run(5000);
  assert.deepEqual(announced, [0]);
});

Deno.test("an interface that is gone has no other address until it is back, and one that is new has none before", () => {
  const { cluster, watch, announced } = watched();
  const { host } = cluster.nodes[0]!;
  const state = host.interfaceState.bind(host);
  host.interfaceState = () => null;
  watch.look("eth1");
  host.interfaceState = (name) => ({ ...state("eth1")!, name });
  watch.look("eth1");
  watch.look("eth2");
  cluster.run(5000);
  assert.deepEqual(announced, []);
  host.setMac(Uint8Array.of(2, 0, 0, 0, 0, 0x21));
  for (const name of ["eth1", "eth2"]) watch.look(name);
  assert.deepEqual(announced, [5000, 5000]);
});
