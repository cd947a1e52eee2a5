/**
 * Gives up privileges of a process: for the front of an engine that started it as a child.
 *
 * @module
 */

import {
  O_CLOEXEC,
  O_WRONLY,
  PR_SET_DUMPABLE,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  SIGKILL,
} from "../sys/constants.ts";
import { errnoName } from "../sys/errors.ts";
import { readKernelFile } from "../sys/kernel_files.ts";
import { Libc } from "../sys/libc.ts";

/** The user that a process becomes. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Becomes another user for good, with only its own group and no capability: setuid(2) of every thread. From then on the
 * process ends with its parent.
 *
 * @returns why that is not possible, or `null`
 */
export function becomeUser({ uid, gid }: ProcessUser): string | null {
  const libc = Libc.open();
  try {
    const problem = failed("setgroups", libc.dropGroups()) ??
      failed("setresgid", libc.setGroup(gid)) ?? failed("setresuid", libc.setUser(uid));
    if (problem !== null) return problem;
    // The kernel has given this process's files in /proc to root; the server looks for its descriptors there.
    libc.prctl(PR_SET_DUMPABLE, 1);
    endWithParent(libc);
    return null;
  } finally {
    libc.close();
  }
}

/**
 * Keeps its user, and gives up its capabilities for good. They belong to each thread, so the program starts again,
 * execve(2), and this does not return unless that fails.
 *
 * @param change makes the arguments of that start from those of this process
 * @returns why that is not possible
 */
export function beginWithoutCapabilities(
  change: (words: readonly string[]) => readonly string[],
): string {
  const libc = Libc.open();
  const words = (readKernelFile(libc, "/proc/self/cmdline") ?? "").split("\0").slice(0, -1);
  // Without this a program of root would get them again.
  libc.prctl(PR_SET_NO_NEW_PRIVS, 1);
  return failed("capset", libc.dropCapabilities()) ??
    failed("execve", libc.execute("/proc/self/exe", change(words))) ?? "execve returned";
}

/** How early the kernel ends this process if memory is short, proc(5): -1000 to 1000, the higher the earlier. */
export function setOomScoreAdj(value: number): void {
  const libc = Libc.open();
  const fd = libc.openFile("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    libc.write(fd, new TextEncoder().encode(`${value}`));
    libc.closeFd(fd);
  }
  libc.close();
}

/** Ends this process when its parent ends, however that ends. A change of user would undo this. */
export function endWithParentProcess(): void {
  const libc = Libc.open();
  endWithParent(libc);
  libc.close();
}

function endWithParent(libc: Libc): void {
  libc.prctl(PR_SET_NO_NEW_PRIVS, 1);
  libc.prctl(PR_SET_PDEATHSIG, SIGKILL);
}

function failed(call: string, result: number): string | null {
  return result < 0 ? `${call}: ${errnoName(-result)}` : null;
}
