/**
 * The folders on the way to a file that a user may not enter, whatever the file itself permits.
 *
 * @module
 */

import { dirname } from "node:path";
import { shellWord } from "../../wire/shell_word.ts";

/** A user and its group, by number. */
interface Reader {
  readonly uid: number;
  readonly gid: number;
}

/** A folder, and the permission that lets the user in. */
export interface ClosedFolder {
  readonly path: string;
  readonly change: "u+x" | "g+x" | "o+x";
}

/** The class whose permissions of a file count for a user: where its bits begin, and its letter; inode(7). */
export function permissionClass(
  file: Pick<Deno.FileInfo, "uid" | "gid">,
  { uid, gid }: Reader,
) {
  if (file.uid === uid) return { shift: 6, letter: "u" } as const;
  return file.gid === gid ? { shift: 3, letter: "g" } as const : { shift: 0, letter: "o" } as const;
}

/** From the root downwards, as far as this process sees; path_resolution(7). */
export function closedFolders(file: string, reader: Reader): ClosedFolder[] {
  return foldersOf(realPath(file)).flatMap((path) => {
    const info = statOf(path);
    if (info === null || reader.uid === 0) return [];
    const { shift, letter } = permissionClass(info, reader);
    return (((info.mode ?? 0) >> shift) & 1) === 0 ? [{ path, change: `${letter}+x` }] : [];
  });
}

/** The command after which the user may enter all of them. */
export function openingCommand(folders: readonly ClosedFolder[]): string {
  const changes = Map.groupBy(folders, ({ change }) => change);
  return Array.from(
    changes,
    ([change, those]) => `chmod ${change} ${those.map(({ path }) => shellWord(path)).join(" ")}`,
  ).join(" && ");
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...foldersOf(folder), folder];
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** `null` if it is not there, or is below a folder that this process may not enter. */
function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}
