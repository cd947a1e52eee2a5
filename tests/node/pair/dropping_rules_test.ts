/** For which adverts the firewall is asked, how often, and what is said of its rules. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { FilteredAdvert, Firewall } from "../../../src/host/firewall.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { DroppingRules } from "../../../src/node/pair/dropping_rules.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";

const GROUP = "224.0.0.18";
const PEERS = ["192.168.31.12", "192.168.31.13"];
const UNICAST = { unicast: { peers: PEERS, ttl: 255, minTtl: 255 } };
const TEXT = { message: "another master", hint: "let VRRP in" };

type Missed = "sent" | "heard" | null;
type Drops = ReturnType<Firewall["droppingRules"]>;

/** Rules of a firewall, for which adverts it was asked, and an instance of which these adverts are missed. */
function scene(changes: Partial<InstanceConfig> = {}, primaryAddress: string | null = null) {
  const time = new VirtualTime();
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, new SimNetwork(time, () => 0));
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const asked: FilteredAdvert[] = [];
  const world: { missed: Missed; rules: readonly string[] } = { missed: null, rules: ["a"] };
  const firewall: Firewall = host;
  firewall.droppingRules = (advert) => {
    asked.push(advert);
    return world.rules.map((rule) => ({ place: rule, command: `del ${rule}` })) as unknown as Drops;
  };
  const instance = {
    config: instanceConfig({ multicastGroup: GROUP, ...changes }),
    get advertsBlocked() {
      return world.missed === "sent" ? "EPERM" : null;
    },
    router: { advertsMissing: () => world.missed === "heard" },
    conditions: { primaryAddress },
  } as unknown as Instance;
  const rules = new DroppingRules(host, alarms);
  return {
    ...{ alarms, asked, world, of: () => rules.of(instance) },
    run: (forMs: number) => time.runUntil(time.nowMs + forMs),
  };
}

Deno.test("the firewall is asked for the adverts that are missed, on their way", async (t) => {
  const way = { interface: "eth1", family: "ipv4" } as const;
  const [out, into] = [{ ...way, direction: "out" }, { ...way, direction: "in" }] as const;
  const multicast = { destination: GROUP, unicast: false };
  const own = "192.168.31.11";
  const rows: [string, Partial<InstanceConfig>, string | null, Missed, FilteredAdvert[]][] = [
    ["none is missed", {}, own, null, []],
    ["its own do not leave", {}, own, "sent", [{ ...out, ...multicast }]],
    ["none arrives", {}, own, "heard", [{ ...into, ...multicast }]],
    ["its own do not leave as frames", { virtualInterface: "vrrp.55" }, own, "sent", [
      { ...out, ...multicast, framed: true },
    ]],
    ["its own do not leave to the first peer", UNICAST, own, "sent", [
      { ...out, destination: PEERS[0]!, unicast: true },
    ]],
    ["none arrives by unicast", UNICAST, own, "heard", [{
      ...into,
      destination: own,
      unicast: true,
    }]],
    ["none arrives by unicast, and it has no address", UNICAST, null, "heard", []],
  ];
  for (const [what, changes, primary, missed, adverts] of rows) {
    await t.step(what, () => {
      const { asked, world, of } = scene(changes, primary);
      world.missed = missed;
      const found = of();
      assert.deepEqual(asked, adverts);
      assert.deepEqual(found, adverts.length > 0 ? { rule: "a", command: "del a" } : null);
    });
  }
});

Deno.test("two masters miss each other's adverts, whichever node has found that", () => {
  for (const code of ["split_brain_address", "split_brain_peer", "address_conflict"] as const) {
    const { alarms, asked, of } = scene();
    alarms.raise(code, "VI_2", TEXT);
    assert.equal(of(), null);
    alarms.raise(code, "VI_1", TEXT);
    assert.equal(of() !== null, code !== "address_conflict");
    assert.deepEqual(
      asked.map(({ direction }) => direction),
      code === "address_conflict" ? [] : ["in"],
    );
  }
});

Deno.test("all rules are named, and those for all peers, of which one is looked for at a time", () => {
  const { asked, world, of, run } = scene(UNICAST);
  world.missed = "sent";
  world.rules = ["a", "b"];
  assert.deepEqual(of(), { rule: "a; b", command: "del a; del b" });
  run(200);
  assert.deepEqual(of(), { rule: "a; b; a; b", command: "del a; del b; del a; del b" });
  assert.deepEqual(asked.map(({ destination }) => destination), PEERS);
  world.rules = [];
  run(10_000);
  of();
  run(200);
  assert.equal(of(), null, "no rule is known any more");
});

Deno.test("what was read counts for ten seconds", () => {
  const { asked, world, of, run } = scene();
  world.missed = "heard";
  of();
  run(9999);
  world.rules = ["b"];
  assert.equal(of()?.rule, "a");
  run(1);
  assert.equal(of()?.rule, "b");
  assert.equal(asked.length, 2);
});

Deno.test("what drops adverts when they are missed again is read again, no sooner than the gap", () => {
  for (const missed of ["heard", "sent"] as const) {
    const { asked, world, of, run } = scene();
    world.missed = missed;
    of();
    world.missed = null;
    assert.equal(of(), null);
    world.missed = missed;
    world.rules = ["b"];
    run(199);
    assert.equal(of(), null);
    run(1);
    assert.equal(of()?.rule, "b");
    assert.equal(asked.length, 2);
  }
});
