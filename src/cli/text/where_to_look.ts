/**
 * Suggests how a person can examine a process of vipd on this machine, and start it.
 *
 * @module
 */

import { join } from "node:path";
import { FRONT_FOLDER } from "../../daemon/files/run_dir.ts";
import { systemdRuns } from "../../daemon/service/systemd.ts";

export interface WhereToLook {
  /** A command, or the name of a log. */
  readonly engine: string;
  readonly front: string;
}

/** If an engine starts its front itself, its run directory has a folder for the front's sockets. */
export async function whereToLook(runDir: string, systemd?: string): Promise<WhereToLook> {
  const [own, booted] = await Promise.all([
    isFolder(join(runDir, FRONT_FOLDER)),
    systemdRuns(systemd),
  ]);
  const engine = booted ? "systemctl status vipd" : "the log of vipd run";
  if (own) return { engine, front: `${engine}, which starts the front itself` };
  return { engine, front: booted ? "systemctl status vipd-front" : "the log of vipd front" };
}

/** The commands that start vipd on this machine, and at each boot if something can do that; one after the other. */
export async function startCommands(systemd?: string): Promise<readonly string[]> {
  return await systemdRuns(systemd)
    ? ["systemctl daemon-reload", "systemctl enable --now vipd"]
    : ["vipd run"];
}

/** Does not follow a link. */
export async function isFolder(path: string): Promise<boolean> {
  return (await Deno.lstat(path).catch(() => null))?.isDirectory ?? false;
}
