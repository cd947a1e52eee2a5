/**
 * Gives back the pages of the executable that only the start needed, half of what a process has in memory. As long as memory
 * is not short they stay in the kernel's cache of files, and those that are used again are mapped again.
 *
 * @module
 */

import { MADV_DONTNEED } from "../sys/constants.ts";
import { readKernelFile } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";

/** No page that was written to is in memory, nor in the swap space. */
const UNCHANGED = [/^Anonymous: +0 kB$/m, /^Swap: +0 kB$/m];

/** A mapping of a file in this process's memory: half open, in octets. */
export interface FileMapping {
  readonly start: bigint;
  readonly end: bigint;
}

/** Unmaps the executable's own pages, which takes some milliseconds, most of them for finding them. */
export function giveBackStartPages(libc: Libc): void {
  const path = Deno.execPath();
  const text = readKernelFile(libc, "/proc/self/smaps") ?? "";
  for (const { start, end } of unchangedMappings(text, path)) {
    libc.madvise(start, end - start, MADV_DONTNEED);
  }
}

/**
 * The mappings of a file in which every page is the file's: none that the process may write, or the loader has written to.
 *
 * @param smaps proc_pid_smaps(5)
 */
export function unchangedMappings(smaps: string, path: string): FileMapping[] {
  const mapping = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ \d+ +(.+)\n((?:[A-Z].*\n)*)/gm;
  return Array.from(smaps.matchAll(mapping))
    .filter(([, , , file, values]) => file === path && UNCHANGED.every((it) => it.test(values!)))
    .map(([, start, end]) => ({ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }));
}
