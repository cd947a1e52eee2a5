/**
 * A check as the user of the unit: root reads more than the service that will run.
 *
 * @module
 */

import type { Diagnostic } from "../../config/diagnostics.ts";
import { checkInChild } from "../../daemon/config/load_in_child.ts";
import { type InstalledUnit, installedUnit } from "../../daemon/service/installed_unit.ts";
import { findAccount } from "../../health/programs/accounts.ts";
import type { CliContext } from "../context.ts";

/** The outcome of a check as the unit's user. */
export interface ServiceCheck {
  readonly user: string;
  /** The problems that only this user has with the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks the file as the unit's user; `null` if the unit reads another file, root does not ask, or the user is root.
 *
 * @param own what root has found
 */
export async function checkAsService(
  path: string,
  own: readonly Diagnostic[],
  { build }: Pick<CliContext, "build">,
): Promise<ServiceCheck | null> {
  if (Deno.uid() !== 0 || path === "-") return null;
  const unit = await installedUnit();
  if (unit === null || await realPath(unit.config) !== await realPath(path)) return null;
  const { user } = unit;
  const account = await findAccount({ name: user });
  if (typeof account === "string" || account.uid === 0) return null;
  const checked = await checkInChild(path, build, account);
  return checked.ok ? { user, diagnostics: onlyOf(checked.value.diagnostics, own, unit) } : null;
}

/** Those of the unit's user that root does not have, in words that say whose they are. */
export function onlyOf(
  theirs: readonly Diagnostic[],
  own: readonly Diagnostic[],
  { name, user }: Pick<InstalledUnit, "name" | "user">,
): Diagnostic[] {
  const key = ({ code, file, line, column, message }: Diagnostic) =>
    JSON.stringify([code, file, line, column, message]);
  const known = new Set(own.map(key));
  return theirs.filter((one) => !known.has(key(one))).map((one) => ({
    ...one,
    message: `for ${user}, the user of ${name}: ${one.message}`,
    ...(one.code === "file_unreadable" && {
      hint: `chgrp ${user} ${one.file} && chmod 640 ${one.file}`,
    }),
  }));
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(path).catch(() => path);
}
