/**
 * The user that runs vipd on this machine, for all that must fit that user: files that are written for it, and whether
 * it can use the configuration.
 *
 * @module
 */

import { type Account, findAccount } from "../../health/programs/accounts.ts";
import { systemdRuns } from "./systemd.ts";
import { ENGINE } from "./unit.ts";

/** The owner of the first folder that is there; `null` if none is. vipd starts in no folder of another user. */
export async function ownerOf(...folders: readonly string[]): Promise<Account | null> {
  for (const folder of folders) {
    const { uid, gid } = await Deno.stat(folder).catch(() => ({ uid: null, gid: null }));
    if (uid !== null && gid !== null) return { uid, gid };
  }
  return null;
}

/** The user that is to run vipd, before its first start: the unit's user if systemd runs and that user exists, else this one. */
export async function expectedUser(systemd?: string): Promise<Account> {
  const account = await systemdRuns(systemd) ? await findAccount({ name: ENGINE.user }) : "";
  return typeof account === "string" ? { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 } : account;
}
