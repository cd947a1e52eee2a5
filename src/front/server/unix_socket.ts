/**
 * Unix sockets that the API listens on: their folder, their mode, what an earlier run left behind.
 *
 * @module
 */

import { dirname } from "node:path";
import { listenUnixSocket } from "../../ipc/unix_socket.ts";

/** Owner and group may talk to a socket. */
const SOCKET_MODE = 0o660;

/** Why a socket's place cannot be taken, with the remedy. */
export class SocketPlaceError extends Error {
  override readonly name = "SocketPlaceError";
}

/** Listens at `path`, with this mode from the first moment on. Throws {@link SocketPlaceError}, and what the system says. */
export async function listenUnix(
  path: string,
  mode: number = SOCKET_MODE,
): Promise<Deno.Listener> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await removeStaleSocket(path);
  return await listenUnixSocket(path, { mode, gid: null });
}

/** Removes a socket that an earlier run left behind; throws when somebody answers or it is something else. */
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

/** Removes a socket that is not listened on any more, if it is there. */
export async function removeSocket(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
