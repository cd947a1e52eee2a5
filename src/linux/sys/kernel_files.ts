/**
 * Reads the kernel's files in /proc and /sys. Uses libc, because Deno reads them only for programs with all
 * permissions.
 *
 * @module
 */

import { O_CLOEXEC, O_RDONLY } from "./constants.ts";
import { must } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";

/** The kernel's random id of this boot, random(4). */
export const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

/** A bound for the tables of a large machine, in octets. Of many files the kernel gives one page for each read. */
const MAX_OCTETS = 4 * 1024 * 1024;
/** Decoded before the next read, so one buffer is enough. */
const CHUNK: Octets = new Uint8Array(65_536);

/** The whole file, up to a bound; `null` if it cannot be opened. */
export function readKernelFile(libc: Libc, path: string): string | null {
  const fd = libc.openFile(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return null;
  try {
    const decoder = new TextDecoder();
    let text = "";
    for (let read = 0; read < MAX_OCTETS;) {
      const length = libc.read(fd, CHUNK);
      if (length < 0) return null;
      if (length === 0) break;
      read += length;
      text += decoder.decode(CHUNK.subarray(0, length), { stream: true });
    }
    return text;
  } finally {
    libc.closeFd(fd);
  }
}

/**
 * struct linux_dirent64 { ino64_t d_ino; off64_t d_off; unsigned short d_reclen; unsigned char d_type; char d_name[]; }
 */
const RECORD_LENGTH_OFFSET = 16;
const NAME_OFFSET = 19;

/** Read to its end before the next folder, so one buffer is enough. */
const ENTRIES: Octets = new Uint8Array(32_768);
const ENTRIES_VIEW = new DataView(ENTRIES.buffer);

const ZERO = 0x30;

/**
 * The names in a folder that are numbers: the processes in `/proc`, the threads in `/proc/self/task`.
 *
 * @throws {SysError} if it cannot be read.
 */
export function numbersIn(libc: Libc, folder: string): number[] {
  const action = `list ${folder}`;
  const fd = must(action, "open", libc.openFile(folder, O_RDONLY | O_CLOEXEC));
  try {
    const found: number[] = [];
    for (;;) {
      const length = must(action, "getdents64", libc.readFolder(fd, ENTRIES));
      if (length === 0) return found;
      for (let at = 0; at < length; at += ENTRIES_VIEW.getUint16(at + RECORD_LENGTH_OFFSET, true)) {
        const number = numberAt(at + NAME_OFFSET);
        if (number !== null) found.push(number);
      }
    }
  } finally {
    libc.closeFd(fd);
  }
}

/** The zero-terminated name at this place as a number; `null` if it is none. */
function numberAt(start: number): number | null {
  let number = 0;
  let at = start;
  for (; ENTRIES[at] !== 0; at++) {
    const digit = ENTRIES[at]! - ZERO;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return at === start ? null : number;
}
