/**
 * The folders that vipd writes into, `run_dir` and `state_dir`: nobody else may put anything there. Who could, could
 * make vipd write where a link leads, take its token's place, or have its orders and journal said by others.
 *
 * @module
 */

import { CliError, EXIT } from "../../exit.ts";
import {
  followSafely,
  openToWrite,
  trustedUsers,
  type UnsafePath,
} from "../../health/programs/safe_path.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";

/** A start waits no longer for the disk, in milliseconds. */
const LOOK_LIMIT_MS = 5000;

/**
 * Throws a {@link CliError} with the remedy if others can write the folder, or put another one in its place. One that
 * is not there, or whose disk does not answer, is looked at no further: what needs it, says so.
 */
export async function requireOwnFolder(
  key: "run_dir" | "state_dir",
  path: string,
): Promise<void> {
  const use = key === "state_dir" ? "state" : "file";
  const looking = threadPool.run(use, () => unsafeFolder(path));
  const turn = await atMost(looking, LOOK_LIMIT_MS, { ok: false } as const);
  if (!turn.ok || turn.value === null) return;
  const { message, remedy, ofAnother } = turn.value;
  const other = ofAnother ? `, run vipd as that user, or choose another ${key}` : "";
  throw new CliError(
    EXIT.failure,
    `others could plant files in ${key} ${path}: ${message}; ${remedy}${other}`,
  );
}

/** What lets others write a folder, sticky or not; `null` where nothing does or it is not there. */
export async function unsafeFolder(path: string): Promise<UnsafePath | null> {
  try {
    const trusted = await trustedUsers();
    const followed = await followSafely(path, trusted);
    if (typeof followed !== "string") return followed;
    return await openToWrite(followed, await Deno.lstat(followed), trusted);
  } catch (error) {
    // Whatever the system does not let be looked at, it does not let be used.
    if (error instanceof Error && "code" in error) return null;
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
