/**
 * A unix socket that nobody can use before its permissions are set.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";

export interface SocketPermissions {
  readonly mode: number;
  /** The group of the socket; `null` for that of the process. */
  readonly gid: number | null;
}

export interface PlacedSocket {
  readonly listener: Deno.Listener;
  /** Whether the path still leads to it. The socket may have been removed, alone or with its folder, or replaced. */
  isThere(): Promise<boolean>;
}

/** {@link listenUnixSocket}, which recognizes its own socket later. */
export async function placeUnixSocket(
  path: string,
  permissions: SocketPermissions,
): Promise<PlacedSocket> {
  const listener = await listenUnixSocket(path, permissions);
  const { dev, ino } = await Deno.lstat(path);
  return {
    listener,
    isThere: async () => {
      const found = await Deno.lstat(path).catch(() => null);
      return found !== null && found.dev === dev && found.ino === ino;
    },
  };
}

/**
 * Listens in a private folder, and moves the socket to `path` when its permissions are set. It replaces what is there.
 * unix(7): the kernel checks the permissions of the socket at connect, and its name may change meanwhile.
 */
export async function listenUnixSocket(
  path: string,
  { mode, gid }: SocketPermissions,
): Promise<Deno.Listener> {
  const folder = await Deno.makeTempDir({ dir: dirname(path), prefix: ".socket-" });
  try {
    const made = join(folder, basename(path));
    const listener = Deno.listen({ transport: "unix", path: made });
    try {
      await Deno.chmod(made, mode);
      if (gid !== null) await Deno.chown(made, null, gid);
      await Deno.rename(made, path);
      return listener;
    } catch (error) {
      listener.close();
      throw error;
    }
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}
