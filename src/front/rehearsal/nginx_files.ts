/**
 * nginx's own files, as far as the front's user may read them.
 *
 * @module
 */

import { dirname } from "node:path";
import { type ConfigFiles, type FolderMask, loadConfig, type NotRead } from "../../nginx/load.ts";
import { type NginxServer, serversOf } from "../../nginx/servers.ts";
import { deniedTo } from "../../rehearsal/denied.ts";
import { readRegular, UnfitFileError } from "../../runtime/regular_file.ts";

/** A file of a person is a thousandth of it. */
const MAX_OCTETS = 8 * 1024 * 1024;
const MISSING = "there is no such file";

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
  /** The files that nginx cannot load either. */
  readonly faults: readonly { readonly path: string; readonly reason: string }[];
  /** The files of its configuration, as nginx reads them when it starts. */
  readonly paths: readonly string[];
  readonly certificates: readonly string[];
  /** The folders of which it includes what fits. */
  readonly masks: readonly FolderMask[];
}

/**
 * Reads the configuration from its main file on; never rejects. A named pipe or a device is not read.
 *
 * @param user the name of the user who runs this process
 */
export async function readNginx(config: string, user: string): Promise<ReadNginx> {
  const prefix = dirname(config);
  const { directives, files, unread, faults, ...tree } = await loadConfig(
    config,
    prefix,
    disk(user),
  );
  const servers = files.length === 0 ? null : serversOf(directives, prefix);
  const certificates = Array.from(
    new Set((servers ?? []).flatMap((server) => server.certificates)),
  );
  const lost = certificates.filter(isMissing).map((path) => ({ path, reason: MISSING }));
  return { servers, unread, faults: [...faults, ...lost], ...tree, certificates };
}

function isMissing(path: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

async function outcome<T>(
  user: string,
  operation: () => Promise<T>,
): Promise<T | NotRead> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof UnfitFileError) return { reason: error.message };
    if (error instanceof Deno.errors.NotFound) return { reason: MISSING, missing: true };
    if (error instanceof Deno.errors.PermissionDenied) return { reason: deniedTo(user) };
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
