/**
 * The findings of `vipd check` as the user of the unit: root reads more than the service that will run.
 *
 * @module
 */

import type { Diagnostic } from "../../config/diagnostics.ts";
import { checkInChild } from "../../daemon/config/load_in_child.ts";
import { type InstalledUnit, installedUnit } from "../../daemon/service/installed_unit.ts";
import { findAccount } from "../../health/programs/accounts.ts";
import type { CliContext } from "../context.ts";

/**
 * The problems that only the unit's user has with the file, if that unit reads this file and root asks; else none.
 *
 * @param own what root has found
 */
export async function serviceDiagnostics(
  path: string,
  own: readonly Diagnostic[],
  { build }: Pick<CliContext, "build">,
): Promise<readonly Diagnostic[]> {
  if (Deno.uid() !== 0 || path === "-") return [];
  const unit = await installedUnit();
  if (unit === null || await realPath(unit.config) !== await realPath(path)) return [];
  const account = await findAccount({ name: unit.user });
  if (typeof account === "string" || account.uid === 0) return [];
  const checked = await checkInChild(path, build, account);
  return checked.ok ? onlyOf(checked.value.diagnostics, own, unit) : [];
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
