/**
 * Who asks: whose wrong tokens, and whose event streams, count together.
 *
 * @module
 */

import { familyOf, formatIp, parseIp } from "../wire/address.ts";

/** Who asks, as the server knows it. */
export interface Requester {
  /** The Authorization header. */
  readonly authorization: string | undefined;
  /** The client's address; absent where it has none, as on a unix socket. */
  readonly client: string | undefined;
  /** True when the listener is reached from other machines. */
  readonly remote: boolean;
  /** Called when a right token was shown. */
  readonly trusted?: (() => void) | undefined;
}

const THIS_MACHINE = "this machine";
/** ::ffff:0:0/96, an IPv4 address as a socket of both families sees it (RFC 4291 section 2.5.5.2). */
const MAPPED_IPV4 = "::ffff:0:0";
const MAPPED_OCTETS = 12;
/** A host may give itself any address of its /64 (RFC 4291 section 2.5.1, RFC 8981). */
const HOST_OCTETS = 8;

/**
 * Whom a wrong token is held against: a machine, as far as its addresses show. All of this machine's users are one, for
 * each of them has all of 127.0.0.0/8 and the unix sockets.
 */
export function guesserOf(client: string | undefined): string {
  return client === undefined ? THIS_MACHINE : machineOf(client);
}

/**
 * With whom a client shares its event streams. A unix socket has a share of its own: its permissions say who may use it,
 * and nobody else's streams keep these out.
 */
export function streamShareOf(client: string | undefined): string {
  return client === undefined ? "the unix socket" : machineOf(client);
}

function machineOf(client: string): string {
  // The scope of a link-local address (RFC 4007 section 11) stands behind it.
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
