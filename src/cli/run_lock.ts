/**
 * One daemon for each run directory: two would take each other's addresses away.
 *
 * @module
 */

import { join } from "node:path";
import { atMost } from "../runtime/waiting.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit_codes.ts";

/** A free lock is granted at once; the wait is for a busy machine. */
const LOCK_WAIT_MS = 500;

export interface RunLock {
  release(): void;
}

/**
 * Locks `<runDir>/lock` (flock(2)) and writes this process's id into it; the kernel lets go of it when the process
 * ends, however it ends. Makes the folder where it is missing. Throws a {@link CliError} when another process
 * has the lock; the wait for it then ends with this process.
 */
export async function takeRunLock(runDir: string): Promise<RunLock> {
  const path = join(runDir, "lock");
  const file = await openLock(runDir, path);
  if (!await locked(file)) {
    const pid = (await Deno.readTextFile(path)).trim();
    throw new CliError(
      EXIT.failure,
      `another vipd (PID ${pid || "unknown"}) runs with ${runDir}: stop it, or give this one ` +
        "a run_dir of its own",
    );
  }
  await file.truncate(0);
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return { release: () => file.close() };
}

async function openLock(runDir: string, path: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(runDir, { recursive: true, mode: 0o755 });
    return await Deno.open(path, { create: true, read: true, write: true, mode: 0o644 });
  } catch (error) {
    const denied = error instanceof Deno.errors.PermissionDenied;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      denied ? EXIT.notPermitted : EXIT.failure,
      `cannot use the run directory: ${reason}; run vipd as root or choose another run_dir`,
    );
  }
}

/** The runtime's oldest supported version only has the waiting call, hence the race. */
function locked(file: Deno.FsFile): Promise<boolean> {
  return atMost(file.lock(true).then(() => true), LOCK_WAIT_MS, false);
}
