/**
 * A check as the user of the unit: root reads more than the service that will run.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../../config/diagnostics.ts";
import { checkInChild } from "../../daemon/config/load_in_child.ts";
import { selfCommand } from "../../daemon/self_command.ts";
import { type InstalledUnit, installedUnit } from "../../daemon/service/installed_unit.ts";
import { type Account, findAccount } from "../../health/programs/accounts.ts";
import { DEFAULT_CONFIG } from "../command.ts";
import type { CliContext } from "../context.ts";
import { shellWord } from "../../wire/shell_word.ts";

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
  const absolute = resolve(path);
  const checked = await checkInChild(absolute, build, account).catch((error) => {
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  });
  if (checked === null) {
    return { user, diagnostics: [mayNotExecute(path, unit, selfCommand(build))] };
  }
  if (!checked.ok) return null;
  const diagnostics = checked.value.diagnostics.map((one) =>
    one.file === absolute ? { ...one, file: path } : one
  );
  const unread = new Set(diagnostics.flatMap(({ unreadable }) => unreadable ?? []));
  const commands = await Promise.all(
    Array.from(unread, async (file) => [file, await readingCommand(file, user, account)] as const),
  );
  return { user, diagnostics: onlyOf(diagnostics, own, unit, new Map(commands)) };
}

/** The unit's user may not execute vipd, as after a copy by a user whose files are that user's own, umask(2). */
export function mayNotExecute(
  path: string,
  { name, user }: Pick<InstalledUnit, "name" | "user">,
  [program = ""]: readonly string[],
): Diagnostic {
  return {
    ...{ severity: "error", code: "file_unreadable", file: path },
    ...{ line: null, column: null, key: null, excerpt: null },
    message: `for ${user}, the user of ${name}: it may not execute ${program}`,
    hint: `chmod 755 ${shellWord(program)}`,
  };
}

/** The command, for root, after which this user can read the file. */
export async function readingCommand(
  file: string,
  user: string,
  account: Account,
): Promise<string> {
  const word = shellWord(file);
  if (await entersFolders(file, account)) return `chgrp ${user} ${word} && chmod 640 ${word}`;
  const copy = shellWord(join(dirname(DEFAULT_CONFIG), basename(file)));
  return `install -m 640 -g ${user} ${word} ${copy}, and name that file: ${user} does not get to this one`;
}

/** Whether a user can get to the file through all its folders; path_resolution(7). */
async function entersFolders(file: string, { uid, gid }: Account): Promise<boolean> {
  for (let folder = dirname(await realPath(file));; folder = dirname(folder)) {
    const info = await Deno.stat(folder).catch(() => null);
    if (info === null) return false;
    const shift = info.uid === uid ? 6 : info.gid === gid ? 3 : 0;
    if ((((info.mode ?? 0) >> shift) & 1) === 0) return false;
    if (folder === "/") return true;
  }
}

/**
 * Those of the unit's user that root does not have, in words that say whose they are.
 *
 * @param commands after which the user can read a file, by its path
 */
export function onlyOf(
  theirs: readonly Diagnostic[],
  own: readonly Diagnostic[],
  { name, user }: Pick<InstalledUnit, "name" | "user">,
  commands: ReadonlyMap<string, string>,
): Diagnostic[] {
  const key = ({ code, file, line, column, message }: Diagnostic) =>
    JSON.stringify([code, file, line, column, message]);
  const known = new Set(own.map(key));
  return theirs.filter((one) => !known.has(key(one))).map((one) => ({
    ...one,
    message: `for ${user}, the user of ${name}: ${one.message}`,
    hint: commands.get(one.unreadable ?? "") ?? one.hint,
  }));
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(path).catch(() => path);
}
