/**
 * Checks which users could change what a path leads to, at every folder and symbolic link on the way.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { hasOnly, userName } from "./accounts.ts";

/** A path that another user could change, and how to prevent that. */
export interface UnsafePath {
  /** The part of it that can be changed: a folder on the way, or the end. */
  readonly path: string;
  /** `every user can write /opt/x`. */
  readonly message: string;
  /** A command. */
  readonly remedy: string;
  /** It belongs to another user, who may change it whatever its mode is. */
  readonly ofAnother: boolean;
}

/** As many symbolic links as the kernel follows, path_resolution(7). */
const LINKS_AT_MOST = 40;

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;

/** The users who may change what vipd relies on: root, vipd's own, and `more`. */
export async function trustedUsers(...more: readonly number[]): Promise<ReadonlySet<number>> {
  const root = await Deno.lstat("/");
  // The owner of / owns everything; in a user namespace that is not user 0.
  return new Set([0, root.uid ?? 0, Deno.uid() ?? 0, ...more]);
}

/**
 * Follows a path as the kernel does, one name at a time.
 *
 * @returns the path without symbolic links, or what is unsafe about it
 * @throws if the system does not allow following it
 */
export async function followSafely(
  path: string,
  trusted: ReadonlySet<number>,
): Promise<string | UnsafePath> {
  let at = "/";
  let links = 0;
  const names = namesOf(path);
  let folder = await Deno.lstat(at);
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === "..") {
      at = dirname(at);
      folder = await Deno.lstat(at);
      continue;
    }
    const next = join(at, name);
    const info = await Deno.lstat(next);
    if (info.isSymlink) {
      // In a safe folder no other user can replace a link, even one of their own.
      if (((folder.mode ?? 0) & OTHERS_WRITE) !== 0 && !trusted.has(info.uid ?? -1)) {
        return await ownedByOthers(next, info);
      }
      if (++links > LINKS_AT_MOST) throw new Deno.errors.FilesystemLoop(next);
      const target = await Deno.readLink(next);
      names.unshift(...namesOf(target));
      if (target.startsWith("/")) {
        at = "/";
        folder = await Deno.lstat(at);
      }
      continue;
    }
    const problem = await writableByOthers(next, info, trusted);
    if (problem) return problem;
    at = next;
    folder = info;
  }
  return at;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

async function writableByOthers(
  path: string,
  info: Deno.FileInfo,
  trusted: ReadonlySet<number>,
): Promise<UnsafePath | null> {
  if (!trusted.has(info.uid ?? -1)) return await ownedByOthers(path, info);
  // In a sticky folder all users can add, but none can replace what belongs to another (inode(7)).
  if (info.isDirectory && ((info.mode ?? 0) & STICKY) !== 0) return null;
  return await openToWrite(path, info, trusted);
}

/** The users who may write it otherwise, whether or not its folder is sticky; `null` for none. */
export async function openToWrite(
  path: string,
  { mode, gid }: Pick<Deno.FileInfo, "mode" | "gid">,
  trusted: ReadonlySet<number>,
): Promise<UnsafePath | null> {
  if (((mode ?? 0) & OTHERS_WRITE) !== 0) return writable(path, "every user", "o-w");
  if (((mode ?? 0) & GROUP_WRITES) === 0 || await hasOnly(gid ?? -1, trusted)) return null;
  return writable(path, `group ${gid}`, "g-w");
}

function writable(path: string, who: string, change: string): UnsafePath {
  const message = `${who} can write ${path}`;
  return { path, message, remedy: `chmod ${change} ${path}`, ofAnother: false };
}

async function ownedByOthers(path: string, { uid }: Deno.FileInfo): Promise<UnsafePath> {
  const message = `${path} belongs to user ${await userName(uid ?? -1)}, who can change it`;
  return { path, message, remedy: `chown root ${path}`, ofAnother: true };
}
