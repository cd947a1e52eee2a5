/**
 * What the kernel tells in /proc and /sys. Through libc: Deno reads them only for programs that may do everything.
 *
 * @module
 */

import { O_CLOEXEC, O_RDONLY } from "./constants.ts";
import type { Libc, Octets } from "./libc.ts";

const CHUNK_OCTETS = 65536;
/** Tables of a large machine are longer than one would read. */
const MAX_CHUNKS = 64;

/** The whole file, as far as it is of a size to be read; `null` when it cannot be opened. */
export function readKernelFile(libc: Libc, path: string): string | null {
  const fd = libc.openFile(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return null;
  try {
    const decoder = new TextDecoder();
    let text = "";
    for (let chunk = 0; chunk < MAX_CHUNKS; chunk++) {
      const octets: Octets = new Uint8Array(CHUNK_OCTETS);
      const length = libc.read(fd, octets);
      if (length < 0) return null;
      if (length === 0) break;
      text += decoder.decode(octets.subarray(0, length), { stream: true });
    }
    return text;
  } finally {
    libc.closeFd(fd);
  }
}
