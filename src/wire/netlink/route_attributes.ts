/**
 * The parts of a route in addition to its way: a type, several next hops, and options for packets that the machine
 * itself sends that way (rtnetlink(7), linux/rtnetlink.h).
 *
 *     struct rtnexthop { unsigned short rtnh_len; unsigned char rtnh_flags, rtnh_hops; int rtnh_ifindex; };
 *
 * @module
 */

import { type Family, formatIp, type IpAddress, parseIp } from "../address.ts";
import { concatenate } from "../octets.ts";
import { decodeAttributes, encodeAttribute, viewOf } from "./netlink.ts";

/** rtm_type of each type of route. */
export const ROUTE_TYPES = {
  unicast: 1,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const;

export type RouteType = keyof typeof ROUTE_TYPES;

/** RTAX_* of each option (ip-route(8)). */
export const ROUTE_OPTIONS = {
  mtu: 2,
  window: 3,
  ssthresh: 6,
  cwnd: 7,
  advmss: 8,
  reordering: 9,
  hoplimit: 10,
  initcwnd: 11,
  initrwnd: 14,
  quickack: 15,
} as const;

export type RouteOption = keyof typeof ROUTE_OPTIONS;

/** The options that a route has, and of these the ones that the machine does not learn better (`lock`). */
export interface RouteOptions extends Readonly<Partial<Record<RouteOption, number>>> {
  readonly lock?: readonly RouteOption[];
}

/** One of several ways of a route; the packets are shared by weight, 1 to 256. */
export interface NextHopMessage {
  readonly gateway?: IpAddress;
  /** Kernel index of the interface. */
  readonly outIndex?: number;
  readonly weight: number;
  readonly onLink: boolean;
}

/** rtnh_flags and rtm_flags: the gateway is on the link, whatever the networks of the interface are. */
export const RTNH_F_ONLINK = 4;

const RTNEXTHOP_OCTETS = 8;
const RTA_GATEWAY = 5;
const RTAX_LOCK = 1;
const OPTION_NAMES = Object.keys(ROUTE_OPTIONS) as RouteOption[];

export function routeTypeOf(number: number): RouteType | undefined {
  return (Object.keys(ROUTE_TYPES) as RouteType[]).find((name) => ROUTE_TYPES[name] === number);
}

/** The value of RTA_METRICS. */
export function encodeRouteOptions(options: RouteOptions): Uint8Array<ArrayBuffer> {
  const lock = (options.lock ?? []).reduce((bits, name) => bits | 1 << ROUTE_OPTIONS[name], 0);
  return concatenate([
    ...(lock === 0 ? [] : [encodeAttribute(RTAX_LOCK, uint32(lock))]),
    ...OPTION_NAMES.flatMap((name) => {
      const value = options[name];
      return value === undefined ? [] : [encodeAttribute(ROUTE_OPTIONS[name], uint32(value))];
    }),
  ]);
}

/** The options in RTA_METRICS that this module knows; `null` if there is none. Never throws. */
export function decodeRouteOptions(octets: Uint8Array): RouteOptions | null {
  const attributes = decodeAttributes(octets);
  const valueOf = (type: number) => {
    const value = attributes.get(type);
    return value?.length === 4 ? viewOf(value).getUint32(0, true) : undefined;
  };
  const values = OPTION_NAMES.flatMap((name) => {
    const value = valueOf(ROUTE_OPTIONS[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  const locked = valueOf(RTAX_LOCK) ?? 0;
  const lock = OPTION_NAMES.filter((name) => locked & 1 << ROUTE_OPTIONS[name]);
  if (values.length + lock.length === 0) return null;
  return { ...Object.fromEntries(values), ...(lock.length > 0 && { lock }) };
}

/** Whether the value of RTA_METRICS has metrics that are none of the options. */
export function hasOtherMetrics(octets: Uint8Array): boolean {
  const known: readonly number[] = [RTAX_LOCK, ...Object.values(ROUTE_OPTIONS)];
  return decodeAttributes(octets).keys().some((type) => !known.includes(type));
}

/** The value of RTA_MULTIPATH. @throws {RangeError} if a gateway is no address. */
export function encodeNextHops(nextHops: readonly NextHopMessage[]): Uint8Array<ArrayBuffer> {
  return concatenate(nextHops.map(({ gateway, outIndex = 0, weight, onLink }) => {
    const attributes = gateway === undefined
      ? new Uint8Array(0)
      : encodeAttribute(RTA_GATEWAY, addressOctets(gateway));
    const octets = new Uint8Array(RTNEXTHOP_OCTETS + attributes.length);
    const view = viewOf(octets);
    view.setUint16(0, octets.length, true);
    octets[2] = onLink ? RTNH_F_ONLINK : 0;
    octets[3] = weight - 1;
    view.setInt32(4, outIndex, true);
    octets.set(attributes, RTNEXTHOP_OCTETS);
    return octets;
  }));
}

/** The next hops in RTA_MULTIPATH; `null` if they are none that this module could encode. Never throws. */
export function decodeNextHops(family: Family, octets: Uint8Array): NextHopMessage[] | null {
  const nextHops: NextHopMessage[] = [];
  for (let at = 0; at + RTNEXTHOP_OCTETS <= octets.length;) {
    const view = viewOf(octets.subarray(at));
    const length = view.getUint16(0, true);
    if (length < RTNEXTHOP_OCTETS || at + length > octets.length) return null;
    const gateway = decodeAttributes(octets.subarray(at + RTNEXTHOP_OCTETS, at + length))
      .get(RTA_GATEWAY);
    if (gateway && gateway.length !== (family === "ipv4" ? 4 : 16)) return null;
    const outIndex = view.getInt32(4, true);
    nextHops.push({
      ...(gateway && { gateway: formatIp(gateway) }),
      ...(outIndex !== 0 && { outIndex }),
      weight: octets[at + 3]! + 1,
      onLink: (octets[at + 2]! & RTNH_F_ONLINK) !== 0,
    });
    // Each begins at a multiple of four octets.
    at += (length + 3) & ~3;
  }
  return nextHops;
}

function addressOctets(address: IpAddress): Uint8Array {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot encode next hop: "${address}" is not an IP address`);
  return octets;
}

function uint32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  viewOf(octets).setUint32(0, value, true);
  return octets;
}
