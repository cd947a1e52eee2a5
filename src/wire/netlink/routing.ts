/**
 * Routes and policy rules in netlink messages (rtnetlink(7), linux/rtnetlink.h, linux/fib_rules.h).
 *
 *     struct rtmsg        { unsigned char rtm_family, rtm_dst_len, rtm_src_len, rtm_tos, rtm_table, rtm_protocol,
 *                           rtm_scope, rtm_type; unsigned rtm_flags; };
 *     struct fib_rule_hdr { __u8 family, dst_len, src_len, tos, table, res1, res2, action; __u32 flags; };
 *
 * @module
 */

import { type Family, formatIp, type IpAddress, parseIp } from "../address.ts";
import { concatenate } from "../octets.ts";
import {
  decodeAttributes,
  decodeText,
  encodeAttribute,
  viewOf,
  zeroTerminated,
} from "./netlink.ts";
import {
  decodeNextHops,
  decodeRouteOptions,
  encodeNextHops,
  encodeRouteOptions,
  hasOtherMetrics,
  type NextHopMessage,
  ROUTE_TYPES,
  type RouteOptions,
  type RouteType,
  routeTypeOf,
  RTNH_F_ONLINK,
} from "./route_attributes.ts";
import { AF_INET, AF_INET6 } from "./rtnetlink.ts";

const HEADER_OCTETS = 12;
const RT_SCOPE_NOWHERE = 255;
/** rtm_flags: a copy that the kernel made of a route; no program added it. */
const RTM_F_CLONED = 0x200;
export const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_METRICS = 8;
const RTA_MULTIPATH = 9;
const RTA_CACHEINFO = 12;
const RTA_TABLE = 15;
const RTA_PREF = 20;

/** Attributes of this module's routes, and those that the kernel gives every route. */
const ROUTE_ATTRIBUTES: ReadonlySet<number> = new Set([
  ...[RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC, RTA_METRICS],
  ...[RTA_MULTIPATH, RTA_CACHEINFO, RTA_TABLE, RTA_PREF],
]);
/** RTA_PREF of a route for which none was asked (RFC 4191 section 2.1). */
const PREFERENCE_MEDIUM = 0;

const FR_ACT_TO_TBL = 1;
/** fib_rule_hdr.flags: the rule applies to packets that do not match. */
const FIB_RULE_INVERT = 2;
const WHOLE_MARK = 0xffffffff;
const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_IIFNAME = 3;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_TABLE = 15;
const FRA_FWMASK = 16;
const FRA_OIFNAME = 17;
const FRA_PROTOCOL = 21;
/** Suppressors that are off, which the kernel shows as 0xffffffff. */
const FRA_SUPPRESS_IFGROUP = 13;
const FRA_SUPPRESS_PREFIXLEN = 14;
const SUPPRESSES_NOTHING = 0xffffffff;
const RULE_ATTRIBUTES: ReadonlySet<number> = new Set([
  ...[FRA_DST, FRA_SRC, FRA_IIFNAME, FRA_PRIORITY, FRA_FWMARK, FRA_TABLE, FRA_FWMASK],
  ...[FRA_OIFNAME, FRA_PROTOCOL],
]);

