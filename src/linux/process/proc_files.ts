/**
 * proc(5) for readers that have no libc of their own.
 *
 * @module
 */

import { SysError } from "../sys/errors.ts";
import { numbersIn, readKernelFile } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";

export class LinuxProcFiles {
  readonly #libc: Libc;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** The text of a file; `null` if it cannot be read. */
  read(path: string): string | null {
    return readKernelFile(this.#libc, path);
  }

  /** The ids of the processes that this user sees, unsorted; none if the kernel does not list them. */
  processes(): number[] {
    try {
      return numbersIn(this.#libc, "/proc");
    } catch (error) {
      if (error instanceof SysError) return [];
      throw error;
    }
  }
}
