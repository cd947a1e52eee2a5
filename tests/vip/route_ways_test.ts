/** The interfaces by which a route may leave, as the kernel finds them. */

import assert from "node:assert/strict";
import { hasGatewayAlone, type InterfaceNetwork, wayDevices } from "../../src/vip/route_ways.ts";
import type { VirtualRoute } from "../../src/vip/routing.ts";

const NETWORKS: readonly InterfaceNetwork[] = [
  { device: "eth0", address: "192.168.30.11", prefixLength: 24 },
  { device: "eth0", address: "192.168.30.12", prefixLength: 24 },
  { device: "eth1", address: "192.168.31.11", prefixLength: 24 },
  { device: "eth2", address: "192.168.31.12", prefixLength: 24 },
  { device: "eth3", address: "192.168.31.65", prefixLength: 30 },
  { device: "eth4", address: "2001:db8::11", prefixLength: 64 },
  { device: "ppp0", address: "10.0.0.1", prefixLength: 32 },
];

const ROWS: readonly (readonly [what: string, way: Partial<VirtualRoute>, devices: string[][]])[] =
  [
    ["a device is what it says", { via: "192.168.31.1", device: "eth0" }, [["eth0"]]],
    ["neither a device nor a gateway", {}, [[]]],
    ["a device without gateway", { device: "eth0" }, [["eth0"]]],
    ["a gateway is in the network of its interface, named once", { via: "192.168.30.1" }, [
      ["eth0"],
    ]],
    ["one network on two interfaces", { via: "192.168.31.1" }, [["eth1", "eth2"]]],
    ["the narrowest network wins", { via: "192.168.31.66" }, [["eth3"]]],
    ["the other end of a point-to-point link", { via: "10.0.0.1" }, [["ppp0"]]],
    ["IPv6", { via: "2001:db8::1" }, [["eth4"]]],
    ["a gateway in no network", { via: "172.16.0.1" }, [[]]],
    ["next hops are ways, each for itself", {
      nextHops: [
        { via: "192.168.30.1", weight: 1 },
        { via: "192.168.31.1", device: "eth1", weight: 1 },
        { device: "eth3", weight: 1 },
      ],
    }, [["eth0"], ["eth1"], ["eth3"]]],
    ["a route to nowhere has no way", { type: "blackhole" }, []],
  ];

for (const [what, way, devices] of ROWS) {
  Deno.test(`the ways of a route: ${what}`, () => {
    const route = { kind: "route", family: "ipv4", to: null, table: 254, ...way } as const;
    assert.deepEqual(wayDevices(route, NETWORKS, () => true), devices);
    const alone = [way, ...way.nextHops ?? []].some(({ via, device }) => via && !device);
    assert.equal(hasGatewayAlone(route), alone);
  });
}

Deno.test("the ways of a route: an interface that is set down is in the way of nothing that another one reaches", () => {
  const route = {
    kind: "route",
    family: "ipv4",
    to: null,
    table: 254,
    via: "192.168.31.66",
  } as const;
  const devices = (...down: string[]) =>
    wayDevices(route, NETWORKS, (device) => !down.includes(device));
  assert.deepEqual(devices(), [["eth3"]]);
  assert.deepEqual(devices("eth3"), [["eth1", "eth2"]]);
  assert.deepEqual(devices("eth3", "eth1"), [["eth2"]]);
  assert.deepEqual(devices("eth3", "eth1", "eth2"), [["eth3"]]);
});
