/**
 * Ethernet frames of VRRP: the MAC address of a virtual router, and that of a multicast group.
 *
 * @module
 */

import { type Family, familyOf, type IpAddress, type MacAddress, parseIp } from "./address.ts";

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

const HEADER_OCTETS = 14;

/** 00-00-5E-00-01-VRID for IPv4, 00-00-5E-00-02-VRID for IPv6 (RFC 9568 section 7.3). */
export function virtualRouterMac(family: Family, vrid: number): MacAddress {
  return Uint8Array.of(0x00, 0x00, 0x5e, 0x00, family === "ipv4" ? 0x01 : 0x02, vrid);
}

/**
 * The MAC address of a multicast group: the last 23 bits of an IPv4 one (RFC 1112 section 6.4), the last 32 of an IPv6
 * one (RFC 2464 section 7).
 *
 * @throws {RangeError} if `group` is not an IP address.
 */
export function multicastMac(group: IpAddress): MacAddress {
  const octets = parseIp(group);
  if (!octets) throw new RangeError(`Cannot address a frame: "${group}" is not an IP address`);
  const last = octets.subarray(-4);
  return familyOf(group) === "ipv4"
    ? Uint8Array.of(0x01, 0x00, 0x5e, last[1]! & 0x7f, last[2]!, last[3]!)
    : Uint8Array.of(0x33, 0x33, ...last);
}

/** A frame without VLAN tag. */
export function encodeEthernetFrame(
  destination: MacAddress,
  source: MacAddress,
  etherType: number,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_OCTETS + payload.length);
  frame.set(destination, 0);
  frame.set(source, 6);
  new DataView(frame.buffer).setUint16(12, etherType);
  frame.set(payload, HEADER_OCTETS);
  return frame;
}
