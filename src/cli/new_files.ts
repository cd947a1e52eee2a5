/**
 * New files of commands, whole or not at all: none is overwritten without `--force`. And the users that read them.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { closedFolders, openingCommand } from "../config/secrets/closed_folder.ts";
import { ENGINE, SERVICE_UNITS } from "../daemon/service/unit.ts";
import type { Account } from "../health/programs/accounts.ts";
import { CliError, EXIT } from "../exit.ts";
import { DEFAULT_CONFIG } from "./command.ts";

export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** The option that names another place for it. */
  readonly option: "--output" | "--unit";
  /** The group that may read it, by number; `null` leaves it root's. */
  readonly group?: number | null;
}

/**
 * Writes a file that must not exist yet, or with `force` replaces it.
 *
 * @param made hears of each folder that it makes, also if it fails afterwards
 */
export async function writeNewFile(
  file: NewFile,
  force: boolean,
  made: (folder: string) => void = () => {},
): Promise<void> {
  const { path, text, mode, group } = file;
  if (!force && await exists(path)) {
    throw new CliError(EXIT.failure, `${path} exists; --force replaces it`);
  }
  const temporary = `${path}.new-${Deno.pid}`;
  try {
    await makeFolders(dirname(path), made);
    await createFile(temporary, new TextEncoder().encode(text), mode);
    // Sets the mode whatever the umask is.
    await Deno.chmod(temporary, mode);
    if (group !== undefined && group !== null) await Deno.chown(temporary, null, group);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw cannotWriteNew(file, error);
  }
}

function cannotWriteNew({ path, option }: NewFile, error: unknown): CliError {
  return cannotWrite(path, error, `name another place with ${option}`);
}

/** Makes a file that must not exist yet. If the system takes only a part of it, nothing of it stays. */
export async function createFile(path: string, octets: Uint8Array, mode: number): Promise<void> {
  try {
    await Deno.writeFile(path, octets, { createNew: true, mode });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** Makes a folder and those above it that are missing: every user may enter them, whatever the umask is. */
async function makeFolders(path: string, made: (folder: string) => void): Promise<void> {
  if (await exists(path)) return;
  await makeFolders(dirname(path), made);
  await makeFolder(path);
  made(path);
}

/** Makes a folder in one that is there, with its mode whatever the umask is; umask(2). */
export async function makeFolder(path: string): Promise<void> {
  await Deno.mkdir(path);
  await Deno.chmod(path, 0o755);
}

/** Those of the files' folders that writing them makes. */
export async function missingFolders(paths: readonly string[]): Promise<string[]> {
  const folders = new Set(paths.map((path) => dirname(path)));
  const found = await Array.fromAsync(folders, async (each) => await exists(each) ? null : each);
  return found.filter((folder) => folder !== null);
}

/** Refuses paths where a folder stands, and where this user may write nothing, before any other remedy for them. */
export async function refuseUnwritable(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isDirectory) {
      const [message, example] = [`${path} is a folder`, join(path, basename(DEFAULT_CONFIG))];
      throw new CliError(EXIT.failure, `${message}: name a file in it, such as ${example}`);
    }
  }
  for (const path of paths) {
    if (!await mayCreateBeside(path)) throw notPermitted(path);
  }
}

/**
 * Refuses files for which the system has no place, before any other change: writes all of them next to each other, where
 * they will be or in the nearest folder above that is there, and removes them.
 */
export async function refuseWithoutPlace(files: readonly NewFile[]): Promise<void> {
  const trials: string[] = [];
  try {
    for (const file of files) {
      try {
        const trial = await Deno.makeTempFile(await trialPlace(file.path));
        trials.push(trial);
        await Deno.writeTextFile(trial, file.text);
      } catch (error) {
        throw cannotWriteNew(file, error);
      }
    }
  } finally {
    for (const trial of trials) await Deno.remove(trial);
  }
}

/** In the folder of a path, or in the nearest one above it that is there. */
async function trialPlace(path: string): Promise<Deno.MakeTempOptions> {
  let folder = dirname(path);
  while (!await exists(folder)) folder = dirname(folder);
  return { dir: folder, prefix: ".vipd-" };
}

/** Whether this user may make files in the folder of a path, or in the nearest one above it that is there. */
async function mayCreateBeside(path: string): Promise<boolean> {
  try {
    await Deno.remove(await Deno.makeTempFile(await trialPlace(path)));
    return true;
  } catch (error) {
    // Whatever else is wrong there, writing says.
    return !(error instanceof Deno.errors.PermissionDenied);
  }
}

