/**
 * The sender of a request: how wrong tokens and event streams are counted together, and how journal and status name the
 * client that gives a command.
 *
 * @module
 */

import { CLIENT_TEXT_MAX_LENGTH, type CommandClient } from "../../status/schemas/command_origin.ts";
import { printable } from "../../wire/printable.ts";
import { machineOf, THIS_MACHINE } from "../server/source.ts";

const A_PROXY = "a reverse proxy";

/** The sender of a request, as the server knows it. */
export interface Requester {
  readonly authorization: string | undefined;
  /** The client's address; absent if it has none, as on a unix socket. */
  readonly client: string | undefined;
  /** True if the request came through a reverse proxy of `api.hosts`. */
  readonly proxied?: boolean;
  /** True if other machines can reach the listener. */
  readonly remote: boolean;
  /** Called when a right token was shown. */
  readonly trusted?: (() => void) | undefined;
}

/**
 * The source that a wrong token counts for: a machine, as far as its addresses show. All of this machine's users are
 * one, because each of them has all of 127.0.0.0/8 and the unix sockets.
 */
export function guesserOf({ client, proxied }: Pick<Requester, "client" | "proxied">): string {
  // Those behind the proxy are no users of this machine, and vipd does not know one from the other.
  if (proxied) return A_PROXY;
  return client === undefined ? THIS_MACHINE : machineOf(client);
}

/**
 * The share that a client's event streams count in. A unix socket has its own share: its permissions decide who may use
 * it, so no other client's streams keep its users out.
 */
export function streamShareOf({ client, proxied }: Pick<Requester, "client" | "proxied">): string {
  if (proxied) return A_PROXY;
  return client === undefined ? "the unix socket" : machineOf(client);
}

/** The name of a user, by its number. */
export type UserName = (uid: number) => Promise<string>;

/**
 * The client of a request, from what the server knows of its connection.
 *
 * @param proxy the name under which a reverse proxy passed the request on; `null` without one
 */
export async function commandClientOf(
  { client: address, uid }: { readonly client?: string; readonly uid?: number },
  proxy: string | null,
  userAgent: string | undefined,
  userName: UserName | undefined,
): Promise<CommandClient> {
  const agent = bounded(userAgent ?? "");
  const user = uid === undefined ? undefined : await userName?.(uid);
  return {
    ...(user !== undefined && { user: bounded(user) }),
    ...(uid !== undefined && { uid }),
    ...(address !== undefined && { address }),
    ...(proxy !== null && { proxy: bounded(proxy) }),
    ...(agent !== "" && { agent }),
  };
}

function bounded(text: string): string {
  return printable(text).slice(0, CLIENT_TEXT_MAX_LENGTH);
}
