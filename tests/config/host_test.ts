/** What a configuration says about the host: options of addresses, routes, policy rules. */

import assert from "node:assert/strict";
import { diagnose, instance, parseValid, testWrong, withInstance } from "./support.ts";

function onlyInstance(...lines: string[]) {
  return parseValid(withInstance(...lines)).config.instances[0]!;
}

Deno.test("an address has the scope and broadcast address that the file says", () => {
  const { addresses } = onlyInstance(
    "addresses:\n" +
      "  - { address: 192.168.31.5/24, broadcast: auto }\n" +
      "  - { address: 10.0.0.5/22, broadcast: 10.0.3.255, scope: link }\n" +
      "  - { address: 10.9.0.5/32, broadcast: none, scope: global }",
  );
  const device = "eth1";
  assert.deepEqual(addresses, [
    { address: "192.168.31.5", prefixLength: 24, device, broadcast: "192.168.31.255" },
    { address: "10.0.0.5", prefixLength: 22, device, broadcast: "10.0.3.255", scope: "link" },
    { address: "10.9.0.5", prefixLength: 32, device },
  ]);
});

Deno.test("a route has a table, and without a gateway an interface", () => {
  const { routing } = onlyInstance(
    "routes:\n" +
      "  - { to: 10.1.0.0/16 }\n" +
      "  - { to: default, via: 192.168.31.1, source: 192.168.31.5, metric: 5, table: 100, scope: global }\n" +
      '  - { to: "2001:db8::/32", device: eth0 }\n' +
      "  - { to: default, device: eth0 }",
  );
  assert.deepEqual(routing, [
    {
      kind: "route",
      family: "ipv4",
      to: { address: "10.1.0.0", prefixLength: 16 },
      device: "eth1",
      table: 254,
    },
    {
      kind: "route",
      family: "ipv4",
      to: null,
      via: "192.168.31.1",
      source: "192.168.31.5",
      metric: 5,
      table: 100,
      scope: "global",
    },
    {
      kind: "route",
      family: "ipv6",
      to: { address: "2001:db8::", prefixLength: 32 },
      device: "eth0",
      table: 254,
    },
    { kind: "route", family: "ipv4", to: null, device: "eth0", table: 254 },
  ]);
});

Deno.test("a route may have a type, several next hops and options", () => {
  const { routing } = onlyInstance(
    "routes:\n" +
      "  - { to: 10.3.0.0/16, type: blackhole }\n" +
      "  - { to: 10.4.0.0/16, next_hops: [{ via: 10.0.0.1, weight: 2 }, { device: eth0 }] }\n" +
      "  - { to: default, via: 10.0.0.9, on_link: true, tos: 16, options: { mtu: 1400, lock: [mtu] } }",
  );
  const route = { kind: "route", family: "ipv4", table: 254 };
  assert.deepEqual(routing, [
    { ...route, to: { address: "10.3.0.0", prefixLength: 16 }, type: "blackhole" },
    {
      ...route,
      to: { address: "10.4.0.0", prefixLength: 16 },
      nextHops: [{ via: "10.0.0.1", weight: 2 }, { device: "eth0", weight: 1 }],
    },
    {
      ...route,
      to: null,
      via: "10.0.0.9",
      device: "eth1",
      onLink: true,
      tos: 16,
      options: { mtu: 1400, lock: ["mtu"] },
    },
  ]);
});

Deno.test("rules follow the routes, so that none leads into an empty table", () => {
  const { routing } = onlyInstance(
    "rules: [{ from: 192.168.31.5, table: 100, priority: 1000 }]",
    "routes: [{ to: default, via: 192.168.31.1, table: 100 }]",
  );
  assert.deepEqual(routing?.map(({ kind }) => kind), ["route", "rule"]);
  assert.deepEqual(routing?.[1], {
    kind: "rule",
    family: "ipv4",
    from: { address: "192.168.31.5", prefixLength: 32 },
    table: 100,
    priority: 1000,
  });
});

const address = (entry: string) => withInstance(`addresses:\n  - ${entry}`);

