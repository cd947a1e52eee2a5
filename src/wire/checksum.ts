/**
 * The Internet checksum (RFC 1071) and the pseudo-headers that VRRP includes in it.
 *
 * @module
 */

import { type IpAddress, parseIp } from "./address.ts";

/** The one's complement of the one's complement sum of 16-bit words; `initial` is a partial sum. */
export function internetChecksum(octets: Uint8Array, initial = 0): number {
  return ~foldSum(sumWords(octets, initial)) & 0xffff;
}

/** The unfolded sum of big-endian 16-bit words; an odd last octet is padded with zero (RFC 1071 section 4.1). */
export function sumWords(octets: Uint8Array, initial = 0): number {
  let sum = initial;
  const even = octets.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (octets[i]! << 8) | octets[i + 1]!;
  if (even !== octets.length) sum += octets[even]! << 8;
  return sum;
}

function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return folded;
}

/**
 * The partial sum of the pseudo-header of `length` octets of `protocol`, for either family.
 *
 * IPv4 (RFC 5798 section 5.2.8): source, destination, zero, protocol, 16-bit length.
 * IPv6 (RFC 8200 section 8.1): source, destination, 32-bit length, zero, next header. For lengths
 * below 65,536 both add up the same words.
 */
export function pseudoHeaderSum(
  source: IpAddress,
  destination: IpAddress,
  protocol: number,
  length: number,
): number {
  const from = parseIp(source) ?? new Uint8Array();
  const to = parseIp(destination) ?? new Uint8Array();
  return sumWords(to, sumWords(from)) + protocol + length;
}
