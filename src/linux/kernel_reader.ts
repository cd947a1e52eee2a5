/**
 * Reads the kernel's files in /proc and /sys, for a command that opens no host.
 *
 * @module
 */

/** A reader of /proc and /sys. */
export interface KernelFiles {
  readKernelFile(path: string): string | null;
}

/** Calls `act` with a reader of /proc and /sys. */
export async function withKernelFiles<T>(act: (files: KernelFiles) => T): Promise<T> {
  // Imported here, so that no other command opens libc.
  const [{ Libc }, { readKernelFile }] = await Promise.all([
    import("./sys/libc.ts"),
    import("./sys/kernel_files.ts"),
  ]);
  const libc = Libc.open();
  try {
    return act({ readKernelFile: (path) => readKernelFile(libc, path) });
  } finally {
    libc.close();
  }
}
