import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import { findRouting } from "../../../src/vip/routing.ts";
import { ip, namespaceTest, openHost, until } from "../namespace.ts";

const ROUTE: RoutingEntry = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  device: "eth0",
  table: 254,
};

function addCable(): void {
  ip("link add eth0 type veth peer name far0");
  ip("link set far0 up");
  ip("link set eth0 up");
  ip("address add 192.168.31.11/24 dev eth0");
  ip("address add 192.168.31.5/24 dev eth0");
  ip("address add 2001:db8::11/64 dev eth0 nodad");
}

/** What `ip` shows of vipd's, one a line, blanks squeezed. */
function shown(command: string): string[] {
  return ip(command).split("\n").map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line.includes("proto 118"));
}

/** Each entry, and how `ip` shows it. */
const ROUTES: readonly (readonly [string, RoutingEntry, string])[] = [
  ["on the link", ROUTE, "10.1.0.0/16 dev eth0 proto 118 scope link"],
  [
    "through a gateway, with all that a route can say",
    {
      kind: "route",
      family: "ipv4",
      to: { address: "10.2.0.0", prefixLength: 16 },
      via: "192.168.31.1",
      device: "eth0",
      source: "192.168.31.5",
      metric: 50,
      table: 254,
    },
    "10.2.0.0/16 via 192.168.31.1 dev eth0 proto 118 src 192.168.31.5 metric 50",
  ],
  [
    "by default in another table",
    { kind: "route", family: "ipv4", to: null, via: "192.168.31.1", table: 1000 },
    "default via 192.168.31.1 dev eth0 table 1000 proto 118",
  ],
  [
    "of a scope",
    { ...ROUTE, to: { address: "10.3.0.7", prefixLength: 32 }, scope: "host" },
    "10.3.0.7 dev eth0 proto 118 scope host",
  ],
  [
    "to a gateway that is on the link by decree",
    { ...ROUTE, to: null, via: "10.9.9.1", onLink: true, table: 7 },
    "default via 10.9.9.1 dev eth0 table 7 proto 118 onlink",
  ],
  [
    "to nowhere",
    {
      kind: "route",
      family: "ipv4",
      to: { address: "10.4.0.0", prefixLength: 16 },
      type: "blackhole",
      table: 254,
    },
    "blackhole 10.4.0.0/16 proto 118",
  ],
  [
    "for a type of service, with options",
    {
      ...ROUTE,
      via: "192.168.31.1",
      tos: 16,
      options: { mtu: 1400, advmss: 1360, initcwnd: 20, lock: ["mtu"] },
    },
    "10.1.0.0/16 tos 0x10 via 192.168.31.1 dev eth0 proto 118 mtu lock 1400 advmss 1360 initcwnd 20",
  ],
  [
    "to nowhere, over IPv6",
    {
      kind: "route",
      family: "ipv6",
      to: { address: "2001:db8:2::", prefixLength: 48 },
      type: "unreachable",
      table: 254,
    },
    "unreachable 2001:db8:2::/48 dev lo proto 118 metric 1024 pref medium",
  ],
  [
    "over IPv6",
    {
      kind: "route",
      family: "ipv6",
      to: { address: "2001:db8:1::", prefixLength: 48 },
      via: "2001:db8::1",
      metric: 7,
      table: 254,
    },
    "2001:db8:1::/48 via 2001:db8::1 dev eth0 proto 118 metric 7 pref medium",
  ],
];

for (const [what, entry, text] of ROUTES) {
  namespaceTest(import.meta.url, `a route ${what} is added and removed`, async () => {
    addCable();
    const host = openHost();
    const family = entry.family === "ipv6" ? "-6" : "-4";
    strictEqual(host.addRouting(entry), null);
    deepStrictEqual(shown(`${family} route show table all`), [text]);
    strictEqual(host.addRouting(entry), null, "adding again is no error");
    strictEqual(host.ownRouting().length, 1);
    strictEqual(host.removeRouting(entry), null);
    deepStrictEqual(shown(`${family} route show table all`), []);
    strictEqual(host.removeRouting(entry), null, "removing again is no error");
    await host.close();
  });
}

for (
  const [family, to, gateways] of [
    ["ipv4", { address: "10.5.0.0", prefixLength: 16 }, ["192.168.31.1", "192.168.31.2"]],
    ["ipv6", { address: "2001:db8:5::", prefixLength: 48 }, ["2001:db8::1", "2001:db8::2"]],
  ] as const
) {
  namespaceTest(import.meta.url, `a route over two next hops: ${family}`, async () => {
    addCable();
    const host = openHost();
    const entry: RoutingEntry = {
      kind: "route",
      family,
      to,
      table: 254,
      nextHops: [{ via: gateways[0], weight: 3 }, { via: gateways[1], device: "eth0", weight: 1 }],
    };
    strictEqual(host.addRouting(entry), null);
    const shownText = ip(`-${family.at(-1)} route show proto 118`);
    match(shownText, new RegExp(`nexthop via ${gateways[0]} dev eth0 weight 3`));
    match(shownText, new RegExp(`nexthop via ${gateways[1]} dev eth0 weight 1`));
    deepStrictEqual(findRouting(entry, host.ownRouting()), { kind: "present" });
    strictEqual(host.addRouting(entry), null, "adding again is no error");
    const other: RoutingEntry = {
      ...entry,
      nextHops: entry.nextHops!.toSpliced(0, 1, { via: gateways[0], weight: 2 }),
    };
    strictEqual(host.addRouting(other), null, "another weight replaces it");
    match(ip(`-${family.at(-1)} route show proto 118`), /weight 2/);
    strictEqual(host.removeRouting(other), null);
    deepStrictEqual(host.ownRouting(), []);
    await host.close();
  });
}