/** A prefix; a length of 0 matches everything. */
export interface Prefix {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** The destination of routes, whatever their gateway. */
export interface RouteDestination {
  readonly family: Family;
  /** `null` for everywhere. */
  readonly to: Prefix | null;
}

/** A route: to a gateway, out of an interface, both, over several next hops, or to nowhere. */
export interface RouteMessage {
  readonly family: Family;
  /** `null` for the default route. */
  readonly to: Prefix | null;
  readonly gateway?: IpAddress;
  /** Kernel index of the interface. */
  readonly outIndex?: number;
  readonly source?: IpAddress;
  readonly metric?: number;
  readonly table: number;
  /** A number of rtnetlink(7): 0 global, 253 link, 254 host, 255 any, for a removal. */
  readonly scope: number;
  readonly protocol: number;
  /** Unicast if omitted. */
  readonly type?: Exclude<RouteType, "unicast">;
  /** Type of service of the packets, IPv4; 0 if omitted: any. */
  readonly tos?: number;
  /** True if the gateway is on the link, whatever the networks of the interface are. */
  readonly onLink?: true;
  readonly nextHops?: readonly NextHopMessage[];
  readonly options?: RouteOptions;
  /** Present if it has attributes beyond these, such as a preference; they are not encoded. */
  readonly more?: true;
}

/** A rule that looks up a table. */
export interface RuleMessage {
  readonly family: Family;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly fwmark?: number;
  readonly iif?: string;
  readonly oif?: string;
  readonly table: number;
  readonly priority: number;
  readonly protocol: number;
  /** Present if it has selectors or actions beyond these, such as a port; they are not encoded. */
  readonly more?: true;
}

/** Matches a route of any scope in a removal. */
export const ANY_SCOPE = RT_SCOPE_NOWHERE;

/**
 * The payload of RTM_NEWROUTE or RTM_DELROUTE.
 *
 * @throws {RangeError} if an address is not one.
 */
export function encodeRoute(route: RouteMessage): Uint8Array<ArrayBuffer> {
  const header = familyHeader(route.family);
  header[1] = route.to?.prefixLength ?? 0;
  // The table's number goes into an attribute, because it may be too large for the header.
  header[5] = route.protocol;
  header[3] = route.tos ?? 0;
  header[6] = route.scope;
  header[7] = ROUTE_TYPES[route.type ?? "unicast"];
  if (route.onLink) viewOf(header).setUint32(8, RTNH_F_ONLINK, true);
  return concatenate([
    header,
    ...(route.to ? [encodeAttribute(RTA_DST, addressOctets(route.to.address))] : []),
    ...optional(RTA_OIF, route.outIndex, number),
    ...optional(RTA_GATEWAY, route.gateway, addressOctets),
    ...optional(RTA_PRIORITY, route.metric, number),
    ...optional(RTA_PREFSRC, route.source, addressOctets),
    ...optional(RTA_METRICS, route.options, encodeRouteOptions),
    ...optional(RTA_MULTIPATH, route.nextHops, encodeNextHops),
    encodeAttribute(RTA_TABLE, number(route.table)),
  ]);
}

/** The route in the payload of RTM_NEWROUTE, or `null` if it is none that this module could encode. Never throws. */
export function decodeRoute(payload: Uint8Array): RouteMessage | null {
  const family = familyIn(payload);
  const type = family && routeTypeOf(payload[7]!);
  if (!family || !type) return null;
  const flags = viewOf(payload).getUint32(8, true);
  if (flags & RTM_F_CLONED) return null;
  const attributes = decodeAttributes(payload.subarray(HEADER_OCTETS));
  const to = attributes.get(RTA_DST);
  const gateway = attributes.get(RTA_GATEWAY);
  const source = attributes.get(RTA_PREFSRC);
  if (![to, gateway, source].every((it) => isAddressOf(family, it))) return null;
  const outIndex = readNumber(attributes.get(RTA_OIF));
  const metric = readNumber(attributes.get(RTA_PRIORITY));
  const multipath = attributes.get(RTA_MULTIPATH);
  const nextHops = multipath && decodeNextHops(family, multipath);
  if (nextHops === null) return null;
  const metrics = attributes.get(RTA_METRICS);
  const options = metrics && decodeRouteOptions(metrics);
  return {
    family,
    to: to ? { address: formatIp(to), prefixLength: payload[1]! } : null,
    ...(gateway && { gateway: formatIp(gateway) }),
    ...(outIndex !== undefined && { outIndex }),
    ...(source && { source: formatIp(source) }),
    ...(metric !== undefined && { metric }),
    table: readNumber(attributes.get(RTA_TABLE)) ?? payload[4]!,
    scope: payload[6]!,
    protocol: payload[5]!,
    ...(type !== "unicast" && { type }),
    ...(payload[3] !== 0 && { tos: payload[3]! }),
    ...((flags & RTNH_F_ONLINK) !== 0 && { onLink: true }),
    ...(nextHops && { nextHops }),
    ...(options && { options }),
    ...(routeHasMore(payload, attributes) && { more: true as const }),
  };
}

/**
 * The payload of RTM_NEWRULE or RTM_DELRULE.
 *
 * @throws {RangeError} if an address is not one.
 */
export function encodeRule(rule: RuleMessage): Uint8Array<ArrayBuffer> {
  const header = familyHeader(rule.family);
  header[1] = rule.to?.prefixLength ?? 0;
  header[2] = rule.from?.prefixLength ?? 0;
  header[7] = FR_ACT_TO_TBL;
  return concatenate([
    header,
    ...optional(FRA_DST, rule.to?.address, addressOctets),
    ...optional(FRA_SRC, rule.from?.address, addressOctets),
    ...optional(FRA_IIFNAME, rule.iif, zeroTerminated),
    ...optional(FRA_OIFNAME, rule.oif, zeroTerminated),
    ...optional(FRA_FWMARK, rule.fwmark, number),
    encodeAttribute(FRA_PRIORITY, number(rule.priority)),
    encodeAttribute(FRA_TABLE, number(rule.table)),
    encodeAttribute(FRA_PROTOCOL, Uint8Array.of(rule.protocol)),
  ]);
}

/** The rule in the payload of RTM_NEWRULE, or `null` if it is none that this module could encode. Never throws. */
export function decodeRule(payload: Uint8Array): RuleMessage | null {
  const family = familyIn(payload);
  if (!family || payload[7] !== FR_ACT_TO_TBL) return null;
  if (viewOf(payload).getUint32(8, true) & FIB_RULE_INVERT) return null;
  const attributes = decodeAttributes(payload.subarray(HEADER_OCTETS));
  const fwmark = readNumber(attributes.get(FRA_FWMARK));
  const mask = readNumber(attributes.get(FRA_FWMASK)) ?? WHOLE_MARK;
  // A part of the mark would be another selector. With a mask of 0 the kernel does not look at the mark.
  if (mask !== 0 && mask !== WHOLE_MARK) return null;
  const iif = attributes.get(FRA_IIFNAME);
  const oif = attributes.get(FRA_OIFNAME);
  const to = attributes.get(FRA_DST);
  const from = attributes.get(FRA_SRC);
  if (![to, from].every((it) => isAddressOf(family, it))) return null;
  return {
    family,
    ...(from && { from: { address: formatIp(from), prefixLength: payload[2]! } }),
    ...(to && { to: { address: formatIp(to), prefixLength: payload[1]! } }),
    ...(fwmark !== undefined && mask !== 0 && { fwmark }),
    ...(iif && { iif: decodeText(iif) }),
    ...(oif && { oif: decodeText(oif) }),
    table: readNumber(attributes.get(FRA_TABLE)) ?? payload[4]!,
    priority: readNumber(attributes.get(FRA_PRIORITY)) ?? 0,
    protocol: attributes.get(FRA_PROTOCOL)?.[0] ?? 0,
    ...(ruleHasMore(payload, attributes) && { more: true as const }),
  };
}

function routeHasMore(payload: Uint8Array, attributes: ReadonlyMap<number, Uint8Array>): boolean {
  const sourceLength = payload[2];
  return sourceLength !== 0 || hasOtherMetrics(attributes.get(RTA_METRICS) ?? new Uint8Array(0)) ||
    (attributes.get(RTA_PREF)?.[0] ?? PREFERENCE_MEDIUM) !== PREFERENCE_MEDIUM ||
    attributes.keys().some((type) => !ROUTE_ATTRIBUTES.has(type));
}

function ruleHasMore(payload: Uint8Array, attributes: ReadonlyMap<number, Uint8Array>): boolean {
  const suppresses = [FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN];
  return payload[3] !== 0 ||
    attributes.entries().some(([type, value]) =>
      suppresses.includes(type)
        ? readNumber(value) !== SUPPRESSES_NOTHING
        : !RULE_ATTRIBUTES.has(type)
    );
}

/**
 * The payload that asks for the routes, or the rules, of a family. The kernel omits routes of other protocols than
 * `protocol` if it looks at that (NETLINK_GET_STRICT_CHK, since Linux 4.20); it never omits rules.
 */
export function encodeRoutingQuery(family: Family, protocol = 0): Uint8Array<ArrayBuffer> {
  const header = familyHeader(family);
  header[5] = protocol;
  return header;
}

function familyHeader(family: Family): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_OCTETS);
  header[0] = family === "ipv4" ? AF_INET : AF_INET6;
  return header;
}

function familyIn(payload: Uint8Array): Family | null {
  if (payload.length < HEADER_OCTETS) return null;
  if (payload[0] === AF_INET) return "ipv4";
  return payload[0] === AF_INET6 ? "ipv6" : null;
}

/** An absent attribute is valid, too. */
function isAddressOf(family: Family, octets: Uint8Array | undefined): boolean {
  return octets === undefined || octets.length === (family === "ipv4" ? 4 : 16);
}

function optional<T>(
  type: number,
  value: T | undefined,
  encode: (value: T) => Uint8Array,
): Uint8Array[] {
  return value === undefined ? [] : [encodeAttribute(type, encode(value))];
}

function addressOctets(address: IpAddress): Uint8Array {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot encode route: "${address}" is not an IP address`);
  return octets;
}

function number(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  viewOf(octets).setUint32(0, value, true);
  return octets;
}

function readNumber(octets: Uint8Array | undefined): number | undefined {
  return octets?.length === 4 ? viewOf(octets).getUint32(0, true) : undefined;
}
