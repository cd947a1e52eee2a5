/**
 * A process that gives up what it was started with: the front of an engine that started it as a child.
 *
 * @module
 */

import {
  PR_SET_DUMPABLE,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  SIGKILL,
} from "./constants.ts";
import { errnoName } from "./errors.ts";
import { Libc } from "./libc.ts";

/** Whom a process becomes. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Becomes another user for good, with no group besides its own and, unless that is root, no capability: setuid(2) of
 * every thread. Then no program that this one starts can gain what it has given up, and the process ends with its
 * parent, `PR_SET_PDEATHSIG`: a change of user would undo that, so it comes last.
 *
 * @returns why that is not possible, or `null`
 */
export function becomeChildUser(user: ProcessUser | null): string | null {
  const libc = Libc.open();
  try {
    if (user !== null) {
      const steps = [
        ["setgroups", () => libc.dropGroups()],
        ["setresgid", () => libc.setGroup(user.gid)],
        ["setresuid", () => libc.setUser(user.uid)],
      ] as const;
      for (const [call, step] of steps) {
        const result = step();
        if (result < 0) return `${call}: ${errnoName(-result)}`;
      }
      // The kernel has made its files in /proc root's: the server looks for its descriptors there.
      libc.prctl(PR_SET_DUMPABLE, 1);
    }
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1);
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL);
    return null;
  } finally {
    libc.close();
  }
}
