/**
 * The IPv4 header around a VRRP message (RFC 791 section 3.1):
 *
 *      0                   1                   2                   3
 *     +-------+-------+---------------+-------------------------------+
 *     |Version|  IHL  |Type of Service|          Total Length         |
 *     +-------+-------+---------------+-----+-------------------------+
 *     |         Identification        |Flags|     Fragment Offset     |
 *     +---------------+---------------+-----+-------------------------+
 *     | Time to Live  |    Protocol   |        Header Checksum        |
 *     +---------------+---------------+-------------------------------+
 *     |                        Source Address                         |
 *     +---------------------------------------------------------------+
 *     |                     Destination Address                       |
 *     +---------------------------------------------------------------+
 *     |                    Options (IHL > 5)          |    Padding    |
 *     +-----------------------------------------------+---------------+
 *
 * @module
 */

import { formatIp, type IpAddress, parseIp } from "./address.ts";
import { internetChecksum } from "./checksum.ts";

const HEADER_OCTETS = 20;
const CHECKSUM_OFFSET = 10;
const SOURCE_OFFSET = 12;
const DESTINATION_OFFSET = 16;

/** The fields of an IPv4 datagram that a receiver needs. `payload` is a view of the parsed octets. */
export interface Ipv4Datagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  /** The octet that DSCP and ECN share (RFC 2474, RFC 3168). */
  readonly typeOfService: number;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** The fields of an IPv4 header that a sender decides. */
export interface Ipv4Header {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly ttl: number;
  readonly typeOfService: number;
  readonly protocol: number;
}

/**
 * The datagram at the start of `octets`, or `null` if there is none. Never throws.
 *
 * Checks version, header length (it skips options) and total length. Ignores octets after the total length, such as the
 * padding of a short Ethernet frame. Does not check the header's checksum and fragmentation: the kernel has checked the
 * one and undone the other.
 */
export function parseIpv4Datagram(octets: Uint8Array): Ipv4Datagram | null {
  if (octets.length < HEADER_OCTETS || octets[0]! >> 4 !== 4) return null;
  const headerLength = (octets[0]! & 0xf) * 4;
  const totalLength = (octets[2]! << 8) | octets[3]!;
  if (headerLength < HEADER_OCTETS) return null;
  if (totalLength < headerLength || totalLength > octets.length) return null;
  return {
    source: formatIp(octets.subarray(SOURCE_OFFSET, DESTINATION_OFFSET)),
    destination: formatIp(octets.subarray(DESTINATION_OFFSET, HEADER_OCTETS)),
    ttl: octets[8]!,
    typeOfService: octets[1]!,
    protocol: octets[9]!,
    payload: octets.subarray(headerLength, totalLength),
  };
}

/**
 * A datagram without options, not fragmented, identification 0 (the kernel fills that in for a raw socket, ip(7)).
 *
 * @throws {RangeError} if an address is not IPv4 or the payload is too long.
 */
export function encodeIpv4Datagram(
  header: Ipv4Header,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const totalLength = HEADER_OCTETS + payload.length;
  if (totalLength > 0xffff) {
    throw new RangeError(`Cannot encode datagram: ${payload.length} octets are too many`);
  }
  const octets = new Uint8Array(totalLength);
  octets[0] = 0x45;
  octets[1] = header.typeOfService;
  octets[2] = totalLength >> 8;
  octets[3] = totalLength & 0xff;
  octets[8] = header.ttl;
  octets[9] = header.protocol;
  octets.set(ipv4Octets(header.source), SOURCE_OFFSET);
  octets.set(ipv4Octets(header.destination), DESTINATION_OFFSET);
  const checksum = internetChecksum(octets.subarray(0, HEADER_OCTETS));
  octets[CHECKSUM_OFFSET] = checksum >> 8;
  octets[CHECKSUM_OFFSET + 1] = checksum & 0xff;
  octets.set(payload, HEADER_OCTETS);
  return octets;
}

function ipv4Octets(address: IpAddress): Uint8Array {
  const octets = parseIp(address);
  if (octets?.length !== 4) {
    throw new RangeError(`Cannot encode datagram: "${address}" is not IPv4`);
  }
  return octets;
}
