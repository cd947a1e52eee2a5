/**
 * The IPv6 header that a sender puts before a VRRP or NDP message (RFC 8200 section 3):
 *
 *     +-------+---------------+---------------------------------------+
 *     |Version| Traffic Class |           Flow Label                  |
 *     +-------+-------+-------+-------+---------------+---------------+
 *     |         Payload Length        |  Next Header  |   Hop Limit   |
 *     +-------------------------------+---------------+---------------+
 *     |                    Source Address (16 octets)                 |
 *     +---------------------------------------------------------------+
 *     |                  Destination Address (16 octets)              |
 *     +---------------------------------------------------------------+
 *
 * @module
 */

import { formatIp, type IpAddress, parseIp } from "./address.ts";

/** Octets before the payload. */
export const IPV6_HEADER_OCTETS = 40;

/** The fields of an IPv6 header that a sender decides. */
export interface Ipv6Header {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  /** DSCP and ECN (RFC 2474, RFC 3168). */
  readonly trafficClass: number;
  /** Protocol of the payload. */
  readonly nextHeader: number;
}

/**
 * A datagram without extension headers and flow label.
 *
 * @throws {RangeError} if an address is not IPv6 or the payload is too long.
 */
export function encodeIpv6Datagram(
  header: Ipv6Header,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (payload.length > 0xffff) {
    throw new RangeError(`Cannot encode datagram: ${payload.length} octets are too many`);
  }
  const octets = new Uint8Array(IPV6_HEADER_OCTETS + payload.length);
  octets[0] = 0x60 | (header.trafficClass >> 4);
  octets[1] = (header.trafficClass & 0xf) << 4;
  octets[4] = payload.length >> 8;
  octets[5] = payload.length & 0xff;
  octets[6] = header.nextHeader;
  octets[7] = header.hopLimit;
  octets.set(ipv6Octets(header.source), 8);
  octets.set(ipv6Octets(header.destination), 24);
  octets.set(payload, IPV6_HEADER_OCTETS);
  return octets;
}

/** The fields of an IPv6 datagram that a receiver needs. `payload` is a view of the parsed octets. */
export interface Ipv6Datagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** The hop limit, under its IPv4 name. */
  readonly ttl: number;
  readonly nextHeader: number;
  readonly payload: Uint8Array;
}

/** The datagram at the start of `octets`, or `null` if there is none. Extension headers stay in the payload. */
export function parseIpv6Datagram(octets: Uint8Array): Ipv6Datagram | null {
  if (octets.length < IPV6_HEADER_OCTETS || octets[0]! >> 4 !== 6) return null;
  const end = IPV6_HEADER_OCTETS + ((octets[4]! << 8) | octets[5]!);
  if (end > octets.length) return null;
  return {
    source: formatIp(octets.subarray(8, 24)),
    destination: formatIp(octets.subarray(24, 40)),
    ttl: octets[7]!,
    nextHeader: octets[6]!,
    payload: octets.subarray(IPV6_HEADER_OCTETS, end),
  };
}

/** @throws {RangeError} if the address is not IPv6. */
export function ipv6Octets(address: IpAddress): Uint8Array {
  const octets = parseIp(address);
  if (octets?.length !== 16) {
    throw new RangeError(`Cannot encode datagram: "${address}" is not IPv6`);
  }
  return octets;
}
