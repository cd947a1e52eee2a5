/**
 * The source that a connection counts for.
 *
 * @module
 */

import type { Endpoint } from "./http1/request_target.ts";
import { machineOf } from "./machine.ts";

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
