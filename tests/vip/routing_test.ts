import assert from "node:assert/strict";
import {
  findRouting,
  routeScope,
  type RoutingEntry,
  type RoutingFinding,
  routingText,
  sameRouting,
  type VirtualRoute,
  type VirtualRule,
} from "../../src/vip/routing.ts";

const ROUTE: VirtualRoute = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  via: "192.168.31.1",
  device: "eth1",
  source: "192.168.31.5",
  metric: 50,
  table: 254,
};
/** The same as the kernel shows it. */
const SHOWN: VirtualRoute = { ...ROUTE, scope: "global" };
const HOPS: VirtualRoute = {
  kind: "route",
  family: "ipv4",
  to: null,
  table: 254,
  nextHops: [{ via: "10.0.0.1", weight: 2 }, { via: "10.0.0.2", weight: 1 }],
};
const RULE: VirtualRule = {
  kind: "rule",
  family: "ipv4",
  from: { address: "192.168.31.5", prefixLength: 32 },
  table: 100,
  priority: 1000,
};
const altered = (...attributes: string[]): RoutingFinding => ({ kind: "altered", attributes });
const PRESENT: RoutingFinding = { kind: "present" };
const ABSENT: RoutingFinding = { kind: "absent" };

/** Without a key. */
function without<Entry extends RoutingEntry>(entry: Entry, key: keyof Entry): Entry {
  const { [key]: _, ...rest } = entry;
  return rest as Entry;
}

const ROWS: readonly (readonly [string, RoutingEntry, RoutingEntry[], RoutingFinding])[] = [
  ["nothing there", ROUTE, [], ABSENT],
  ["as it is desired", ROUTE, [SHOWN], PRESENT],
  ["another gateway", ROUTE, [{ ...SHOWN, via: "192.168.31.2" }], altered("via")],
  ["no gateway any more", ROUTE, [without(SHOWN, "via")], altered("via")],
  ["another interface", ROUTE, [{ ...SHOWN, device: "eth2" }], altered("device")],
  ["any interface where none is said", without(ROUTE, "device"), [SHOWN], PRESENT],
  ["another source", ROUTE, [{ ...SHOWN, source: "192.168.31.6" }], altered("source")],
  ["no source", ROUTE, [without(SHOWN, "source")], altered("source")],
  ["a source where none is", without(ROUTE, "source"), [SHOWN], altered("source")],
  ["another scope", ROUTE, [{ ...SHOWN, scope: "link" }], altered("scope")],
  ["a scope of its own", { ...ROUTE, scope: "host" }, [SHOWN], altered("scope")],
  [
    "the scope of a route without gateway",
    without(ROUTE, "via"),
    [{ ...without(SHOWN, "via"), scope: "link" }],
    PRESENT,
  ],
  ["another type", ROUTE, [{ ...SHOWN, type: "blackhole" }], altered("type")],
  ["a gateway not on the link by decree", { ...ROUTE, onLink: true }, [SHOWN], altered("on_link")],
  [
    "other options",
    { ...ROUTE, options: { mtu: 1400 } },
    [{ ...SHOWN, options: { mtu: 1500 } }],
    altered("options"),
  ],
  ["another type of service", ROUTE, [{ ...SHOWN, tos: 16 }], ABSENT],
  ["its next hops in another order", HOPS, [{
    ...HOPS,
    nextHops: [{ via: "10.0.0.2", device: "eth1", weight: 1 }, {
      via: "10.0.0.1",
      device: "eth0",
      weight: 2,
    }],
  }], PRESENT],
  ["another weight of a next hop", HOPS, [{
    ...HOPS,
    nextHops: [{ via: "10.0.0.1", weight: 1 }, { via: "10.0.0.2", weight: 1 }],
  }], altered("next_hops")],
  ["another metric", ROUTE, [{ ...SHOWN, metric: 51 }], ABSENT],
  ["another table", ROUTE, [{ ...SHOWN, table: 100 }], ABSENT],
  ["another destination", ROUTE, [{ ...SHOWN, to: null }], ABSENT],
  [
    "one of several",
    ROUTE,
    [{ ...SHOWN, via: "192.168.31.2" }, SHOWN],
    PRESENT,
  ],
  [
    "IPv6, which has no scope",
    { kind: "route", family: "ipv6", to: null, via: "fe80::1", device: "eth1", table: 254 },
    [{
      kind: "route",
      family: "ipv6",
      to: null,
      via: "fe80::1",
      device: "eth1",
      metric: 1024,
      table: 254,
    }],
    PRESENT,
  ],
  ["a rule", RULE, [RULE], PRESENT],
  ["a rule with other selectors", RULE, [{ ...RULE, more: true }], altered("selectors")],
  ["other attributes", ROUTE, [{ ...SHOWN, more: true }], altered("other attributes")],
  ["a rule to another table", RULE, [{ ...RULE, table: 101 }], ABSENT],
  ["a rule of another priority", RULE, [{ ...RULE, priority: 1 }], ABSENT],
  ["a rule for a mark", RULE, [{ ...RULE, fwmark: 1 }], ABSENT],
];

Deno.test("a desired route or rule is compared in every attribute with what the host has", async (t) => {
  for (const [what, desired, actual, expected] of ROWS) {
    await t.step(what, () => assert.deepEqual(findRouting(desired, actual), expected));
  }
});

const FULL_RULE: VirtualRule = {
  ...RULE,
  to: { address: "10.1.0.0", prefixLength: 16 },
  fwmark: 1,
  iif: "eth1",
  oif: "eth2",
};
const MARK_RULE: VirtualRule = {
  kind: "rule",
  family: "ipv4",
  fwmark: 1,
  table: 100,
  priority: 1000,
};
const IPV6: VirtualRoute = {
  kind: "route",
  family: "ipv6",
  to: { address: "2001:db8::", prefixLength: 32 },
  via: "fe80::1",
  table: 254,
};

