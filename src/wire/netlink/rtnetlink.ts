/**
 * Links and addresses in netlink messages (rtnetlink(7)).
 *
 *     struct ifinfomsg { unsigned char ifi_family; unsigned char pad; unsigned short ifi_type;
 *                        int ifi_index; unsigned ifi_flags; unsigned ifi_change; };
 *     struct ifaddrmsg { __u8 ifa_family; __u8 ifa_prefixlen; __u8 ifa_flags; __u8 ifa_scope; __u32 ifa_index; };
 *
 * @module
 */

import { familyOf, formatIp, type IpAddress, type MacAddress, parseIp } from "../address.ts";
import {
  decodeAttributes,
  decodeText,
  encodeWithAttributes,
  viewOf,
  zeroTerminated,
} from "./netlink.ts";

/** Multicast groups as bits of sockaddr_nl.nl_groups. */
export const RTMGRP_LINK = 0x1;
export const RTMGRP_IPV4_IFADDR = 0x10;
export const RTMGRP_IPV4_ROUTE = 0x40;
export const RTMGRP_IPV4_RULE = 0x80;
export const RTMGRP_IPV6_IFADDR = 0x100;
export const RTMGRP_IPV6_ROUTE = 0x400;
/** RTNLGRP_IPV6_RULE, which has no name as a bit. */
export const RTMGRP_IPV6_RULE = 0x40000;

/** Interface flags, netdevice(7). */
export const IFF_UP = 0x1;
export const IFF_RUNNING = 0x40;

/** ifa_flags: not the first address of its prefix on the interface. */
export const IFA_F_SECONDARY = 0x1;
/** ifa_flags: no duplicate address detection (IPv6). */
export const IFA_F_NODAD = 0x2;
/** ifa_flags: in use although the kernel has not verified yet that it is unique (RFC 4429). */
export const IFA_F_OPTIMISTIC = 0x4;
/** ifa_flags: another machine has it (IPv6). */
export const IFA_F_DADFAILED = 0x8;
/** ifa_flags: home address of a mobile node (IPv6). */
export const IFA_F_HOMEADDRESS = 0x10;
/**
 * ifa_flags: its preferred lifetime is over. It answers, but the host begins no new connections from it (RFC 4862
 * section 5.5.4).
 */
export const IFA_F_DEPRECATED = 0x20;
/** ifa_flags: it has no lifetime. */
export const IFA_F_PERMANENT = 0x80;
/** ifa_flags: the kernel makes temporary addresses from it (IPv6). */
export const IFA_F_MANAGETEMPADDR = 0x100;
/** ifa_flags: the kernel adds no route for its network. */
export const IFA_F_NOPREFIXROUTE = 0x200;
/** ifa_flags: the kernel has not verified yet that it is unique (IPv6). */
export const IFA_F_TENTATIVE = 0x40;

const AF_UNSPEC = 0;
/** Address families, socket(2). */
export const AF_INET = 2;
export const AF_INET6 = 10;

const IFINFOMSG_OCTETS = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_LINK = 5;
export const IFLA_LINKINFO = 18;
const IFLA_IFALIAS = 20;
/** Attributes within IFLA_LINKINFO. */
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
/** The kind of an interface that has its own MAC address on top of another (linux/if_link.h). */
export const MACVLAN = "macvlan";
/** Attributes within its IFLA_INFO_DATA. */
export const IFLA_MACVLAN_MODE = 1;
export const MACVLAN_MODE_VEPA = 2;

const IFADDRMSG_OCTETS = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
export const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
export const IFA_PROTO = 11;

/** struct ifa_cacheinfo { __u32 ifa_prefered; __u32 ifa_valid; __u32 cstamp; __u32 tstamp; }; lifetimes in seconds. */
const CACHEINFO_OCTETS = 16;
const UPDATED_AT = 12;
const INFINITY_LIFE_TIME = 0xffffffff;

