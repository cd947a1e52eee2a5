/** Which networks of which interfaces are known, and for how long. */

import assert from "node:assert/strict";
import type { InterfaceAddress, InterfaceState } from "../../../src/host/interfaces.ts";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { GatewayNetworks } from "../../../src/node/links/gateway_networks.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";

const OWN = { address: "10.9.0.11", prefixLength: 24 };
const ROUTE: RoutingEntry = {
  ...{ kind: "route", family: "ipv4", table: 254 },
  ...{ to: { address: "10.1.0.0", prefixLength: 16 }, via: "10.9.0.1" },
};
const RULE: RoutingEntry = { kind: "rule", family: "ipv4", table: 100, priority: 900 };
const withRouting = (...routing: RoutingEntry[]) => [
  ...[instanceConfig({ routing: [] }), instanceConfig({ routing })],
];

/** The networks of a host with these interfaces, of which each may change. */
function scene(instances = withRouting(ROUTE)) {
  const states = new Map<string, InterfaceState>();
  const host = {
    interfaceState: (name: string) => states.get(name) ?? null,
    interfaceNames: () => [...states.keys()],
  };
  const put = (name: string, up: boolean, ...addresses: InterfaceAddress[]) =>
    states.set(name, { name, index: 1, enabled: up, up, mac: new Uint8Array(6), addresses });
  put("eth0", true, OWN);
  const networks = new GatewayNetworks(instances, host);
  const known = () =>
    networks.all.map(({ device, address, prefixLength }) => `${device} ${address}/${prefixLength}`);
  return { networks, states, put, known };
}

const KNOWN = ["eth0 10.9.0.11/24"];

Deno.test("networks are known while an instance has a route with a gateway and no interface", () => {
  const cases: readonly (readonly [RoutingEntry[], readonly string[]])[] = [
    [[], []],
    [[RULE], []],
    [[{ ...ROUTE, device: "eth0" }], []],
    [[ROUTE], KNOWN],
    [[RULE, ROUTE], KNOWN],
  ];
  for (const [routing, expected] of cases) {
    const { networks, known } = scene(withRouting(...routing));
    assert.deepEqual(known(), expected);
    networks.interfaceChanged("eth0");
    assert.deepEqual(known(), expected);
    networks.reconfigure(withRouting(ROUTE));
    assert.deepEqual(known(), KNOWN);
    networks.reconfigure(withRouting());
    assert.deepEqual(known(), []);
  }
});

Deno.test("a reload that needs them still keeps what an interface had that is down", () => {
  const { networks, put, known } = scene();
  put("eth0", false);
  networks.interfaceChanged("eth0");
  networks.reconfigure(withRouting(RULE, ROUTE));
  assert.deepEqual(known(), KNOWN);
});

Deno.test("the last networks of an interface count until its link is up again", () => {
  const { networks, states, put, known } = scene();
  const changed = () => {
    networks.interfaceChanged("eth0");
    return known();
  };
  put("eth0", false);
  assert.deepEqual(changed(), KNOWN);
  states.delete("eth0");
  assert.deepEqual(changed(), KNOWN);
  networks.interfaceChanged("eth7");
  assert.deepEqual(known(), KNOWN, "one that was gone before it was known");
  put("eth0", true, { ...OWN, prefixLength: 25 });
  assert.deepEqual(changed(), ["eth0 10.9.0.11/25"]);
  put("eth0", true);
  assert.deepEqual(changed(), []);
  put("eth0", false, OWN);
  assert.deepEqual(changed(), KNOWN, "nothing else is known of it");
});

Deno.test("the network of an address is that of its peer, and a link-local one has none", () => {
  const { networks, put, known } = scene();
  const peer = { ...OWN, peer: "10.8.0.1", prefixLength: 32 };
  put("eth0", true, peer, { address: "fe80::11", prefixLength: 64 });
  networks.interfaceChanged("eth0");
  assert.deepEqual(known(), ["eth0 10.8.0.1/32"]);
});
