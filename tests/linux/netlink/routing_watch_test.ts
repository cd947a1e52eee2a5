/** Routes and rules that others change, on the real kernel. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { RoutingEntry } from "../../../src/host/routing.ts";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { findRouting, type VirtualRoute } from "../../../src/vip/routing.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";

const ROUTE: VirtualRoute = {
  kind: "route",
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  via: "192.168.31.1",
  source: "192.168.31.5",
  table: 254,
};
const ROUTE_IPV6: VirtualRoute = {
  kind: "route",
  family: "ipv6",
  to: { address: "2001:db8:1::", prefixLength: 48 },
  via: "2001:db8::1",
  table: 254,
};
const RULE: RoutingEntry = {
  kind: "rule",
  family: "ipv4",
  from: { address: "192.168.31.5", prefixLength: 32 },
  table: 100,
  priority: 900,
};

function open(): { readonly host: LinuxHost; readonly changes: () => number } {
  ip("link add eth0 type veth peer name far0");
  ip("link set far0 up");
  ip("link set eth0 up");
  ip("address add 192.168.31.11/24 dev eth0");
  ip("address add 192.168.31.5/24 dev eth0");
  ip("address add 192.168.31.6/24 dev eth0");
  ip("address add 2001:db8::11/64 dev eth0 nodad");
  const host = openHost();
  let count = 0;
  host.watchRouting(() => count++);
  return { host, changes: () => count };
}

/** What another program does, and how the entry stands afterwards. */
const DRIFTS: readonly (readonly [string, RoutingEntry, string, string])[] = [
  ["removes a route", ROUTE, "route del 10.1.0.0/16", "absent"],
  [
    "replaces it by its own",
    ROUTE,
    "route replace 10.1.0.0/16 via 192.168.31.2",
    "absent",
  ],
  [
    "replaces its gateway under vipd's mark",
    ROUTE,
    "route replace 10.1.0.0/16 via 192.168.31.2 src 192.168.31.5 proto 118",
    "altered",
  ],
  [
    "replaces its source",
    ROUTE,
    "route replace 10.1.0.0/16 via 192.168.31.1 src 192.168.31.6 proto 118",
    "altered",
  ],
  ["removes an IPv6 route", ROUTE_IPV6, "-6 route del 2001:db8:1::/48", "absent"],
  [
    "replaces an IPv6 route",
    ROUTE_IPV6,
    "-6 route replace 2001:db8:1::/48 via 2001:db8::2 metric 1024",
    "absent",
  ],
  ["removes a rule", RULE, "rule del from 192.168.31.5 lookup 100 priority 900", "absent"],
];

for (const [what, entry, command, expected] of DRIFTS) {
  namespaceTest(import.meta.url, `it is noticed when another program ${what}`, async () => {
    const { host, changes } = open();
    strictEqual(host.addRouting(entry), null);
    await delay(100);
    strictEqual(changes(), 0, "what vipd does itself is no news");
    strictEqual(findRouting(entry, host.ownRouting()).kind, "present");
    ip(command);
    await until("the change is noticed", () => changes() > 0);
    strictEqual(findRouting(entry, host.ownRouting()).kind, expected);
    if (command.includes("replace") && !command.includes("118")) {
      strictEqual(host.addRouting(entry)?.code, "EEXIST", "another's route is left alone");
    } else {
      strictEqual(host.addRouting(entry), null);
      strictEqual(findRouting(entry, host.ownRouting()).kind, "present");
    }
    await host.close();
  });
}

namespaceTest(import.meta.url, "the churn of other routes wakes nobody", async () => {
  const { host, changes } = open();
  for (const entry of [ROUTE, ROUTE_IPV6, RULE]) strictEqual(host.addRouting(entry), null);
  for (let n = 0; n < 50; n++) {
    ip(`route add 10.9.${n}.0/24 via 192.168.31.1`);
    ip(`route replace 10.9.${n}.0/24 via 192.168.31.2`);
    ip(`route del 10.9.${n}.0/24`);
  }
  await delay(100);
  strictEqual(changes(), 0);
  await host.close();
});

/** Each attribute, and how `ip` shows it after the change. */
const CHANGES: readonly (readonly [string, Partial<VirtualRoute>, RegExp])[] = [
  [
    "gateway",
    { via: "192.168.31.2" },
    /via 192\.168\.31\.2 dev eth0 proto 118 src 192\.168\.31\.5/,
  ],
  [
    "source",
    { source: "192.168.31.6" },
    /via 192\.168\.31\.1 dev eth0 proto 118 src 192\.168\.31\.6/,
  ],
  ["interface", { device: "far0", via: "192.168.32.1" }, /via 192\.168\.32\.1 dev far0/],
];

for (const [what, change, shown] of CHANGES) {
  namespaceTest(import.meta.url, `a route gets another ${what} in its place`, async () => {
    const { host } = open();
    ip("address add 192.168.32.11/24 dev far0");
    strictEqual(host.addRouting(ROUTE), null);
    const changed = { ...ROUTE, ...change };
    strictEqual(host.addRouting(changed), null);
    match(ip("route show 10.1.0.0/16"), shown);
    strictEqual(ip("route show 10.1.0.0/16").trim().split("\n").length, 1);
    strictEqual(host.removeRouting(changed), null);
    strictEqual(ip("route show 10.1.0.0/16"), "");
    await host.close();
  });
}

namespaceTest(
  import.meta.url,
  "a route without a metric is removed, not another of vipd's to the same destination",
  async () => {
    const { host } = open();
    const other = { ...ROUTE, metric: 50 };
    strictEqual(host.addRouting(other), null);
    strictEqual(host.removeRouting(ROUTE), null, "it is not there");
    deepStrictEqual(host.ownRouting().map((entry) => findRouting(other, [entry]).kind), [
      "present",
    ]);
    await host.close();
  },
);