/** The contents of a message about a link. */
export interface LinkMessage {
  readonly index: number;
  /** IFF_UP and so on. */
  readonly flags: number;
  readonly name: string;
  /** Empty if the link has none. */
  readonly mac: MacAddress;
  /** A note that a program or a person left on it. */
  readonly alias?: string;
  /** Kernel index of the interface below, if there is one. */
  readonly lowerIndex?: number;
  /** Of a macvlan: its MACVLAN_MODE. */
  readonly macvlanMode?: number;
}

/** The contents of a message about an address. */
export interface AddressMessage {
  readonly index: number;
  /** The interface's own address; on a point-to-point link not the peer's. */
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** rtnetlink(7): 0 global, 253 link, 254 host. */
  readonly scope: number;
  /** The other end of a point-to-point link. */
  readonly peer?: IpAddress;
  /** IFA_F_SECONDARY and so on. */
  readonly flags: number;
  /** IPv4 only. */
  readonly label?: string;
  /** IPv4 only. */
  readonly broadcast?: IpAddress;
  /** The program that added it, as a number that programs choose for themselves (since Linux 5.18). */
  readonly protocol?: number;
  /** When its lifetimes were last set, in hundredths of a second since the boot. */
  readonly updatedAtCs?: number;
}

/** An address to add or remove. */
export interface AddressRequest {
  readonly index: number;
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** IPv4 only, at most 15 octets. */
  readonly label?: string;
  /** IPv4 only; global if omitted. The kernel derives the scope of an IPv6 address itself. */
  readonly scope?: AddressScope;
  /** IPv4 only; without it the address has none. */
  readonly broadcast?: IpAddress;
  readonly protocol?: number;
  /** After how many seconds the kernel removes the address; without it never. */
  readonly validSeconds?: number;
}

/** How far an IPv4 address or route is valid, and its number in rtnetlink(7). */
export const SCOPES = { global: 0, link: 253, host: 254 } as const;
export type AddressScope = keyof typeof SCOPES;

/** The name of a scope's number; `undefined` if vipd cannot configure it. */
export function scopeName(scope: number): AddressScope | undefined {
  return (Object.keys(SCOPES) as AddressScope[]).find((name) => SCOPES[name] === scope);
}

/**
 * The link in the payload of RTM_NEWLINK or RTM_DELLINK, or `null` if it is none. Never throws.
 *
 * A message of another family than AF_UNSPEC is none: AF_BRIDGE's RTM_DELLINK means that a link has left its bridge,
 * not that it is gone.
 */
export function decodeLink(payload: Uint8Array): LinkMessage | null {
  if (payload.length < IFINFOMSG_OCTETS || payload[0] !== AF_UNSPEC) return null;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(IFINFOMSG_OCTETS));
  const name = attributes.get(IFLA_IFNAME);
  if (!name) return null;
  const alias = attributes.get(IFLA_IFALIAS);
  const lower = attributes.get(IFLA_LINK);
  const macvlanMode = macvlanModeIn(attributes.get(IFLA_LINKINFO));
  return {
    index: view.getInt32(4, true),
    flags: view.getUint32(8, true),
    name: decodeText(name),
    mac: Uint8Array.from(attributes.get(IFLA_ADDRESS) ?? []),
    ...(alias && { alias: decodeText(alias) }),
    ...(lower?.length === 4 && { lowerIndex: viewOf(lower).getUint32(0, true) }),
    ...(macvlanMode !== null && { macvlanMode }),
  };
}

function macvlanModeIn(linkInfo: Uint8Array | undefined): number | null {
  if (!linkInfo) return null;
  const info = decodeAttributes(linkInfo);
  const kind = info.get(IFLA_INFO_KIND);
  const data = info.get(IFLA_INFO_DATA);
  if (!kind || !data || decodeText(kind) !== MACVLAN) return null;
  const mode = decodeAttributes(data).get(IFLA_MACVLAN_MODE);
  return mode?.length === 4 ? viewOf(mode).getUint32(0, true) : null;
}

