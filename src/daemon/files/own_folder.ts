/**
 * The folders that vipd writes into, `run_dir` and `state_dir`. Nobody else may put anything there: another user could
 * make vipd write where a link leads, replace its token, or forge its overrides and journal.
 *
 * @module
 */

import { CliError, EXIT } from "../../exit.ts";
import { userName } from "../../health/programs/accounts.ts";
import {
  followSafely,
  openToWrite,
  trustedUsers,
  type UnsafePath,
} from "../../health/programs/safe_path.ts";
import { threadPool } from "../../runtime/thread_pool.ts";
import { atMost } from "../../runtime/waiting.ts";

/** How long a start waits for the disk, in milliseconds. */
const LOOK_LIMIT_MS = 5000;

/**
 * Throws a {@link CliError} with the remedy if others can write the folder, or put another one in its place. Does not
 * judge one that does not exist, or whose disk does not answer: the code that needs it reports that.
 */
export async function requireOwnFolder(
  key: "run_dir" | "state_dir",
  path: string,
): Promise<void> {
  const use = key === "state_dir" ? "state" : "file";
  const looking = threadPool.run(use, () => unsafeFolder(path));
  const turn = await atMost(looking, LOOK_LIMIT_MS, { ok: false } as const);
  if (!turn.ok || turn.value === null) return;
  const { message, ofAnother } = turn.value;
  const remedy = turn.value.path === path && ofAnother
    // All that is in it is that user's, too.
    ? `chown -R ${await userName(Deno.uid() ?? 0)} ${path}`
    : turn.value.remedy;
  const their = key === "state_dir" ? "run_dir" : "state_dir";
  const other = ofAnother
    ? `, run vipd as that user with a ${their} of that user's, or choose another ${key}`
    : "";
  throw new CliError(
    EXIT.failure,
    `others could plant files in ${key} ${path}: ${message}; ${remedy}${other}`,
  );
}

/** Why others can write a folder, sticky or not; `null` if they cannot or the folder does not exist. */
async function unsafeFolder(path: string): Promise<UnsafePath | null> {
  try {
    const trusted = await trustedUsers();
    const followed = await followSafely(path, trusted);
    if (typeof followed !== "string") return followed;
    return await openToWrite(followed, await Deno.lstat(followed), trusted);
  } catch (error) {
    // If the system does not allow looking at it, it does not allow using it either.
    if (error instanceof Error && "code" in error) return null;
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
