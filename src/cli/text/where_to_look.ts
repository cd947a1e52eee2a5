/**
 * Where a person finds out what is the matter with a process of vipd on this machine.
 *
 * @module
 */

import { join } from "node:path";
import { FRONT_FOLDER } from "../../daemon/files/run_dir.ts";

/** There where systemd is the first process, sd_booted(3). */
const SYSTEMD = "/run/systemd/system";

export interface WhereToLook {
  /** A command, or which log. */
  readonly engine: string;
  readonly front: string;
}

/** An engine that starts its front itself has a folder for that front's sockets in its run directory. */
export async function whereToLook(runDir: string, systemd: string = SYSTEMD): Promise<WhereToLook> {
  const [own, booted] = await Promise.all([join(runDir, FRONT_FOLDER), systemd].map(isFolder));
  const engine = booted ? "systemctl status vipd" : "the log of vipd run";
  if (own) return { engine, front: `${engine}, which starts the front itself` };
  return { engine, front: booted ? "systemctl status vipd-front" : "the log of vipd front" };
}

/** Not where a link leads to. */
export async function isFolder(path: string): Promise<boolean> {
  return (await Deno.lstat(path).catch(() => null))?.isDirectory ?? false;
}
