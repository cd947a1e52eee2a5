/** How one entry of `virtual_routes` is read. */

import { deepStrictEqual } from "node:assert/strict";
import { Report } from "../../../src/keepalived/finding.ts";
import { readRoute } from "../../../src/keepalived/keywords/virtual_route.ts";
import { parseText } from "../support.ts";

function read(line: string) {
  const report = new Report();
  const [statement] = parseText(line).statements;
  const route = readRoute(statement!, report)?.value ?? null;
  return { route, findings: report.sorted([]).map(({ message }) => message) };
}

/** Each is followed by the destination, which no word may take for its value. */
for (const word of ["inet", "inet6", "unicast", "add", "append", "prepend"]) {
  Deno.test(`${word} changes nothing of a route`, () => {
    const route = { to: "10.9.0.0/16", via: "10.0.0.1" };
    deepStrictEqual(read(`${word} 10.9.0.0/16 via 10.0.0.1`), { route, findings: [] });
  });
}

/** As rt_tables of iproute2 has them. */
const TABLES: readonly [name: string, number: number][] = [
  ["default", 253],
  ["main", 254],
  ["local", 255],
];

for (const [name, table] of TABLES) {
  Deno.test(`the table ${name} becomes its number`, () => {
    const route = { to: "10.9.0.0/16", via: "10.0.0.1", table };
    deepStrictEqual(read(`10.9.0.0/16 via 10.0.0.1 table ${name}`), { route, findings: [] });
  });
}

const TO = "10.9.0.0/16";
const WAYS: readonly [words: string, route: Record<string, unknown>][] = [
  ["via 10.0.0.1", { via: "10.0.0.1" }],
  ["via inet 10.0.0.1", { via: "10.0.0.1" }],
  ["via inet6 fe80::1", { via: "fe80::1" }],
  ["via 10.0.0.1 or 10.0.0.2", { next_hops: [{ via: "10.0.0.1" }, { via: "10.0.0.2" }] }],
  ["via 10.0.0.1 metric 0", { via: "10.0.0.1" }],
  ["via 10.0.0.1 metric 1", { via: "10.0.0.1", metric: 1 }],
  ["via 10.0.0.1 mtu 1400", { via: "10.0.0.1", options: { mtu: 1400 } }],
  ["via 10.0.0.1 mtu lock 1400", { via: "10.0.0.1", options: { mtu: 1400, lock: ["mtu"] } }],
  ["via 10.0.0.1 mtu lock 1400 advmss lock 1360", {
    via: "10.0.0.1",
    options: { mtu: 1400, advmss: 1360, lock: ["mtu", "advmss"] },
  }],
];

for (const [words, route] of WAYS) {
  Deno.test(`the way ${words} becomes what it means`, () => {
    deepStrictEqual(read(`${TO} ${words}`), { route: { to: TO, ...route }, findings: [] });
  });
}

for (
  const words of [
    "via",
    "via 10.0.0.1 mtu",
    "via 10.0.0.1 mtu lots",
    "via 10.0.0.1 mtu lock",
    "via 10.0.0.1 metric lots",
    "or 10.0.0.2",
    "via 10.0.0.1 or",
    "nexthop via",
    "nexthop to 10.0.0.1",
  ]
) {
  Deno.test(`the way ${words} is no route`, () => {
    const { route, findings } = read(`${TO} ${words}`);
    deepStrictEqual([route, findings.length], [null, 1], findings.join("\n"));
  });
}
