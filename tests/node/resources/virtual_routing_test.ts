import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { SILENCE_MS } from "../../../src/node/journal/altered_log.ts";
import type { RefusedResources } from "../../../src/node/resources/refused_resources.ts";
import { VirtualRouting } from "../../../src/node/resources/virtual_routing.ts";
import { config, instanceConfig, SimNode } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";

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

const TEXTS = {
  route: "route default via 192.168.31.1 table 100",
  rule: "rule from 192.168.31.5/32 lookup 100 priority 1000",
} as const;
const REFUSED = { code: "EPERM", message: "not allowed" };

/** The routes and rules of an instance alone, and what they report as refused, and as undone. */
function routing(entries: readonly RoutingEntry[]) {
  const time = new VirtualTime();
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, new SimNetwork(time, () => 0));
  const journal = new Journal(() => host.wallClockMs());
  const world = { refuses: (_: RoutingEntry): boolean => false, awaits: false };
  const add = host.addRouting.bind(host);
  const remove = host.removeRouting.bind(host);
  host.addRouting = (entry) => world.refuses(entry) ? REFUSED : add(entry);
  host.removeRouting = (entry) => world.refuses(entry) ? REFUSED : remove(entry);
  const said: string[] = [];
  const refused: Pick<RefusedResources, "refused" | "settled" | "undone"> = {
    refused: (action, _resource, code, message) => said.push(`${action} ${code} ${message}`),
    settled: () => {},
    undone: (_, message) => said.push(`undone ${message}`),
  };
  const virtual = new VirtualRouting(instanceConfig({ routing: [...entries] }), {
    ...{ host, journal, refused: refused as RefusedResources, heldElsewhere: () => false },
    awaitsAddresses: () => world.awaits,
  });
  const told = () => journal.since().map(({ code, message }) => `${code} ${message}`);
  const run = (forMs: number) => time.runUntil(time.nowMs + forMs);
  return { virtual, host, world, told, run, take: () => said.splice(0) };
}

Deno.test("other entries count at once while they are on the host, and only then", () => {
  const { virtual, host } = routing([ROUTE]);
  const reconfigure = (...entries: RoutingEntry[]) =>
    virtual.reconfigure(instanceConfig({ routing: entries }));
  reconfigure(RULE);
  assert.deepEqual([host.routing, virtual.none], [[], true]);
  virtual.acquire();
  assert.deepEqual([host.routing, virtual.none], [[RULE], false]);
  reconfigure(ROUTE, RULE);
  assert.deepEqual(host.routing, [RULE, ROUTE]);
  assert.deepEqual(virtual.status().map(({ held }) => held), [true, true]);
  virtual.release();
  reconfigure(RULE);
  assert.deepEqual([host.routing, virtual.none], [[], true]);
});

Deno.test("what the host refuses is reported with what was asked, and that it is asked again", () => {
  const { virtual, world, take } = routing([RULE]);
  world.refuses = () => true;
  virtual.acquire();
  const why = "not allowed; tried again every 1 s";
  assert.deepEqual(take(), [`add routing_failed ${TEXTS.rule} cannot be added: ${why}`]);
  world.refuses = () => false;
  virtual.acquire();
  world.refuses = () => true;
  virtual.release();
  assert.deepEqual(take(), [`remove routing_failed ${TEXTS.rule} cannot be removed: ${why}`]);
});

Deno.test("a change of the host is named by what it did to the entries, and reported as undone", async (t) => {
  const [ours, further] = [[ROUTE, RULE], { ...RULE, more: true as const }];
  const gone = (...kinds: ("route" | "rule")[]) =>
    `routing_vanished VI_1: ${
      kinds.map((kind) => TEXTS[kind]).join(", ")
    }: gone with an address or interface, or removed by another program`;
  const altered = `routing_altered VI_1: another program changed ${TEXTS.rule}`;
  const undone = (kind: "route" | "rule") =>
    `undone ${TEXTS[kind]} is removed or changed again and again by another program`;
  const rows: [string, RoutingEntry[], RoutingEntry[], string[], string[]][] = [
    ["nothing", ours, ours, [], []],
    ["one is gone", ours, [RULE], [gone("route")], [undone("route")]],
    ["the only one is gone", [RULE], [], [gone("rule")], [undone("rule")]],
    ["both are gone", ours, [], [gone("route", "rule")], [undone("route"), undone("rule")]],
    ["one is changed", ours, [ROUTE, further], [altered], [undone("rule")]],
    ["the only one is changed", [RULE], [further], [altered], [undone("rule")]],
    ["one is gone and one changed", ours, [further], [gone("route"), altered], [
      ...[undone("route"), undone("rule")],
    ]],
  ];
  for (const [what, entries, after, journal, reported] of rows) {
    await t.step(what, () => {
      const { virtual, host, told, take } = routing(entries);
      virtual.acquire();
      host.changeRouting(() => after);
      virtual.hostChanged();
      assert.deepEqual([told(), take()], [journal, reported]);
      assert.deepEqual(new Set(host.routing), new Set(entries), "as it should be");
    });
  }
});

Deno.test("what goes with an address is reported, and undone by nobody; what must go anyway is neither", () => {
  for (const after of [[], [{ ...RULE, more: true as const }]]) {
    const { virtual, host, world, told, run, take } = routing([RULE]);
    virtual.acquire();
    world.awaits = true;
    host.changeRouting(() => after);
    virtual.hostChanged();
    assert.deepEqual([told().length, take()], [1, []]);
    world.awaits = false;
    world.refuses = () => true;
    virtual.release();
    // The same would be told again by now.
    run(SILENCE_MS);
    take();
    host.changeRouting(() => after);
    virtual.hostChanged();
    assert.deepEqual([told().length, take()], [1, []]);
  }
});

Deno.test("a change of the host that is none of the entries' delays nothing, and costs a backup no look", () => {
  const { virtual, host } = routing([RULE]);
  let looks = 0;
  const { ownRouting } = host;
  host.ownRouting = () => {
    looks++;
    return ownRouting.call(host);
  };
  virtual.hostChanged();
  assert.equal(looks, 0);
  virtual.acquire();
  virtual.hostChanged();
  host.changeRouting(() => []);
  virtual.hostChanged();
  assert.deepEqual(host.routing, [RULE], "at once");
});

Deno.test("what the kernel refused while its address was away comes with that, or with the next change", () => {
  for (const again of ["again", "hostChanged"] as const) {
    const { virtual, host, world, take } = routing([RULE]);
    world.awaits = true;
    world.refuses = () => true;
    virtual.acquire();
    world.awaits = false;
    world.refuses = () => false;
    assert.deepEqual([host.routing, take()], [[], []]);
    virtual[again]();
    assert.deepEqual(host.routing, [RULE]);
  }
});

Deno.test("an entry that is on the host and not because of the instance is not held", () => {
  const { virtual, host, world } = routing([ROUTE, RULE]);
  host.changeRouting(() => [RULE]);
  world.refuses = (entry) => entry === RULE;
  virtual.acquire();
  assert.deepEqual(virtual.status().map(({ held }) => held), [true, false]);
  host.changeRouting(() => [RULE]);
  assert.deepEqual(virtual.status().map(({ held }) => held), [false, false]);
});
