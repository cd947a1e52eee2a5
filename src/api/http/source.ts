/**
 * Whom a connection counts for.
 *
 * @module
 */

import { parseIp } from "../../wire/address.ts";
import type { Endpoint } from "./request_target.ts";

/**
 * At one listener an address of IPv4, or the /64 of one of IPv6, since that is what one host is given (RFC 6177), or all
 * clients without an address. Who floods a listener so takes nothing from its own connections to another one.
 *
 * @param address of the client, as {@link clientAddress} gives it.
 */
export function sourceOf(address: string | undefined, { authority }: Endpoint): string {
  return `${address === undefined ? "unix" : hostOf(address)} at ${authority}`;
}

function hostOf(address: string): string {
  const octets = parseIp(address);
  return octets?.length === 16 ? `${octets.subarray(0, 8).toHex()}::/64` : address;
}

/** The client's address; an IPv4 client of an IPv6 listener has one of IPv4 (RFC 4291 section 2.5.5.2). */
export function clientAddress(remote: Deno.Addr): string | undefined {
  if (remote.transport !== "tcp") return undefined;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote.hostname)?.[1] ?? remote.hostname;
}
