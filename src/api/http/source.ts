/**
 * Whom a connection counts for.
 *
 * @module
 */

import { parseIp } from "../../wire/address.ts";

/**
 * An address of IPv4, the /64 of one of IPv6, since that is what one host is given (RFC 6177); `unix` without one.
 *
 * @param address of the client, as {@link clientAddress} gives it.
 */
export function sourceOf(address: string | undefined): string {
  if (address === undefined) return "unix";
  const octets = parseIp(address);
  if (octets?.length !== 16) return address;
  return `${octets.subarray(0, 8).toHex()}::/64`;
}

/** The client's address; an IPv4 client of an IPv6 listener has one of IPv4 (RFC 4291 section 2.5.5.2). */
export function clientAddress(remote: Deno.Addr): string | undefined {
  if (remote.transport !== "tcp") return undefined;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote.hostname)?.[1] ?? remote.hostname;
}
