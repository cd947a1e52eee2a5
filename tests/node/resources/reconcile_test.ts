/**
 * What an instance holds follows what is desired, whatever other programs do: random changes on both sides, and after a
 * pause the host has exactly what it is to have, and everything that is not vipd's as it was.
 */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { InstanceResources } from "../../../src/node/resources/instance_resources.ts";
import { RefusedResources } from "../../../src/node/resources/refused_resources.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { seededRandom } from "../../../src/sim/random.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import { findAddress } from "../../../src/vip/addresses.ts";
import { findRouting } from "../../../src/vip/routing.ts";

const SEEDS = 200;
const STEPS = 30;
/** A program that undoes things again and again is answered once a second. */
const SETTLE_MS = 1100;

/** One of several forms of each of a few addresses and routes. */
function generator(seed: number) {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const some = <T>(list: readonly T[]) => list.filter(() => random() < 0.5);
  const address = (n: number): VirtualAddress => ({
    address: `192.168.31.${n}`,
    prefixLength: 24 + 8 * below(2),
    device: "eth1",
    ...(below(2) ? { label: `eth1:${below(3)}` } : {}),
    ...(below(3) ? {} : { scope: "link" as const }),
    ...(below(3) ? {} : { broadcast: "192.168.31.255" }),
  });
  const routing = (n: number): RoutingEntry =>
    below(3)
      ? {
        kind: "route",
        family: "ipv4",
        to: { address: `10.${n}.0.0`, prefixLength: 16 },
        via: `192.168.31.${100 + below(2)}`,
        table: 254,
        ...(below(2) ? { source: `192.168.31.${n}` } : {}),
        ...(below(2) ? { metric: 50 } : {}),
      }
      : { kind: "rule", family: "ipv4", fwmark: n, table: 100 + below(2), priority: 900 };
  const desired = (): Partial<InstanceConfig> => ({
    addresses: [5, ...some([6, 7])].map(address),
    routing: some([5, 6, 7]).map(routing),
    // Nobody renews it here.
    leaseSeconds: 3600,
  });
  return { below, some, address, routing, desired };
}

function scene(seed: number) {
  const time = new VirtualTime();
  const network = new SimNetwork(time, seededRandom(seed));
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, network);
  const journal = new Journal(() => host.wallClockMs());
  const alarms = new Alarms(host, journal);
  const make = generator(seed);
  const config = instanceConfig(make.desired());
  const refused = new RefusedResources(config, host, journal, alarms, () => {});
  const isVirtual = (address: string) => address !== options.address;
  const resources = new InstanceResources(config, host, journal, () => false, isVirtual, refused);
  host.watchInterfaces(() => {
    resources.addresses.interfaceChanged();
    resources.routing.hostChanged();
  });
  host.watchRouting(() => resources.routing.hostChanged());
  return { time, host, resources, make, config, journal };
}

for (const seed of [1, 2, 3]) {
  Deno.test(`what is held follows what is desired, seeds ${seed} of 3`, () => {
    for (let at = seed; at <= SEEDS; at += 3) walk(at);
  });
}

function walk(seed: number): void {
  const { time, host, resources, make, ...start } = scene(seed);
  let { config } = start;
  let acquired = false;
  const said: string[] = [];
  const steps: readonly (readonly [string, () => void])[] = [
    ["acquire", () => {
      acquired = true;
      resources.acquire();
    }],
    ["release", () => {
      acquired = false;
      resources.release(false);
    }],
    ["reconfigure", () => {
      config = instanceConfig(make.desired());
      resources.reconfigure(config);
    }],
    ["steal an address", () => host.stealAddress(`192.168.31.${5 + make.below(3)}`)],
    ["alter an address", () => {
      const { address, ...form } = make.address(5 + make.below(3));
      host.alterAddress(address, form);
    }],
    ["remove routes", () => host.changeRouting((entries) => make.some(entries))],
    [
      "alter routes",
      () =>
        host.changeRouting((entries) =>
          entries.map((entry) =>
            entry.kind === "route" ? { ...entry, via: `192.168.31.${100 + make.below(3)}` } : entry
          )
        ),
    ],
    ["wait", () => time.runUntil(time.nowMs + make.below(1500))],
  ];
  for (let step = 0; step < STEPS; step++) {
    const [what, act] = steps[make.below(steps.length)]!;
    said.push(what);
    act();
    if (make.below(3) > 0) continue;
    time.runUntil(time.nowMs + SETTLE_MS);
    said.push("settled");
    check();
  }

  function check(): void {
    const why = `seed ${seed}: ${said.join(", ")}`;
    const addresses = acquired ? config.addresses : [];
    const routing = acquired ? config.routing ?? [] : [];
    const present = host.interfaceState("eth1")!.addresses;
    for (const address of addresses) {
      assert.equal(findAddress(address, present).kind, "present", `${why}: ${address.address}`);
    }
    assert.equal(host.virtualAddresses.length, addresses.length, why);
    for (const entry of routing) {
      assert.equal(
        findRouting(entry, host.routing).kind,
        "present",
        `${why}: ${JSON.stringify(entry)}`,
      );
    }
    assert.equal(host.routing.length, routing.length, why);
    assert.ok(present.some(({ address, foreign }) => address === "192.168.31.11" && foreign), why);
    const status = [...resources.addresses.status(), ...resources.routing.status()];
    assert.ok(status.every(({ held }) => held === acquired), why);
  }
}
