/**
 * Networks, destinations and broadcast addresses as the file writes them.
 *
 * @module
 */

import type { Network } from "../../vip/routing.ts";
import { canonicalIp, familyOf, formatIp, type IpAddress, parseIp } from "../../wire/address.ts";
import { failed, ok, quote, type Result } from "./result.ts";

/** `10.1.0.0/16`, or one address. Bits beyond the prefix must be 0. */
export function readNetwork(text: string): Result<Network> {
  const parts = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text);
  const address = parts && canonicalIp(parts[1]!);
  if (!address) {
    return failed(
      "invalid_network",
      `${quote(text)} is not a network`,
      "write it as 10.1.0.0/16, or as a single address",
    );
  }
  const bits = familyOf(address) === "ipv4" ? 32 : 128;
  const prefixLength = parts[2] === undefined ? bits : Number(parts[2]);
  if (prefixLength < 1 || prefixLength > bits) {
    return failed(
      "invalid_network",
      `the prefix length ${parts[2]} is not between 1 and ${bits}`,
      "write it as 10.1.0.0/16",
    );
  }
  const first = formatIp(masked(parseIp(address)!, prefixLength));
  if (first === address) return ok({ address, prefixLength });
  return failed(
    "invalid_network",
    `${address} is an address within its network /${prefixLength}`,
    `write ${first}/${prefixLength}, or ${address}/${bits} for that address alone`,
  );
}

/** A network, or `null` for `default`. */
export function readDestination(text: string): Result<Network | null> {
  return text === "default" ? ok(null) : readNetwork(text);
}

/** How a virtual address gets its broadcast address: worked out from its prefix, none, or this one. */
export type Broadcast = "auto" | "none" | IpAddress;

/** `auto`, `none` or an IPv4 address. */
export function readBroadcast(text: string): Result<Broadcast> {
  if (text === "auto" || text === "none") return ok(text);
  const address = canonicalIp(text);
  if (address && familyOf(address) === "ipv4") return ok(address);
  return failed(
    "invalid_broadcast",
    `${quote(text)} is neither auto nor none nor an IPv4 address`,
    "write auto: the last address of the network",
  );
}

/** The last address of an IPv4 network; `null` where it has none (RFC 3021). */
export function broadcastAddress({ address, prefixLength }: Network): IpAddress | null {
  if (prefixLength > 30) return null;
  const octets = parseIp(address)!;
  return formatIp(octets.map((octet, index) => octet | (0xff & ~maskOctet(index, prefixLength))));
}

function masked(octets: Uint8Array, prefixLength: number): Uint8Array {
  return octets.map((octet, index) => octet & maskOctet(index, prefixLength));
}

/** One octet of the network mask. */
function maskOctet(index: number, prefixLength: number): number {
  const ones = Math.min(8, Math.max(0, prefixLength - index * 8));
  return (0xff << (8 - ones)) & 0xff;
}
