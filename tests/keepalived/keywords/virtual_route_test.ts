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
