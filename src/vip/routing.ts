/**
 * Routes and policy rules that a master adds to its host with the addresses, and removes with them.
 *
 * @module
 */

import type { Family, IpAddress } from "../wire/address.ts";
import type { AddressScope } from "../wire/netlink/rtnetlink.ts";
import {
  type NextHop,
  nextHopsText,
  optionsText,
  type RouteOptions,
  type RouteType,
  sameNextHops,
  sameOptions,
} from "./route_attributes.ts";

/** A network, or one host if the prefix is as long as the address. */
export interface Network {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** `ip route add TO via VIA dev DEVICE src SOURCE metric METRIC table TABLE scope SCOPE`. */
export interface VirtualRoute {
  readonly kind: "route";
  readonly family: Family;
  /** `null` for the default route. */
  readonly to: Network | null;
  readonly via?: IpAddress;
  readonly device?: string;
  /** Source address of packets that the host itself sends over this route. */
  readonly source?: IpAddress;
  /** The kernel's own choice if omitted: 0 for IPv4, 1024 for IPv6. */
  readonly metric?: number;
  readonly table: number;
  /** IPv4 only; if omitted: global with a gateway, link without. */
  readonly scope?: AddressScope;
  /** If given, the packets go nowhere; there is no gateway and no device then. */
  readonly type?: Exclude<RouteType, "unicast">;
  /** IPv4 only: type of service of the packets; any if omitted. */
  readonly tos?: number;
  /** The gateway is on the device's link, whatever the networks of the device are. */
  readonly onLink?: true;
  /** Two or more ways that share the packets, instead of gateway and device. */
  readonly nextHops?: readonly NextHop[];
  readonly options?: RouteOptions;
  /** Present if the kernel's has attributes that cannot be configured, such as a preference. */
  readonly more?: true;
}

/** `ip rule add from FROM to TO fwmark MARK iif DEVICE oif DEVICE lookup TABLE priority PRIORITY`. */
export interface VirtualRule {
  readonly kind: "rule";
  readonly family: Family;
  readonly from?: Network;
  readonly to?: Network;
  readonly fwmark?: number;
  readonly iif?: string;
  readonly oif?: string;
  readonly table: number;
  readonly priority: number;
  /** Present if the kernel's has selectors that cannot be configured, such as a port. */
  readonly more?: true;
}

export type RoutingEntry = VirtualRoute | VirtualRule;

/** The table that the kernel looks up without any custom rule. */
const MAIN_TABLE = 254;

/** True if the host can have only one of the two. */
export function sameRouting(a: RoutingEntry, b: RoutingEntry): boolean {
  return routingIdentity(a) === routingIdentity(b);
}

/** Identifies an entry on its host: a route by its destination, metric, table and type of service. */
export function routingIdentity(entry: RoutingEntry): string {
  const { kind, family, table, to } = entry;
  if (kind === "route") {
    const metric = entry.metric ?? (family === "ipv4" ? 0 : 1024);
    const { tos } = entry;
    return JSON.stringify([kind, family, networkText(to), metric, table, ...(tos ? [tos] : [])]);
  }
  const { from, fwmark, iif, oif, priority } = entry;
  return JSON.stringify([
    kind,
    family,
    ...[from, to].map((network) => network ? networkText(network) : null),
    fwmark,
    iif,
    oif,
    table,
    priority,
  ]);
}

/**
 * The names of the attributes in which the actual entry of one identity differs from the desired one, as the
 * configuration calls them.
 */
export function routingDrift(desired: RoutingEntry, actual: RoutingEntry): string[] {
  // A rule has no attributes that can be configured beyond its identity.
  if (desired.kind === "rule" || actual.kind === "rule") return actual.more ? ["selectors"] : [];
  const same = {
    via: desired.via === actual.via,
    // If none is configured, the kernel derives it from the gateway.
    device: desired.device === undefined || desired.device === actual.device,
    source: desired.source === actual.source,
    scope: desired.family === "ipv6" || routeScope(desired) === routeScope(actual),
    type: desired.type === actual.type,
    on_link: desired.onLink === actual.onLink,
    next_hops: sameNextHops(desired.nextHops ?? [], actual.nextHops ?? []),
    options: sameOptions(desired.options ?? {}, actual.options ?? {}),
    "other attributes": actual.more === undefined,
  };
  return Object.entries(same).filter(([, alike]) => !alike).map(([name]) => name);
}

/** The scope of a route, also if the configuration omits it. */
export function routeScope({ scope, via, nextHops, type }: VirtualRoute): AddressScope {
  const onLink = via === undefined && type === undefined &&
    !nextHops?.some((nextHop) => nextHop.via !== undefined);
  return scope ?? (onLink ? "link" : "global");
}

/** The state of a desired entry on the host. */
export type RoutingFinding =
  | { readonly kind: "present" | "absent" }
  | { readonly kind: "altered"; readonly attributes: readonly string[] };

/** Compares a desired entry with all of vipd's entries on the host. */
export function findRouting(
  desired: RoutingEntry,
  actual: readonly RoutingEntry[],
): RoutingFinding {
  const identity = routingIdentity(desired);
  const same = actual.filter((entry) => routingIdentity(entry) === identity);
  const drifts = same.map((entry) => routingDrift(desired, entry));
  if (drifts.some((attributes) => attributes.length === 0)) return { kind: "present" };
  return drifts.length > 0 ? { kind: "altered", attributes: drifts[0]! } : { kind: "absent" };
}

/** An entry in the words of ip(8): `route default via 192.168.31.1 table 100`. */
export function routingText(entry: RoutingEntry): string {
  const word = (name: string, value: string | number | undefined) =>
    value === undefined ? "" : ` ${name} ${value}`;
  if (entry.kind === "route") {
    const { to, via, device, source, metric, table, scope, type, tos, onLink } = entry;
    return `route ${type === undefined ? "" : `${type} `}${networkText(to)}` + word("tos", tos) +
      word("via", via) + word("dev", device) + (onLink ? " onlink" : "") +
      word("src", source) + word("metric", metric) +
      word("table", table === MAIN_TABLE ? undefined : table) + word("scope", scope) +
      optionsText(entry.options ?? {}) + nextHopsText(entry.nextHops ?? []);
  }
  const { from, to, fwmark, iif, oif, table, priority } = entry;
  return `rule from ${from ? networkText(from) : "all"}` + word("to", to && networkText(to)) +
    word("fwmark", fwmark) + word("iif", iif) + word("oif", oif) + word("lookup", table) +
    word("priority", priority);
}

function networkText(network: Network | null): string {
  return network ? `${network.address}/${network.prefixLength}` : "default";
}