testWrong([
  [
    "another scope",
    address("{ address: 10.0.0.5/24, scope: »site }"),
    "unknown_choice",
    /global, link, host/,
  ],
  [
    "a word as broadcast address",
    address("{ address: 10.0.0.5/24, broadcast: »yes }"),
    "invalid_broadcast",
    /write auto/,
  ],
  [
    "of a single address",
    address("{ address: 10.0.0.5, broadcast: »auto }"),
    "invalid_broadcast",
    /network \/32/,
  ],
  [
    "within scope host",
    address("{ address: 10.0.0.5/24, scope: host, broadcast: »auto }"),
    "invalid_broadcast",
    /no network/,
  ],
  [
    "the scope of an IPv6 address",
    withInstance("version: 3", 'addresses:\n  - { address: "fe80::5/64", scope: »link }'),
    "ipv4_option",
    /remove `scope`/,
  ],
]);

const route = (entry: string) => withInstance(`routes:\n  - ${entry}`);

testWrong([
  ["no destination", route("»{ via: 192.168.31.1 }"), "missing_key", /to: 10\.1\.0\.0\/16/],
  ["a name", route("{ to: »elsewhere }"), "invalid_network", /"elsewhere"/],
  ["prefix 33", route("{ to: »10.1.0.0/33 }"), "invalid_network", /between 1 and 32/],
  ["a host's bits", route("{ to: »10.1.2.3/16 }"), "invalid_network", /write 10\.1\.0\.0\/16/],
  [
    "a gateway that is a network",
    route("{ to: default, via: »192.168.31.0/24 }"),
    "address_not_usable",
    /network's own/,
  ],
  ["table 0", route("{ to: default, table: »0 }"), "out_of_range", /between 1 and/],
  [
    "two families",
    route('»{ to: 10.1.0.0/16, via: "2001:db8::1" }'),
    "mixed_families",
    /two routes/,
  ],
  [
    "the scope of an IPv6 route",
    route('{ to: "2001:db8::/32", scope: »link }'),
    "ipv4_option",
    /remove/,
  ],
  [
    "the type of service of an IPv6 route",
    route('{ to: "2001:db8::/32", tos: »16 }'),
    "ipv4_option",
    /remove/,
  ],
  [
    "to nowhere by a gateway",
    route("{ to: 10.1.0.0/16, type: blackhole, via: »10.0.0.1 }"),
    "invalid_route",
    /blackhole route go no way; remove `via`|blackhole/,
  ],
  [
    "on the link without a gateway",
    route("{ to: 10.1.0.0/16, on_link: »true }"),
    "invalid_route",
    /via/,
  ],
  [
    "one next hop",
    route("{ to: 10.1.0.0/16, next_hops: »[{ via: 10.0.0.1 }] }"),
    "invalid_route",
    /shares nothing|itself/,
  ],
  [
    "next hops and a gateway",
    route("{ to: 10.1.0.0/16, via: »10.0.0.3, next_hops: [{ via: 10.0.0.1 }, { via: 10.0.0.2 }] }"),
    "invalid_route",
    /remove/,
  ],
  [
    "next hops of two families",
    route('»{ to: 10.1.0.0/16, next_hops: [{ via: 10.0.0.1 }, { via: "2001:db8::1" }] }'),
    "mixed_families",
    /two routes/,
  ],
  [
    "twice to one place",
    route("{ to: 10.1.0.0/16, via: 192.168.31.1 }\n  - »{ to: 10.1.0.0/16, via: 192.168.31.2 }"),
    "duplicate_route",
    /routes\[0\].*another metric/,
  ],
]);

const rule = (entry: string) => withInstance(`rules:\n  - ${entry}`);

testWrong([
  ["no table", rule("»{ from: 10.0.0.5, priority: 5 }"), "missing_key", /table: 100/],
  ["no priority", rule("»{ from: 10.0.0.5, table: 5 }"), "missing_key", /priority: 1000/],
  ["priority 0", rule("{ from: 10.0.0.5, table: 5, priority: »0 }"), "out_of_range", /32766/],
  [
    "everything before the main table",
    rule("»{ table: 5, priority: 5 }"),
    "invalid_rule",
    /from: 192\.168\.31\.5/,
  ],
  [
    "two families",
    rule('»{ from: 10.0.0.5, to: "2001:db8::/32", table: 5, priority: 5 }'),
    "mixed_families",
    /two rules/,
  ],
  [
    "twice the same",
    rule(
      "{ from: 10.0.0.5, table: 5, priority: 5 }\n  - »{ priority: 5, table: 5, from: 10.0.0.5/32 }",
    ),
    "duplicate_route",
    /remove one/,
  ],
]);

