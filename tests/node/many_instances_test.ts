/** What hundreds of instances cost a node while nothing happens. */

import assert from "node:assert/strict";
import { config, instanceConfig, SimNode } from "../../src/sim/cluster.ts";
import { SimHost } from "../../src/sim/host.ts";
import { SimNetwork } from "../../src/sim/network.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { VirtualTime } from "../../src/sim/time.ts";

const INSTANCES = 250;
const MINUTE_MS = 60_000;
const SETTLED_MS = 20_000;

/** A machine that remembers when its timers have fired. */
class CountingHost extends SimHost {
  readonly firedAtMs = new Set<number>();

  override setTimer(atMs: number, fire: () => void): () => void {
    return super.setTimer(atMs, () => {
      this.firedAtMs.add(this.nowMs());
      fire();
    });
  }
}

/** A node that is master of all of them, and has announced their addresses again. */
function settledNode() {
  const time = new VirtualTime();
  const network = new SimNetwork(time, seededRandom(1));
  const machine = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new CountingHost({ ...machine, linkLocal: "fe80::11" }, time, network);
  host.stepMs = 50;
  const instances = Array.from({ length: INSTANCES }, (_, index) =>
    instanceConfig({
      ...{ name: `VI_${index + 1}`, vrid: index + 1, version: 2, advertIntervalCs: 100 },
      authentication: { type: "none" },
      addresses: [{ address: `192.168.32.${index + 1}`, prefixLength: 24, device: "eth1" }],
    }));
  const node = new SimNode({ ...config("lb01", {}), instances }, host);
  node.start();
  time.runUntil(SETTLED_MS + 250);
  const run = (ms: number) => time.runUntil(time.nowMs + ms);
  return { host, network, run };
}

Deno.test("250 masters wake their machine for their adverts, and twice a second for verdicts and for questions", () => {
  const { host, network, run } = settledNode();
  let adverts = 0;
  network.watch(() => adverts++);
  host.firedAtMs.clear();
  run(MINUTE_MS);
  assert.equal(adverts, 60 * INSTANCES);
  // This host does nothing early: on a real one verdicts and questions share their wakes.
  const wakes = { adverts: 60, verdicts: 120, questions: 120 };
  const atMost = Object.values(wakes).reduce((sum, count) => sum + count);
  assert.ok(host.firedAtMs.size <= atMost, `${host.firedAtMs.size} wakes`);
});
