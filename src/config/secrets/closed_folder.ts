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

/** From the root downwards, as far as this process sees; path_resolution(7). */
export function closedFolders(file: string, { uid, gid }: Reader): ClosedFolder[] {
  return foldersOf(realPath(file)).flatMap((path) => {
    const info = statOf(path);
    if (info === null || uid === 0) return [];
    const [shift, change] = info.uid === uid
      ? [6, "u+x"] as const
      : info.gid === gid
      ? [3, "g+x"] as const
      : [0, "o+x"] as const;
    return (((info.mode ?? 0) >> shift) & 1) === 0 ? [{ path, change }] : [];
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
