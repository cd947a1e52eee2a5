/**
 * The client that gives a command, as journal and status name it.
 *
 * @module
 */

import { CLIENT_TEXT_MAX_LENGTH, type CommandClient } from "../../status/schemas/command_origin.ts";
import { printable } from "../../wire/printable.ts";

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
