/**
 * Unix sockets of the API: their folder, their mode, and stale ones of an earlier run.
 *
 * @module
 */

import { dirname } from "node:path";
import { listenUnixSocket } from "../../ipc/unix_socket.ts";

/** Owner and group may connect to a socket. */
const SOCKET_MODE = 0o660;

/** Why a socket cannot be created in its place, with the remedy. */
export class SocketPlaceError extends Error {
  override readonly name = "SocketPlaceError";
}

/**
 * Listens at `path`, with this mode from the first moment on. Throws {@link SocketPlaceError}, and the system's errors.
 */
export async function listenUnix(
  path: string,
  mode: number = SOCKET_MODE,
): Promise<Deno.Listener> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await removeStaleSocket(path);
  return await listenUnixSocket(path, { mode, gid: null });
}

/** Removes a stale socket of an earlier run; throws if a process answers or it is something else. */
async function removeStaleSocket(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!info.isSocket) {
    throw new SocketPlaceError("there is something that is not a socket; move it away");
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    await removeSocket(path);
    return;
  }
  throw new SocketPlaceError(
    `another program answers there; see which with: ss -lxp src ${path}, ` +
      "or choose another path in api.listen",
  );
}

/** Removes a socket that nobody listens on any more, if it exists. */
export async function removeSocket(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
