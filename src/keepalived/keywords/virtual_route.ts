/**
 * Entries of `virtual_routes` and `virtual_rules`, in the words of ip-route(8) and ip-rule(8). If an entry has a word
 * that vipd has no key for, the import omits the whole entry: half a route leads somewhere else.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import type { Entry } from "../entry.ts";
import type { Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";

/** The key of vipd that an option becomes, and how its value is read. */
interface Option {
  readonly key: string;
  readonly read: (text: string) => string | number | null;
}

/** The default route has a name in vipd. */
const asWritten = (text: string) => /^(?:0\.0\.0\.0|::)\/0$/.test(text) ? "default" : text;
const asNumber = (text: string) =>
  /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : null;

/** Tables with the same name everywhere (`/etc/iproute2/rt_tables`). */
const TABLES: ReadonlyMap<string, number> = new Map([
  ["default", 253],
  ["main", 254],
  ["local", 255],
]);

const table: Option = { key: "table", read: (text) => TABLES.get(text) ?? asNumber(text) };
const address = (key: string): Option => ({ key, read: asWritten });
const number = (key: string): Option => ({ key, read: asNumber });

const ROUTE_OPTIONS: ReadonlyMap<string, Option> = new Map([
  ["to", address("to")],
  ["via", address("via")],
  ["gw", address("via")],
  ["dev", address("device")],
  ["oif", address("device")],
  ["src", address("source")],
  ["metric", number("metric")],
  ["preference", number("metric")],
  ["priority", number("metric")],
  ["table", table],
  ["scope", {
    key: "scope",
    read: (text) => ["global", "link", "host"].includes(text) ? text : null,
  }],
]);

const RULE_OPTIONS: ReadonlyMap<string, Option> = new Map([
  ["from", address("from")],
  ["to", address("to")],
  ["fwmark", number("fwmark")],
  ["iif", address("iif")],
  ["dev", address("iif")],
  ["oif", address("oif")],
  ["table", table],
  ["lookup", table],
  ["priority", number("priority")],
  ["preference", number("priority")],
  ["order", number("priority")],
]);

/** Words without information: the family, and the type of an ordinary route. */
const SILENT: ReadonlySet<string> = new Set(["inet", "inet6", "unicast"]);

/** The types of routes that are not ordinary. */
const TYPES: ReadonlySet<string> = new Set([
  ...["local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole", "nat"],
]);

/** An entry of `routes`; `null`, with a finding, if vipd has no equivalent. */
export function readRoute(statement: Statement, report: Report): Entry | null {
  const value = readOptions(statement, ROUTE_OPTIONS, "to", report);
  if (value === null) return null;
  if (value.to === undefined) return lost(statement, "it has no destination", report);
  return { value, statement };
}

/** An entry of `rules`, possibly without a priority; `null`, with a finding, if vipd has no equivalent. */
export function readRule(statement: Statement, report: Report): Entry | null {
  const value = readOptions(statement, RULE_OPTIONS, null, report);
  if (value === null) return null;
  for (const end of ["from", "to"]) if (value[end] === "all") delete value[end];
  if (value.table === undefined) return lost(statement, "it names no table", report);
  return { value, statement };
}

function readOptions(
  statement: Statement,
  options: ReadonlyMap<string, Option>,
  first: string | null,
  report: Report,
): Record<string, string | number> | null {
  const value: Record<string, string | number> = {};
  const words = [statement.keyword, ...statement.words].filter((word) => !SILENT.has(word));
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const option = options.get(word);
    if (option) {
      const text = words[++at] ?? "";
      const read = text === "" ? null : option.read(text);
      if (read === null) return lost(statement, `${quote(`${word} ${text}`.trim())}`, report);
      value[option.key] = read;
    } else if (first !== null && value[first] === undefined && !TYPES.has(word)) {
      value[first] = asWritten(word);
    } else return lost(statement, quote(words.slice(at).join(" ")), report);
  }
  return value;
}

function lost(statement: Statement, why: string, report: Report): null {
  report.add(
    "not_carried",
    statement,
    `${why}: vipd has nothing for it, so the entry is left out`,
    "write what it is for in other words, or give it to both nodes for good",
  );
  return null;
}
