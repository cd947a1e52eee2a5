/**
 * A check as the user that runs vipd here: root reads more than that one.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../../config/diagnostics.ts";
import type { Config } from "../../config/model.ts";
import {
  closedFolders,
  openingCommand,
  permissionClass,
} from "../../config/secrets/closed_folder.ts";
import { checkInChild } from "../../daemon/config/in_child.ts";
import { selfCommand } from "../../daemon/self_command.ts";
import { ownerOf } from "../../daemon/service/daemon_user.ts";
import { installedUnit } from "../../daemon/service/installed_unit.ts";
import { systemdRuns } from "../../daemon/service/systemd.ts";
import { type Account, findAccount, groupName, userName } from "../../health/programs/accounts.ts";
import { DEFAULT_CONFIG } from "../command.ts";
import type { CliContext } from "../context.ts";
import { shellWord } from "../../wire/shell_word.ts";

/** The user that runs vipd with a configuration. */
export interface Runner {
  /** `vipd, the user of vipd.service`. */
  readonly named: string;
  readonly user: string;
  readonly account: Account;
}

/** The command after which the user can read a file, and what else is to be done then. */
export interface ReadingRemedy {
  /** For root. */
  readonly command: string;
  /** `null` if that is all. */
  readonly then: string | null;
}

/** The outcome of a check as that user. */
export interface ServiceCheck {
  readonly user: string;
  /** The problems that only this user has with the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** For each file that this user may not read, by its path. */
  readonly remedies: ReadonlyMap<string, ReadingRemedy>;
  /** The findings of root, with remedies after which this user can still read each file. */
  readonly own: readonly Diagnostic[];
}

/**
 * Checks the file as the user that runs vipd with it; `null` if that is not known, root does not ask, or the user is
 * root.
 *
 * @param own what root has found
 */
export async function checkAsService(
  path: string,
  { stateDir }: Pick<Config, "stateDir">,
  own: readonly Diagnostic[],
  { build }: Pick<CliContext, "build">,
): Promise<ServiceCheck | null> {
  if (Deno.uid() !== 0 || path === "-") return null;
  const runner = await runnerOf(path, stateDir);
  if (runner === null || runner.account.uid === 0) return null;
  const { user, account } = runner;
  const absolute = resolve(path);
  const checked = await checkInChild(absolute, build, account).catch((error) => {
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  });
  if (checked === null) {
    const diagnostics = [mayNotExecute(path, runner, selfCommand(build))];
    return { user, diagnostics, remedies: new Map(), own };
  }
  if (!checked.ok) return null;
  const diagnostics = checked.value.diagnostics.map((one) =>
    one.file === absolute ? { ...one, file: path } : one
  );
  const unread = new Set(diagnostics.flatMap(({ unreadable }) => unreadable ?? []));
  const read = await Promise.all(
    Array.from(
      unread,
      async (file) => [file, await readingRemedy(file, runner, stateDir)] as const,
    ),
  );
  const remedies = new Map(read);
  return {
    user,
    diagnostics: onlyOf(diagnostics, own, runner, remedies),
    remedies,
    own: await Promise.all(own.map((one) => keptReadable(one, runner, stateDir))),
  };
}

/** The receivers that start a program or make a pipe, as vipd's user if no other is named. */
const AS_RUNNER = ["exec", "fifo"];

/** Entries of the configuration as the user that runs vipd with it has them; root may do more. */
export async function asRunner<Entry extends { readonly type: string }>(
  entries: readonly Entry[],
  path: string,
  { stateDir }: Pick<Config, "stateDir">,
): Promise<readonly Entry[]> {
  if (Deno.uid() !== 0 || path === "-") return entries;
  const runner = await runnerOf(path, stateDir);
  return runner === null ? entries : ofUser(entries, runner);
}

export function ofUser<Entry extends { readonly type: string }>(
  entries: readonly Entry[],
  { user, account }: Pick<Runner, "user" | "account">,
): readonly Entry[] {
  return account.uid === 0
    ? entries
    : entries.map((entry) =>
      AS_RUNNER.includes(entry.type) && !("user" in entry)
        ? { ...entry, user: { name: user } }
        : entry
    );
}

/**
 * The user of the unit that reads the file. A unit runs nothing where systemd does not; there, and without a unit, it is the
 * owner of the state directory, which another user's vipd does not take, for the file that vipd reads by default.
 */
