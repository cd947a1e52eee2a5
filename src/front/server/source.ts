/**
 * The source that a connection counts for.
 *
 * @module
 */

import type { Endpoint } from "./http1/request_target.ts";
import { familyOf, formatIp, parseIp } from "../../wire/address.ts";

/** The other end of a connection. */
export interface Peer {
  /** As {@link clientAddress} gives it; absent on a unix socket. */
  readonly address: string | undefined;
  /** The user id of a client on a unix socket; `null` if it is not known. */
  readonly user: number | null;
}

/**
 * The source at one listener: a machine, or a user of this one on a unix socket. A client that floods a listener so
 * takes nothing from its own connections to another one.
 */
export function sourceOf({ address, user }: Peer, { authority }: Endpoint): string {
  if (address !== undefined) return `${machineOf(address)} at ${authority}`;
  return user === null ? `unix at ${authority}` : `user ${user} at ${authority}`;
}

/** The client's address; an IPv4 client of an IPv6 listener has an IPv4 address (RFC 4291 section 2.5.5.2). */
export function clientAddress(remote: Deno.Addr): string | undefined {
  if (remote.transport !== "tcp") return undefined;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remote.hostname)?.[1] ?? remote.hostname;
}

/** Each of this machine's users has all of 127.0.0.0/8, and ::1; so they count as one. */
export const THIS_MACHINE = "this machine";
/** ::ffff:0:0/96, an IPv4 address as a socket of both families sees it (RFC 4291 section 2.5.5.2). */
const MAPPED_IPV4 = "::ffff:0:0";
const MAPPED_OCTETS = 12;
/** A host may use any address of its /64 (RFC 4291 section 2.5.1, RFC 8981, RFC 6177). */
const HOST_OCTETS = 8;

/** {@link THIS_MACHINE}, an IPv4 address, or the /64 of an IPv6 address; a text that is no address stays as it is. */
export function machineOf(client: string): string {
  // The scope of a link-local address (RFC 4007 section 11) follows it.
  const octets = parseIp(client.split("%", 1)[0]!);
  if (!octets) return client;
  const address = formatIp(isMappedIpv4(octets) ? octets.subarray(MAPPED_OCTETS) : octets);
  if (address === "::1" || address.startsWith("127.")) return THIS_MACHINE;
  if (familyOf(address) === "ipv4") return address;
  const network = octets.slice().fill(0, HOST_OCTETS);
  return `${formatIp(network)}/64`;
}

function isMappedIpv4(octets: Uint8Array): boolean {
  return octets.length > MAPPED_OCTETS &&
    formatIp(octets.slice().fill(0, MAPPED_OCTETS)) === MAPPED_IPV4;
}