const IDENTITIES: readonly (readonly [string, RoutingEntry, RoutingEntry, boolean])[] = [
  ["a rule and itself", FULL_RULE, { ...FULL_RULE }, true],
  ["rules from other sources", FULL_RULE, {
    ...FULL_RULE,
    from: { address: "192.168.31.6", prefixLength: 32 },
  }, false],
  ["rules to other destinations", FULL_RULE, {
    ...FULL_RULE,
    to: { address: "10.1.0.0", prefixLength: 17 },
  }, false],
  ["rules for other marks", FULL_RULE, { ...FULL_RULE, fwmark: 2 }, false],
  ["rules for what comes in elsewhere", FULL_RULE, { ...FULL_RULE, iif: "eth3" }, false],
  ["rules for what goes out elsewhere", FULL_RULE, { ...FULL_RULE, oif: "eth3" }, false],
  ["rules to other tables", FULL_RULE, { ...FULL_RULE, table: 101 }, false],
  ["rules of other priorities", FULL_RULE, { ...FULL_RULE, priority: 1001 }, false],
  ["rules of both families", MARK_RULE, { ...MARK_RULE, family: "ipv6" }, false],
  ["a rule from a source, and one from all", RULE, MARK_RULE, false],
  ["a rule to a network, and one to all", FULL_RULE, without(FULL_RULE, "to"), false],
  ["a route and itself", ROUTE, { ...ROUTE }, true],
  ["routes of other types of service", { ...ROUTE, tos: 8 }, { ...ROUTE, tos: 16 }, false],
  ["routes of no type of service", { ...ROUTE, tos: 0 }, ROUTE, true],
  ["routes by other gateways", ROUTE, { ...ROUTE, via: "192.168.31.2" }, true],
  ["routes by other devices", ROUTE, { ...ROUTE, device: "eth2" }, true],
  ["routes with other sources", ROUTE, { ...ROUTE, source: "192.168.31.6" }, true],
  ["routes of other metrics", ROUTE, { ...ROUTE, metric: 51 }, false],
  ["routes in other tables", ROUTE, { ...ROUTE, table: 100 }, false],
  ["routes to other networks", ROUTE, {
    ...ROUTE,
    to: { address: "10.2.0.0", prefixLength: 16 },
  }, false],
  ["routes to networks of other sizes", ROUTE, {
    ...ROUTE,
    to: { address: "10.1.0.0", prefixLength: 17 },
  }, false],
  ["default routes of both families", { ...ROUTE, to: null }, {
    ...ROUTE,
    to: null,
    family: "ipv6",
  }, false],
  ["an IPv4 route without metric, and with the kernel's", without(ROUTE, "metric"), {
    ...ROUTE,
    metric: 0,
  }, true],
  ["an IPv4 route without metric, and with 1024", without(ROUTE, "metric"), {
    ...ROUTE,
    metric: 1024,
  }, false],
  ["an IPv6 route without metric, and with the kernel's", IPV6, { ...IPV6, metric: 1024 }, true],
  ["an IPv6 route without metric, and with 0", IPV6, { ...IPV6, metric: 0 }, false],
  ["an IPv6 route without metric, and with another", IPV6, { ...IPV6, metric: 1 }, false],
];

Deno.test("the host can have only one of two entries when they agree in what names them", async (t) => {
  for (const [what, one, other, same] of IDENTITIES) {
    await t.step(what, () => {
      assert.equal(sameRouting(one, other), same);
      assert.equal(sameRouting(other, one), same, "the other way round");
    });
  }
});

Deno.test("an entry is written in the words of ip(8)", () => {
  const rows: [RoutingEntry, string][] = [
    [
      { ...ROUTE, table: 100, scope: "link" },
      "route 10.1.0.0/16 via 192.168.31.1 dev eth1 src 192.168.31.5 metric 50 table 100 scope link",
    ],
    [
      { kind: "route", family: "ipv4", to: null, device: "eth1", table: 254 },
      "route default dev eth1",
    ],
    [RULE, "rule from 192.168.31.5/32 lookup 100 priority 1000"],
    [
      {
        ...{ kind: "rule", family: "ipv4", to: ROUTE.to!, fwmark: 7, iif: "eth0", oif: "eth1" },
        ...{ table: 100, priority: 1000 },
      },
      "rule from all to 10.1.0.0/16 fwmark 7 iif eth0 oif eth1 lookup 100 priority 1000",
    ],
  ];
  for (const [entry, text] of rows) assert.equal(routingText(entry), text);
});

Deno.test("a route without metric has the kernel's, one without gateway the scope of its link", () => {
  const ipv6: VirtualRoute = { ...without(ROUTE, "metric"), family: "ipv6" };
  assert.ok(sameRouting(ipv6, { ...ipv6, metric: 1024 }));
  assert.ok(!sameRouting(ipv6, { ...ipv6, metric: 0 }));
  assert.ok(sameRouting(without(ROUTE, "metric"), { ...ROUTE, metric: 0 }));
  assert.ok(!sameRouting(ROUTE, RULE));
  assert.equal(routeScope(ROUTE), "global");
  assert.equal(routeScope(without(ROUTE, "via")), "link");
  assert.equal(routeScope({ ...ROUTE, scope: "host" }), "host");
  assert.equal(routeScope(HOPS), "global");
  assert.equal(routeScope({ ...HOPS, nextHops: [{ device: "eth1", weight: 1 }] }), "link");
  assert.equal(routeScope({ ...without(ROUTE, "via"), type: "blackhole" }), "global");
});
