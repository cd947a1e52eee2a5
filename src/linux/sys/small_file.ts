/**
 * Reads the beginning of a file in the runtime's threads, whatever the file has become since it was checked: a pipe
 * without a writer, a disk that does not answer. The caller has its turn in the thread pool (runtime/thread_pool.ts).
 *
 * @module
 */

import { O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDONLY } from "./constants.ts";
import type { Libc, Octets } from "./libc.ts";

/** At most `octets` octets, as text; `null` if the file cannot be opened or read. */
export async function readSmallFile(
  libc: Libc,
  path: string,
  octets: number,
): Promise<string | null> {
  const fd = await libc.openFilePooled(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return null;
  try {
    const buffer: Octets = new Uint8Array(octets);
    const length = await libc.readPooled(fd, buffer);
    return length < 0 ? null : new TextDecoder().decode(buffer.subarray(0, length));
  } finally {
    libc.closeFd(fd);
  }
}