/** The address in the payload of RTM_NEWADDR or RTM_DELADDR, or `null` if it is none. Never throws. */
export function decodeAddress(payload: Uint8Array): AddressMessage | null {
  const addressOctets = { [AF_INET]: 4, [AF_INET6]: 16 }[payload[0]!];
  const attributes = decodeAttributes(payload.subarray(IFADDRMSG_OCTETS));
  const far = attributes.get(IFA_ADDRESS);
  const address = attributes.get(IFA_LOCAL) ?? far;
  if (!addressOctets || address?.length !== addressOctets) return null;
  const peer = far?.length === addressOctets && far.join() !== address.join() ? far : null;
  const label = attributes.get(IFA_LABEL);
  const broadcast = attributes.get(IFA_BROADCAST);
  const protocol = attributes.get(IFA_PROTO)?.[0];
  const lifetimes = attributes.get(IFA_CACHEINFO);
  // IFA_FLAGS holds all flags, also those that do not fit into the header's eight bits.
  const wideFlags = attributes.get(IFA_FLAGS);
  return {
    index: viewOf(payload).getUint32(4, true),
    address: formatIp(address),
    prefixLength: payload[1]!,
    scope: payload[3]!,
    ...(peer && { peer: formatIp(peer) }),
    flags: wideFlags?.length === 4 ? viewOf(wideFlags).getUint32(0, true) : payload[2]!,
    ...(label && { label: decodeText(label) }),
    ...(broadcast?.length === 4 && { broadcast: formatIp(broadcast) }),
    ...(protocol !== undefined && { protocol }),
    ...(lifetimes?.length === CACHEINFO_OCTETS && {
      updatedAtCs: viewOf(lifetimes).getUint32(UPDATED_AT, true),
    }),
  };
}

/** The payload that asks for all links (RTM_GETLINK as a dump), or for one. */
export function encodeLinkQuery(index = 0): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(IFINFOMSG_OCTETS);
  viewOf(octets).setInt32(4, index, true);
  return octets;
}

/** The payload that asks for all addresses of both families. */
export function encodeAddressQuery(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(IFADDRMSG_OCTETS);
}

/**
 * The payload of RTM_NEWADDR or RTM_DELADDR.
 *
 * An IPv6 address gets no duplicate address detection. If the other node still had the address, a new master would lose
 * it for ever; and for a second nobody would answer. It is deprecated from the start (RFC 4862 section 5.5.4): it
 * answers, but the host begins no connections from it, which would break when it moves.
 *
 * @throws {RangeError} if the address is not one.
 */
export function encodeAddress(request: AddressRequest): Uint8Array<ArrayBuffer> {
  const { index, address, prefixLength, label, scope, broadcast, protocol, validSeconds } = request;
  const octets = addressOctets(address);
  const isIpv4 = familyOf(address) === "ipv4";
  const header = new Uint8Array(IFADDRMSG_OCTETS);
  header[0] = isIpv4 ? AF_INET : AF_INET6;
  header[1] = prefixLength;
  header[2] = isIpv4 ? 0 : IFA_F_NODAD;
  header[3] = SCOPES[scope ?? "global"];
  viewOf(header).setUint32(4, index, true);
  const permanent = isIpv4 && validSeconds === undefined;
  return encodeWithAttributes(header, [
    [IFA_LOCAL, octets],
    [IFA_ADDRESS, octets],
    [IFA_BROADCAST, broadcast === undefined ? null : addressOctets(broadcast)],
    [IFA_LABEL, label === undefined ? null : zeroTerminated(label)],
    [IFA_PROTO, protocol === undefined ? null : Uint8Array.of(protocol)],
    [IFA_CACHEINFO, permanent ? null : lifetimes(isIpv4, validSeconds ?? INFINITY_LIFE_TIME)],
  ]);
}

function lifetimes(preferred: boolean, validSeconds: number): Uint8Array {
  const octets = new Uint8Array(CACHEINFO_OCTETS);
  const view = viewOf(octets);
  view.setUint32(0, preferred ? validSeconds : 0, true);
  view.setUint32(4, validSeconds, true);
  return octets;
}

/** @throws {RangeError} */
function addressOctets(address: IpAddress): Uint8Array {
  const octets = parseIp(address);
  if (!octets) throw new RangeError(`Cannot encode address: "${address}" is not an IP address`);
  return octets;
}
