import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { config, SimNode } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";

const ROUTE: RoutingEntry = {
  kind: "route",
  family: "ipv4",
  to: null,
  via: "192.168.31.1",
  table: 100,
};
const RULE: RoutingEntry = {
  kind: "rule",
  family: "ipv4",
  from: { address: "192.168.31.5", prefixLength: 32 },
  table: 100,
  priority: 1000,
};
const FOREIGN: RoutingEntry = { ...RULE, priority: 7 };

/** A machine that writes down what is put on it, and refuses what the scenario says. */
class RecordingHost extends SimHost {
  readonly log: string[] = [];
  refusal: HostError | null = null;
  #vanished = new Set<RoutingEntry>();

  override addAddress(...args: Parameters<SimHost["addAddress"]>): HostError | null {
    this.log.push("+address");
    return super.addAddress(...args);
  }

  override removeAddress(...args: Parameters<SimHost["removeAddress"]>): HostError | null {
    this.log.push("-address");
    return super.removeAddress(...args);
  }

  override addRouting(entry: RoutingEntry): HostError | null {
    if (this.refusal) return this.refusal;
    this.log.push(`+${entry.kind}`);
    this.#vanished.delete(entry);
    return super.addRouting(entry);
  }

  override removeRouting(entry: RoutingEntry): HostError | null {
    this.log.push(`-${entry.kind}`);
    return super.removeRouting(entry);
  }

  override ownRouting(): readonly RoutingEntry[] {
    return super.ownRouting().filter((entry) => !this.#vanished.has(entry));
  }

  /** The kernel drops an entry together with an address that it used. */
  drop(entry: RoutingEntry): void {
    this.#vanished.add(entry);
    this.stealAddress("192.168.31.5");
  }

  /** The kernel drops an entry together with an interface that it leaves by, without a word about the entry. */
  dropWith(name: string, entry: RoutingEntry): void {
    this.#vanished.add(entry);
    this.setOther(name, { enabled: true, up: false });
  }
}

function scene() {
  const time = new VirtualTime();
  const network = new SimNetwork(time, seededRandom(1));
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new RecordingHost(options, time, network);
  const node = new SimNode(config("lb01", { routing: [ROUTE, RULE] }), host);
  const run = (forMs: number) => time.runUntil(time.nowMs + forMs);
  const codes = () => node.daemon!.journal.since().map(({ code }) => code);
  return { host, node, run, codes };
}

Deno.test("routes and rules come after the addresses and go before them, in the reverse order", async () => {
  const { host, node, run } = scene();
  node.start();
  run(3000);
  assert.deepEqual(host.log, [], "a backup puts nothing on its host");
  assert.deepEqual(node.status.routing.map(({ held }) => held), [false, false]);
  run(2000);
  assert.deepEqual(host.log, ["+address", "+route", "+rule"]);
  assert.deepEqual(node.status.routing, [
    { entry: "route default via 192.168.31.1 table 100", held: true },
    { entry: "rule from 192.168.31.5/32 lookup 100 priority 1000", held: true },
  ]);
  host.log.length = 0;
  const stopped = node.daemon!.stop();
  run(10_000);
  await stopped;
  assert.deepEqual(host.log, ["-rule", "-route", "-address"]);
});

Deno.test("a route that the host refuses is tried again every second, and the instance stays master", () => {
  const { host, node, run, codes } = scene();
  host.refusal = { code: "ENETUNREACH", message: "Cannot add it: ENETUNREACH" };
  node.start();
  run(5500);
  assert.equal(node.status.state, "master");
  assert.deepEqual(node.status.routing.map(({ held }) => held), [false, false]);
  assert.ok(codes().includes("routing_failed"));
  host.refusal = null;
  run(1000);
  assert.deepEqual(node.status.routing.map(({ held }) => held), [true, true]);
});

Deno.test("a route that vanished with its address is put back after it", () => {
  const { host, node, run, codes } = scene();
  node.start();
  run(5000);
  host.log.length = 0;
  host.drop(ROUTE);
  run(1);
  assert.deepEqual(host.log, ["+address", "+route"]);
  assert.deepEqual(node.status.routing.map(({ held }) => held), [true, true]);
  assert.ok(codes().includes("routing_vanished"));
});

Deno.test("a route that vanished with an interface which is nobody else's is put back", () => {
  const { host, node, run, codes } = scene();
  host.setOther("eth2", { enabled: true, up: true });
  node.start();
  run(5000);
  host.log.length = 0;
  host.dropWith("eth2", ROUTE);
  run(1);
  assert.deepEqual(host.log, ["+route"]);
  assert.deepEqual(node.status.routing.map(({ held }) => held), [true, true]);
  assert.ok(codes().includes("routing_vanished"));
});

Deno.test("what an earlier run left is removed at start, before the addresses", () => {
  const { host, node, run, codes } = scene();
  node.start();
  run(5000);
  host.addRouting(FOREIGN);
  node.kill();
  host.log.length = 0;
  node.start();
  assert.deepEqual(host.log, ["-rule", "-rule", "-route", "-address"]);
  assert.deepEqual(host.routing, []);
  assert.equal(codes().filter((code) => code === "routing_left_behind").length, 3);
});

Deno.test("a rule to which another program gave further selectors is taken away before the right one comes", () => {
  const { host, node, run, codes } = scene();
  node.start();
  run(5000);
  host.log.length = 0;
  host.changeRouting((entries) =>
    entries.map((entry) => entry.kind === "rule" ? { ...entry, more: true } : entry)
  );
  assert.deepEqual(host.log, ["-rule", "+rule"]);
  assert.deepEqual(host.routing, [ROUTE, RULE]);
  assert.ok(codes().includes("routing_altered"));
});
