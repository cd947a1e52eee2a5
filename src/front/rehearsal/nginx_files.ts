/**
 * nginx's own files, as far as the front's user may read them.
 *
 * @module
 */

import { dirname } from "node:path";
import { type ConfigFiles, loadConfig } from "../../nginx/load.ts";
import { type NginxServer, serversOf } from "../../nginx/servers.ts";
import { deniedTo } from "../../rehearsal/denied.ts";
import { readRegular, UnfitFileError } from "../../runtime/regular_file.ts";

/** A file of a person is a thousandth of it. */
const MAX_OCTETS = 8 * 1024 * 1024;

/** The files of this machine, as far as the user of that name may read them, who runs this process. */
function disk(user: string): ConfigFiles {
  return {
    read: (path) => outcome(user, async () => ({ text: await readRegular(path, MAX_OCTETS) })),
    list: (folder) =>
      outcome(user, async () => {
        const names: string[] = [];
        for await (const { name } of Deno.readDir(folder)) names.push(name);
        return { names };
      }),
  };
}

export interface ReadNginx {
  /** `null`: the main file is not read. */
  readonly servers: readonly NginxServer[] | null;
  readonly unread: readonly { readonly path: string; readonly reason: string }[];
  /** Those that nginx reads when it starts: its configuration and the certificates. */
  readonly files: readonly string[];
}

/**
 * Reads the configuration from its main file on; never rejects. A named pipe or a device is not read.
 *
 * @param user the name of the user who runs this process
 */
export async function readNginx(config: string, user: string): Promise<ReadNginx> {
  const prefix = dirname(config);
  const { directives, files, unread } = await loadConfig(config, prefix, disk(user));
  const servers = files.length === 0 ? null : serversOf(directives, prefix);
  const certificates = (servers ?? []).flatMap((server) => server.certificates);
  return { servers, unread, files: Array.from(new Set([...files, ...certificates])) };
}

/** The file that has changed last, of those whose times can be seen; `null` without any. */
export async function newestOf(
  files: readonly string[],
): Promise<{ readonly path: string; readonly atMs: number } | null> {
  let newest = null;
  for (const path of files) {
    const info = await Deno.stat(path).catch(() => null);
    const atMs = Math.max(info?.mtime?.getTime() ?? 0, info?.ctime?.getTime() ?? 0);
    if (atMs > (newest?.atMs ?? 0)) newest = { path, atMs };
  }
  return newest;
}

async function outcome<T>(
  user: string,
  operation: () => Promise<T>,
): Promise<T | { readonly reason: string }> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof UnfitFileError) return { reason: error.message };
    if (error instanceof Deno.errors.NotFound) return { reason: "there is no such file" };
    if (error instanceof Deno.errors.PermissionDenied) return { reason: deniedTo(user) };
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
