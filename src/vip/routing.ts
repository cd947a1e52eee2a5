/**
 * Routes and policy rules that a master puts on its host beside the addresses, and takes away with them.
 *
 * @module
 */

import type { Family, IpAddress } from "../wire/address.ts";
import type { AddressScope } from "../wire/rtnetlink.ts";

/** A network, or one host where the prefix is as long as the address. */
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
  /** Source address of what the host itself sends this way. */
  readonly source?: IpAddress;
  /** The kernel's own choice where it is not said: 0 for IPv4, 1024 for IPv6. */
  readonly metric?: number;
  readonly table: number;
  /** IPv4 only; where it is not said: global with a gateway, link without. */
  readonly scope?: AddressScope;
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
}

export type RoutingEntry = VirtualRoute | VirtualRule;

/** The table that is looked up without any rule of one's own. */
const MAIN_TABLE = 254;

/** True when the host can have only one of the two. */
export function sameRouting(a: RoutingEntry, b: RoutingEntry): boolean {
  return routingIdentity(a) === routingIdentity(b);
}

/** What tells an entry from all others of its host: of a route its destination, metric and table. */
export function routingIdentity(entry: RoutingEntry): string {
  const { kind, family, table, to } = entry;
  if (kind === "route") {
    const metric = entry.metric ?? (family === "ipv4" ? 0 : 1024);
    return JSON.stringify([kind, family, networkText(to), metric, table]);
  }
  const { from, fwmark, iif, oif, priority } = entry;
  return JSON.stringify([
    kind,
    family,
    from && networkText(from),
    to && networkText(to),
    fwmark,
    iif,
    oif,
    table,
    priority,
  ]);
}

/** An entry in the words of ip(8): `route default via 192.168.31.1 table 100`. */
export function routingText(entry: RoutingEntry): string {
  const word = (name: string, value: string | number | undefined) =>
    value === undefined ? "" : ` ${name} ${value}`;
  if (entry.kind === "route") {
    const { to, via, device, source, metric, table, scope } = entry;
    return `route ${networkText(to)}` + word("via", via) + word("dev", device) +
      word("src", source) + word("metric", metric) +
      word("table", table === MAIN_TABLE ? undefined : table) + word("scope", scope);
  }
  const { from, to, fwmark, iif, oif, table, priority } = entry;
  return `rule from ${from ? networkText(from) : "all"}` + word("to", to && networkText(to)) +
    word("fwmark", fwmark) + word("iif", iif) + word("oif", oif) + word("lookup", table) +
    word("priority", priority);
}

function networkText(network: Network | null): string {
  return network ? `${network.address}/${network.prefixLength}` : "default";
}