function notPermitted(path: string): CliError {
  return new CliError(EXIT.notPermitted, notPermittedText(path));
}

function notPermittedText(path: string): string {
  return `cannot write ${path}: this user may not write there; run it as root`;
}

/** The error of a command whose file the system does not take, with the place; `elsewhere` is the remedy there. */
export function cannotWrite(path: string, error: unknown, elsewhere: string): CliError {
  if (error instanceof Deno.errors.PermissionDenied) {
    return new CliError(EXIT.notPermitted, `${notPermittedText(path)}, or ${elsewhere}`);
  }
  const why = error instanceof Deno.errors.AlreadyExists
    ? "it exists"
    : error instanceof Deno.errors.NotFound
    ? "its folder does not exist"
    : systemReason(error);
  return new CliError(EXIT.failure, `cannot write ${path}: ${why}; ${elsewhere}`);
}

/** The words of the system, without the call and the path that the runtime adds. */
export function systemReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)(?:: .*)?$/s, "");
}

/**
 * Lets a group read an existing file, and nobody else except its owner.
 *
 * @returns whether that is a change
 */
export async function openToGroup(path: string, group: number): Promise<boolean> {
  try {
    const { gid, mode } = await Deno.stat(path);
    if (gid === group && (mode! & 0o7777) === 0o640) return false;
    await Deno.chown(path, null, group);
    await Deno.chmod(path, 0o640);
    return true;
  } catch (error) {
    const denied = error instanceof Deno.errors.PermissionDenied;
    throw new CliError(
      denied ? EXIT.notPermitted : EXIT.failure,
      `cannot let the group ${group} read ${path}: ${(error as Error).message}`,
    );
  }
}

/**
 * Lets a user enter the folders of a file if they are vipd's own; others may be closed for a reason.
 *
 * @param own vipd's own folder
 * @returns for a person: the command that was run, or is to be run; `null` if no folder is closed
 */
export async function openFolders(
  path: string,
  account: Account,
  own = dirname(DEFAULT_CONFIG),
): Promise<string | null> {
  const closed = closedFolders(path, account);
  if (closed.length === 0) return null;
  const command = openingCommand(closed);
  const real = await Deno.realPath(own).catch(() => own);
  const isOwn = closed.every((folder) => `${folder.path}/`.startsWith(`${real}/`));
  if (!isOwn) {
    return `the user of the unit does not get to ${path}: ${command}, or keep it in ${own}`;
  }
  for (const folder of closed) {
    const { mode } = await Deno.stat(folder.path);
    await Deno.chmod(folder.path, (mode! & 0o7777) | PERMISSION[folder.change]);
  }
  return `the user of the unit did not get to ${path}: done: ${command}`;
}

const PERMISSION = { "u+x": 0o100, "g+x": 0o010, "o+x": 0o001 } as const;

export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    const { NotADirectory, NotFound } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return false;
    throw error;
  }
}

/** The number of a group in group(5); `null` if there is no group with that name. */
export async function groupId(name: string, groupFile = "/etc/group"): Promise<number | null> {
  const text = await Deno.readTextFile(groupFile).catch(() => "");
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name}:`));
  return line === undefined ? null : Number(line.split(":")[2]);
}

/**
 * Creates missing users of the units, each with a group of its name.
 *
 * @param made hears of each, also if another one fails afterwards
 * @returns the number of the engine's group
 */
export async function makeServiceUsers(made: (user: string) => void): Promise<number> {
  const groups = new Map<string, number>();
  for (const { user } of SERVICE_UNITS) {
    const known = await groupId(user);
    groups.set(user, known ?? await makeUser(user));
    if (known === null) made(user);
  }
  return groups.get(ENGINE.user)!;
}

/** Creates a user and a group of this name, useradd(8); returns the number of the group. */
async function makeUser(name: string): Promise<number> {
  const command =
    `useradd --system --user-group --no-create-home --shell /usr/sbin/nologin ${name}`;
  const [program, ...args] = command.split(" ");
  const { code, stderr } = await new Deno.Command(program!, { args }).output()
    .catch((error) => ({ code: 1, stderr: new TextEncoder().encode(String(error)) }));
  const made = code === 0 ? await groupId(name) : null;
  if (made !== null) return made;
  const said = new TextDecoder().decode(stderr).trim();
  throw new CliError(EXIT.failure, `cannot make the user ${name}: ${said}; manually: ${command}`);
}
