/**
 * Words that entries of `virtual_routes` and `virtual_rules` share (ip-route(8), ip-rule(8)).
 *
 * @module
 */

import type { Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";

/** The default route has a name in vipd. */
export function asWritten(text: string): string {
  return /^(?:0\.0\.0\.0|::)\/0$/.test(text) ? "default" : text;
}

export function asNumber(text: string): number | null {
  return /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : null;
}

/** Tables with the same name everywhere (`/etc/iproute2/rt_tables`). */
const TABLES: ReadonlyMap<string, number> = new Map([
  ["default", 253],
  ["main", 254],
  ["local", 255],
]);

export function asTable(text: string): number | null {
  return TABLES.get(text) ?? asNumber(text);
}

/** An entry that vipd cannot have; half a route leads somewhere else. */
export function lost(statement: Statement, why: string, report: Report): null {
  report.add(
    "not_carried",
    statement,
    `${why}: vipd has nothing for it, so the entry is left out`,
    "write what it is for in other words, or give it to both nodes for good",
  );
  return null;
}
