/**
 * Entries of `virtual_routes`, in the words of ip-route(8). If an entry has a word that vipd has no key for, the import
 * omits the whole entry.
 *
 * @module
 */

import { quote } from "../../config/values/result.ts";
import {
  ROUTE_OPTIONS,
  ROUTE_TYPES,
  type RouteOption,
} from "../../wire/netlink/route_attributes.ts";
import type { Entry } from "../entry.ts";
import { NOTHING_TO_DO, type Report } from "../finding.ts";
import type { Statement } from "../syntax/statement.ts";
import { asNumber, asTable, asWritten, lost } from "./routing_words.ts";

type RouteData = Record<string, unknown>;

/** Reads the words from `at` on, the option's own included, into `route`: the index of the next; `null` if it cannot. */
type ReadOption = (words: readonly string[], at: number, route: RouteData) => number | null;

function value(key: string, read: (text: string) => string | number | null): ReadOption {
  return (words, at, route) => {
    const text = words[at + 1] ?? "";
    const found = text === "" ? null : read(text);
    if (found === null) return null;
    route[key] = found;
    return at + 2;
  };
}

/** `via [inet|inet6] ADDRESS`. */
const VIA: ReadOption = (words, at, route) => {
  const named = words[at + 1] === "inet" || words[at + 1] === "inet6";
  return value("via", asWritten)(words, named ? at + 1 : at, route);
};

/** The kernel's own metric is 0 for IPv4, and what 0 becomes for IPv6. */
const METRIC: ReadOption = (words, at, route) => {
  const next = value("metric", asNumber)(words, at, route);
  if (route.metric === 0) delete route.metric;
  return next;
};

/** `mtu [lock] NUMBER`. */
function option(name: RouteOption): ReadOption {
  return (words, at, route) => {
    const locked = words[at + 1] === "lock";
    const read = asNumber(words[at + (locked ? 2 : 1)] ?? "");
    if (read === null) return null;
    const options = (route.options ?? {}) as { lock?: string[] };
    route.options = {
      ...options,
      [name]: read,
      ...(locked && { lock: [...options.lock ?? [], name] }),
    };
    return at + (locked ? 3 : 2);
  };
}

/** `via ADDRESS or ADDRESS`, the former way to write two next hops. */
const OR: ReadOption = (words, at, route) => {
  const other = words[at + 1];
  if (other === undefined || route.via === undefined) return null;
  route.next_hops = [{ via: route.via }, { via: asWritten(other) }];
  delete route.via;
  return at + 2;
};

/** Words that change nothing: the route's mark and place are vipd's, and vipd puts back what another program removes. */
const without = (count: number): ReadOption => (_, at) => at + 1 + count;

const WAY: Readonly<Record<string, ReadOption>> = {
  via: VIA,
  dev: value("device", asWritten),
  onlink: (_, at, route) => {
    route.on_link = true;
    return at + 1;
  },
};

const OPTIONS: ReadonlyMap<string, ReadOption> = new Map(Object.entries<ReadOption>({
  ...WAY,
  gw: VIA,
  to: value("to", asWritten),
  oif: value("device", asWritten),
  src: value("source", asWritten),
  ...{ metric: METRIC, preference: METRIC, priority: METRIC },
  table: value("table", asTable),
  tos: value("tos", asNumber),
  dsfield: value("tos", asNumber),
  scope: value("scope", (text) => ["global", "link", "host"].includes(text) ? text : null),
  ...Object.fromEntries(
    Object.keys(ROUTE_OPTIONS).map((name) => [name, option(name as RouteOption)]),
  ),
  or: OR,
  ...{ inet: without(0), inet6: without(0), unicast: without(0) },
  ...{ no_track: without(0), add: without(0), append: without(0), prepend: without(0) },
  protocol: without(1),
}));

const NEXT_HOP_OPTIONS: ReadonlyMap<string, ReadOption> = new Map(Object.entries<ReadOption>({
  ...WAY,
  weight: value("weight", asNumber),
}));

/** The types of routes that vipd does not have. */
const OTHER_TYPES: ReadonlySet<string> = new Set([
  ...["local", "broadcast", "multicast", "anycast", "nat", "xresolve"],
]);

/** An entry of `routes`; `null`, with a finding, if vipd has no equivalent. */
export function readRoute(statement: Statement, report: Report): Entry | null {
  const words = [statement.keyword, ...statement.words];
  const route: RouteData = {};
  for (let at = 0; at < words.length;) {
    const word = words[at]!;
    const rest = () => quote(words.slice(at).join(" "));
    if (word === "nexthop") {
      const nextHops = readNextHops(words, at);
      if (nextHops === null) return lost(statement, rest(), report);
      route.next_hops = nextHops;
      break;
    }
    const read = OPTIONS.get(word);
    const next = read ? read(words, at, route) : readDestination(word, route) ? at + 1 : null;
    if (next === null || next > words.length) return lost(statement, rest(), report);
    reportOwnMark(word, statement, report);
    at = next;
  }
  if (route.to === undefined) return lost(statement, "it has no destination", report);
  return { value: route, statement };
}

/** A word without an option before it: a type, or the destination. */
function readDestination(word: string, route: RouteData): boolean {
  if (word !== "unicast" && Object.hasOwn(ROUTE_TYPES, word)) {
    route.type = word;
    return true;
  }
  if (route.to !== undefined || OTHER_TYPES.has(word)) return false;
  route.to = asWritten(word);
  return true;
}

/** `nexthop via ADDRESS dev NAME weight NUMBER`, once for each. */
function readNextHops(words: readonly string[], start: number): RouteData[] | null {
  const nextHops: RouteData[] = [];
  for (let at = start; at < words.length;) {
    if (words[at] === "nexthop") {
      nextHops.push({});
      at++;
      continue;
    }
    const next = NEXT_HOP_OPTIONS.get(words[at]!)?.(words, at, nextHops.at(-1)!) ?? null;
    if (next === null) return null;
    at = next;
  }
  return nextHops;
}

function reportOwnMark(word: string, statement: Statement, report: Report): void {
  const message = word === "protocol"
    ? "the route has the protocol 118, which marks what is vipd's"
    : word === "no_track"
    ? "vipd puts back a route that another program removed"
    : null;
  if (message === null) return;
  report.add("carried_differently", statement, `${word}: ${message}`, NOTHING_TO_DO);
}