async function runnerOf(path: string, stateDir: string): Promise<Runner | null> {
  const reads = async (file: string) => await realPath(file) === await realPath(path);
  const unit = await systemdRuns() ? await installedUnit() : null;
  if (unit !== null) {
    const account = await reads(unit.config) ? await findAccount({ name: unit.user }) : "";
    if (typeof account === "string") return null;
    return { named: `${unit.user}, the user of ${unit.name}`, user: unit.user, account };
  }
  const account = await reads(DEFAULT_CONFIG) ? await ownerOf(stateDir) : null;
  if (account === null) return null;
  const user = await userName(account.uid);
  return { named: `${user}, the owner of ${stateDir}`, user, account };
}

/** The user may not execute vipd, as after a copy by a user whose files are that user's own, umask(2). */
export function mayNotExecute(
  path: string,
  { named, account }: Runner,
  [program = ""]: readonly string[],
): Diagnostic {
  const word = shellWord(program);
  const remedy = closedFolders(program, account).length === 0
    ? `chmod 755 ${word}`
    : `install -m 755 ${word} ${shellWord(join("/usr/local/bin", basename(program)))}`;
  return {
    ...{ severity: "error", code: "file_unreadable", file: path },
    ...{ line: null, column: null, key: null, excerpt: null },
    message: `for ${named}: it may not execute ${program}`,
    hint: remedy,
  };
}

/**
 * How this user gets to read the file. All that is in its state directory is its own. It may enter vipd's own folder and
 * those below; another closed folder may be closed for a reason.
 *
 * @param own vipd's own folder
 */
export async function readingRemedy(
  file: string,
  { user, account }: Pick<Runner, "user" | "account">,
  stateDir: string,
  own = dirname(DEFAULT_CONFIG),
): Promise<ReadingRemedy> {
  const isIn = async (folder: string) =>
    (await realPath(file)).startsWith(`${await realPath(folder)}/`);
  if (await isIn(stateDir)) {
    return { command: `chown -R ${user} ${shellWord(stateDir)}`, then: null };
  }
  const [word, group] = [shellWord(file), await groupName(account.gid)];
  const [closed, grant] = [
    closedFolders(file, account),
    `chgrp ${group} ${word} && chmod 640 ${word}`,
  ];
  if (closed.length === 0) return { command: grant, then: null };
  if (await isIn(own)) {
    const opening = openingCommand(closed);
    return {
      command: await permits(file, account) ? opening : `${opening} && ${grant}`,
      then: null,
    };
  }
  const copy = join(own, basename(file));
  return {
    command: `install -m 640 -g ${group} ${word} ${shellWord(copy)}`,
    then: `name ${copy} in its place, because ${user} does not get into the folder of ${file}`,
  };
}

/** Whether the file itself lets the user read it. */
async function permits(file: string, account: Account): Promise<boolean> {
  const info = await Deno.stat(file).catch(() => null);
  return info !== null && (((info.mode ?? 0) >> permissionClass(info, account).shift) & 4) !== 0;
}

/** A remedy that takes a file from everybody else. */
const CLOSING = /\bchmod o(?:-r|=) (\S+)$/;

/** The finding, with another remedy if that of its own would take the file from this user, too. */
export async function keptReadable(
  one: Diagnostic,
  runner: Pick<Runner, "user" | "account">,
  stateDir: string,
): Promise<Diagnostic> {
  const [, file] = CLOSING.exec(one.hint) ?? [];
  const info = file === undefined ? null : await Deno.stat(file).catch(() => null);
  const { uid, gid } = runner.account;
  if (file === undefined || info === null || info.uid === uid || info.gid === gid) return one;
  return { ...one, hint: (await readingRemedy(file, runner, stateDir)).command };
}

/**
 * Those of the user that root does not have, in words that say whose they are.
 *
 * @param remedies for a file that the user may not read, by its path
 */
export function onlyOf(
  theirs: readonly Diagnostic[],
  own: readonly Diagnostic[],
  { named }: Pick<Runner, "named">,
  remedies: ReadonlyMap<string, ReadingRemedy>,
): Diagnostic[] {
  const key = ({ code, file, line, column, message }: Diagnostic) =>
    JSON.stringify([code, file, line, column, message]);
  const known = new Set(own.map(key));
  return theirs.filter((one) => !known.has(key(one))).map((one) => {
    const message = `for ${named}: ${one.message}`;
    const remedy = remedies.get(one.unreadable ?? "");
    if (remedy === undefined) return { ...one, message };
    const { command, then } = remedy;
    // Last, so that it can be taken from the line as it stands.
    return { ...one, message, hint: then === null ? command : `${then}: ${command}` };
  });
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(path).catch(() => path);
}