Deno.test("a virtual MAC address has an interface of its own, which carries the addresses", () => {
  const plain = onlyInstance("virtual_mac: true");
  assert.equal(plain.virtualInterface, "vrrp.55");
  assert.equal(plain.addresses[0]!.device, "vrrp.55");
  assert.equal(plain.interface, "eth1");
  const named = onlyInstance(
    "virtual_mac: { interface: vip0 }",
    "addresses: [192.168.31.5/24, { address: 10.0.0.5/24, device: eth2 }]",
  );
  assert.deepEqual(named.addresses.map(({ device }) => device), ["vip0", "eth2"]);
  assert.equal(onlyInstance("virtual_mac: false").virtualInterface, undefined);
  const ipv6 = onlyInstance("virtual_mac: true", "version: 3", 'addresses: ["fe80::5/64"]');
  assert.equal(ipv6.virtualInterface, "vrrp6.55");
});

testWrong([
  ["a word", withInstance("virtual_mac: »yes"), "wrong_type", /true, false or a mapping/],
  [
    "no name for it",
    withInstance("virtual_mac: »{}"),
    "missing_key",
    /interface: vrrp\.55/,
  ],
  [
    "two of one VRID",
    `instances:\n${instance("virtual_mac: true")}${
      instance("name: VI_2", "interface: eth2", "addresses: [10.0.0.5]", "virtual_mac: »true")
    }`,
    "duplicate_virtual_interface",
    /instances\[0\] makes an interface vrrp\.55.*name this one/,
  ],
  [
    "the name of a real one",
    withInstance("virtual_mac: »{ interface: eth1 }"),
    "duplicate_virtual_interface",
    /no interface of this machine has/,
  ],
]);

/** Two instances, the second with this route. */
const twoRoutes = (second: string) =>
  `instances:\n${
    instance("name: A", "vrid: 1", "routes: [{ to: 10.1.0.0/16, via: 192.168.31.1 }]")
  }${instance("name: B", "vrid: 2", "addresses: [192.168.31.6/24]", `routes: [${second}]`)}`;

testWrong([
  [
    "another gateway in another instance",
    twoRoutes("»{ to: 10.1.0.0/16, via: 192.168.31.2 }"),
    "conflicting_route",
    /instances\[0\]\.routes\[0\] .*another via.*metric or table/,
  ],
  [
    "another source in another instance",
    twoRoutes("»{ to: 10.1.0.0/16, via: 192.168.31.1, source: 192.168.31.6 }"),
    "conflicting_route",
    /another source/,
  ],
]);

Deno.test("two instances may have the same route, or two with another metric or table", () => {
  for (
    const second of [
      "{ to: 10.1.0.0/16, via: 192.168.31.1 }",
      "{ to: 10.1.0.0/16, via: 192.168.31.2, metric: 9 }",
      "{ to: 10.1.0.0/16, via: 192.168.31.2, table: 100 }",
    ]
  ) {
    assert.equal(parseValid(twoRoutes(second)).config.instances.length, 2, second);
  }
});

Deno.test("one link-local address stands on two interfaces", () => {
  const text = `instances:\n${
    instance("name: A", "vrid: 1", "version: 3", 'addresses: ["fe80::5/64"]')
  }${instance("name: B", "vrid: 1", "version: 3", "interface: eth2", 'addresses: ["fe80::5/64"]')}`;
  assert.equal(parseValid(text).config.instances.length, 2);
});

Deno.test("an interface with delays is used if a route leaves by it, or may", () => {
  const used = (route: string) => {
    const text = "interfaces: { eth9: { up_delay: 5s } }\n" + withInstance(`routes: [${route}]`);
    return diagnose(text).length === 0;
  };
  const rows: [route: string, expected: boolean][] = [
    ["{ to: 10.1.0.0/16, device: eth9 }", true],
    ["{ to: 10.1.0.0/16, via: 192.168.31.1 }", true],
    ["{ to: 10.1.0.0/16, next_hops: [{ via: 10.0.0.1 }, { device: eth8 }] }", true],
    ["{ to: 10.1.0.0/16, via: 192.168.31.1, device: eth8 }", false],
    ["{ to: 10.1.0.0/16, via: 192.168.31.1, on_link: true }", false],
    ["{ to: 10.1.0.0/16 }", false],
  ];
  for (const [route, expected] of rows) assert.equal(used(route), expected, route);
});