const RULE: RoutingEntry = {
  kind: "rule",
  family: "ipv4",
  from: { address: "192.168.31.5", prefixLength: 32 },
  table: 1000,
  priority: 900,
};

namespaceTest(import.meta.url, "policy rules are added and removed", async () => {
  addCable();
  const host = openHost();
  const full: RoutingEntry = {
    kind: "rule",
    family: "ipv4",
    from: { address: "10.0.0.0", prefixLength: 8 },
    to: { address: "10.1.0.0", prefixLength: 16 },
    fwmark: 0x20,
    iif: "eth0",
    oif: "far0",
    table: 100,
    priority: 901,
  };
  const ipv6: RoutingEntry = { kind: "rule", family: "ipv6", iif: "eth0", table: 7, priority: 5 };
  for (const rule of [RULE, full, ipv6]) strictEqual(host.addRouting(rule), null);
  deepStrictEqual(shown("-N rule show"), [
    "900: from 192.168.31.5 lookup 1000 proto 118",
    "901: from 10.0.0.0/8 to 10.1.0.0/16 fwmark 0x20 iif eth0 oif far0 lookup 100 proto 118",
  ]);
  deepStrictEqual(shown("-N -6 rule show"), ["5: from all iif eth0 lookup 7 proto 118"]);
  deepStrictEqual(host.ownRouting(), [RULE, full, ipv6]);
  for (const rule of [RULE, full, ipv6]) strictEqual(host.removeRouting(rule), null);
  deepStrictEqual(host.ownRouting(), []);
  strictEqual(host.removeRouting(RULE), null, "removing again is no error");
  await host.close();
});

namespaceTest(import.meta.url, "the routes of others are neither taken nor touched", async () => {
  addCable();
  ip("route add 10.1.0.0/16 dev eth0 metric 5");
  ip("route add 10.1.0.0/16 dev far0");
  ip("rule add from 192.168.31.5 lookup 1000 priority 900");
  const before = ip("route show");
  const host = openHost();
  const refused = host.addRouting(ROUTE);
  strictEqual(refused?.code, "EEXIST");
  match(refused.message, /add route 10\.1\.0\.0\/16 dev eth0.*not vipd's/);
  strictEqual(host.addRouting(RULE), null, "a rule stands beside another's");
  strictEqual(host.removeRouting(ROUTE), null);
  strictEqual(host.removeRouting(RULE), null);
  deepStrictEqual(host.ownRouting(), []);
  strictEqual(ip("route show"), before);
  match(ip("rule show"), /from 192\.168\.31\.5 lookup 1000/);
  await host.close();
});

namespaceTest(
  import.meta.url,
  "what another program gave a route or rule of vipd's besides what is configured is put right",
  async () => {
    addCable();
    const host = openHost();
    const finding = (entry: RoutingEntry) => findRouting(entry, host.ownRouting());
    for (const entry of [ROUTE, RULE]) strictEqual(host.addRouting(entry), null);
    deepStrictEqual([finding(ROUTE).kind, finding(RULE).kind], ["present", "present"]);
    ip("route change 10.1.0.0/16 dev eth0 proto 118 mtu 1300");
    ip("rule del from 192.168.31.5 lookup 1000 priority 900 proto 118");
    ip("rule add from 192.168.31.5 ipproto tcp lookup 1000 priority 900 proto 118");
    await until("noticed", () => finding(ROUTE).kind === "altered");
    deepStrictEqual(finding(ROUTE), { kind: "altered", attributes: ["options"] });
    deepStrictEqual(finding(RULE), { kind: "altered", attributes: ["selectors"] });
    strictEqual(host.addRouting(ROUTE), null);
    strictEqual(host.removeRouting(RULE), null);
    strictEqual(host.addRouting(RULE), null);
    deepStrictEqual([finding(ROUTE).kind, finding(RULE).kind], ["present", "present"]);
    strictEqual(host.ownRouting().length, 2);
    ok(!/mtu/.test(ip("route show")) && !/tcp/.test(ip("rule show")));
    await host.close();
  },
);

namespaceTest(import.meta.url, "what an earlier run left is known and removed", async () => {
  addCable();
  const first = openHost();
  for (const [, entry] of ROUTES) strictEqual(first.addRouting(entry), null);
  strictEqual(first.addRouting(RULE), null);
  await first.close();
  const second = openHost();
  strictEqual(second.ownRouting().length, ROUTES.length + 1);
  for (const entry of second.ownRouting()) strictEqual(second.removeRouting(entry), null);
  deepStrictEqual(second.ownRouting(), []);
  deepStrictEqual(shown("route show table all"), []);
  await second.close();
});

namespaceTest(import.meta.url, "a route that cannot be says why", async () => {
  addCable();
  const host = openHost();
  deepStrictEqual(host.addRouting({ ...ROUTE, device: "eth9" }), {
    code: "ENODEV",
    message: "Cannot add route 10.1.0.0/16 dev eth9: rtnetlink: ENODEV, there is no interface eth9",
  });
  const unreachable: RoutingEntry = { ...ROUTE, via: "203.0.113.1" };
  strictEqual(host.addRouting(unreachable)?.code, "ENETUNREACH");
  await host.close();
});
