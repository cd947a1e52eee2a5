/**
 * One daemon for each run directory, because two would remove each other's addresses.
 *
 * @module
 */

import { join } from "node:path";
import { CliError, EXIT } from "../../exit.ts";
import { userName } from "../../health/programs/accounts.ts";
import { atMost } from "../../runtime/waiting.ts";
import { openFresh, writeAll } from "./fresh_file.ts";
import { isThere, openOrMake } from "./own_file.ts";
import { requireOwnFolder } from "./own_folder.ts";
import { LOCK_FILE } from "./run_dir.ts";
import type { MaintainedPart } from "./run_dir_keeper.ts";

/** A free lock is granted at once; the wait is for a busy machine. */
const LOCK_WAIT_MS = 500;
/** Anyone who can open the file can lock it, and so keep vipd from starting. So only its owner may. */
const MODE = 0o600;
const OTHERS = 0o077;
/** How often the file may be replaced while vipd waits for it. */
const MAX_ATTEMPTS = 5;

export interface RunLock extends MaintainedPart {
  /** Gives a sign of life: the file's modification time shows when it was last given. */
  sign(): Promise<void>;
  release(): void;
}

/** Another vipd has the lock. */
class RunDirTakenError extends CliError {}

/**
 * Locks `<runDir>/lock` (flock(2)) and writes this process's id into it. The kernel releases the lock when the process
 * ends, however it ends. Creates the folder if it is missing. Throws a {@link CliError} if another process has the
 * lock; the wait for it then ends with this process.
 */
export async function takeRunLock(runDir: string): Promise<RunLock> {
  const path = join(runDir, LOCK_FILE);
  let file = await take(runDir, path);
  let taken: RunDirTakenError | null = null;
  return {
    name: LOCK_FILE,
    isThere: () => isThere(file, path),
    makeAgain: async () => {
      // Each attempt would occupy a thread with waiting for the lock, until this process ends.
      if (taken !== null) throw taken;
      try {
        const lost = file;
        file = await take(runDir, path);
        lost.close();
      } catch (error) {
        if (error instanceof RunDirTakenError) taken = error;
        throw error;
      }
    },
    sign: async () => {
      const now = new Date();
      await file.utime(now, now);
    },
    release: () => file.close(),
  };
}

async function take(runDir: string, path: string): Promise<Deno.FsFile> {
  try {
    // Before, too: a kernel with fs.protected_symlinks follows no link of another user, and does not say why.
    await requireOwnFolder("run_dir", runDir);
    await Deno.mkdir(runDir, { recursive: true, mode: 0o755 });
    await requireOwnFolder("run_dir", runDir);
    const file = await keptPrivate(await lockFile(runDir, path), path);
    await file.truncate(0);
    await writeAll(file, `${Deno.pid}\n`);
    return file;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const denied = error instanceof Deno.errors.PermissionDenied;
    const reason = error instanceof Error ? error.message : String(error);
    throw denied
      ? unusable(reason, EXIT.notPermitted, await givingCommand(runDir))
      : unusable(reason, EXIT.failure);
  }
}

/** The locked file that has this name. */
async function lockFile(runDir: string, path: string): Promise<Deno.FsFile> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const file = await openOrMake(path, { read: true, write: true }, MODE);
    if (!await isThere(file, path)) {
      file.close();
      continue;
    }
    if (!await locked(file)) throw await taken(runDir, path);
    // Another vipd may have replaced the file while this one waited for it.
    if (await isThere(file, path)) return file;
    file.close();
  }
  throw unusable(`${path} is not a file of its own`, EXIT.failure);
}

/**
 * Replaces a file that others could open, as vipd 0.1.0 created it, because a process that has it open could lock it
 * after the next stop. The old one stays locked until the new one is.
 */
async function keptPrivate(file: Deno.FsFile, path: string): Promise<Deno.FsFile> {
  const { mode } = await file.stat();
  if (((mode ?? 0) & OTHERS) === 0) return file;
  const fresh = await openFresh(`${path}.new`, MODE);
  await fresh.lock(true);
  await Deno.rename(`${path}.new`, path);
  file.close();
  return fresh;
}

/** The runtime's oldest supported version only has the waiting call, hence the race. */
function locked(file: Deno.FsFile): Promise<boolean> {
  return atMost(file.lock(true).then(() => true), LOCK_WAIT_MS, false);
}

async function taken(runDir: string, path: string): Promise<RunDirTakenError> {
  const pid = (await Deno.readTextFile(path)).trim() || "unknown";
  const { mode } = await Deno.stat(path);
  // Any user could take the lock of 0.1.0; then the process with this id is another one, or none.
  const who = ((mode ?? 0) & OTHERS) === 0 ? "" : ` (see who holds it: fuser -v ${path})`;
  return new RunDirTakenError(
    EXIT.failure,
    `another vipd (PID ${pid}) runs with ${runDir}${who}: stop it, or give this one ` +
      "a run_dir of its own",
  );
}

function unusable(
  reason: string,
  code: typeof EXIT.failure | typeof EXIT.notPermitted,
  giving?: string,
): CliError {
  const choices = giving === undefined ? " or" : `, let root give it to this user (${giving}), or`;
  return new CliError(
    code,
    `cannot use the run directory: ${reason}; run vipd as root${choices} choose another run_dir`,
  );
}

/** The command, for root, after which the folder and all in it is this user's. */
async function givingCommand(runDir: string): Promise<string> {
  const user = await userName(Deno.uid() ?? 0);
  const exists = await Deno.lstat(runDir).then(() => true, () => false);
  return exists ? `chown -R ${user} ${runDir}` : `install -d -o ${user} -m 755 ${runDir}`;
}
