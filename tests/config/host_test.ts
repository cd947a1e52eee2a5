/** What a configuration says about the host: options of addresses, routes, policy rules. */

import assert from "node:assert/strict";
import { parseValid, testWrong, withInstance } from "./support.ts";

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
  ["everything", rule("»{ table: 5, priority: 5 }"), "invalid_rule", /from: 192\.168\.31\.5/],
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
