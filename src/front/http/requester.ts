/**
 * Who asks: whose wrong tokens, and whose event streams, count together.
 *
 * @module
 */

import { machineOf, THIS_MACHINE } from "../server/machine.ts";

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
