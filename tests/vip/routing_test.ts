import assert from "node:assert/strict";
import {
  findRouting,
  type RoutingEntry,
  type RoutingFinding,
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
function without<K extends keyof VirtualRoute>(route: VirtualRoute, key: K): VirtualRoute {
  const { [key]: _, ...rest } = route;
  return rest as VirtualRoute;
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
  ["a rule to another table", RULE, [{ ...RULE, table: 101 }], ABSENT],
  ["a rule of another priority", RULE, [{ ...RULE, priority: 1 }], ABSENT],
  ["a rule for a mark", RULE, [{ ...RULE, fwmark: 1 }], ABSENT],
];

Deno.test("a desired route or rule is compared in every attribute with what the host has", async (t) => {
  for (const [what, desired, actual, expected] of ROWS) {
    await t.step(what, () => assert.deepEqual(findRouting(desired, actual), expected));
  }
});
