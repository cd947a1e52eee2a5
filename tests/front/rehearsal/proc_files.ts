/** Files below /proc: those of this machine, through libc as the program reads them, or made-up ones. */

import type { ProcFiles } from "../../../src/front/rehearsal/proc_files.ts";
import { LinuxProcFiles } from "../../../src/linux/process/proc_files.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";

/** This machine's; they stay open as long as the test's process. */
export const machineFiles: ProcFiles = new LinuxProcFiles(Libc.open());

/** A machine with these files, by their paths, and no others. */
export function procFilesOf(files: Readonly<Record<string, string>>): ProcFiles {
  const pids = Object.keys(files).map((path) => /^\/proc\/(\d+)\//.exec(path)?.[1]);
  return {
    read: (path) => files[path] ?? null,
    processes: () => Array.from(new Set(pids.filter((pid) => pid !== undefined))).map(Number),
  };
}
