/**
 * Named pipes that are written without waiting for a reader (fifo(7), pipe(7)).
 *
 * @module
 */

import { F_GETPIPE_SZ, O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK, O_RDWR } from "./constants.ts";
import { EAGAIN, errnoName } from "./errors.ts";
import type { Libc, Octets } from "./libc.ts";

/** Its owner reads and writes. */
const MODE = 0o600;
/** For reading too: so it opens without a reader, and a reader that ends makes no write fail (fifo(7)). */
const FLAGS = O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;

/** The numbers of a user and a group. */
export interface PipeOwner {
  readonly uid: number;
  readonly gid: number;
}

export class NamedPipe {
  readonly #libc: Libc;
  #fd: number;

  private constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /**
   * Opens the pipe at `path`, an absolute path; makes it, for `owner`, if nothing is there. Returns why it cannot. The
   * runtime's threads wait for the file system; the caller has its turn in the thread pool (runtime/thread_pool.ts).
   */
  static async open(
    libc: Libc,
    path: string,
    owner: PipeOwner | null,
  ): Promise<NamedPipe | string> {
    const found = await libc.openFilePooled(path, FLAGS);
    if (found >= 0) return asPipe(libc, found) ?? new NamedPipe(libc, found);
    const made = await libc.makePipePooled(path, MODE);
    const fd = made < 0 ? made : await libc.openFilePooled(path, FLAGS);
    if (fd < 0) {
      return "it can be neither opened nor made: vipd's user needs the right to write there";
    }
    const owned = owner === null ? 0 : libc.changeOwner(fd, owner.uid, owner.gid);
    if (owned >= 0) return new NamedPipe(libc, fd);
    libc.closeFd(fd);
    return `it cannot be given to its user: fchown failed with ${errnoName(-owned)}`;
  }

  /** Writes at most PIPE_BUF octets, all or none (pipe(7)); returns why it could not. */
  write(line: string): string | null {
    if (this.#fd < 0) return "it is closed";
    const octets: Octets = new TextEncoder().encode(line);
    const written = this.#libc.write(this.#fd, octets);
    if (written >= 0) return null;
    return written === -EAGAIN
      ? "the pipe is full, because nobody reads it"
      : `write failed with ${errnoName(-written)}`;
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.closeFd(this.#fd);
    this.#fd = -1;
  }
}

/** Closes what is no pipe, and says so: only a pipe has a capacity, fcntl(2). */
function asPipe(libc: Libc, fd: number): string | null {
  if (libc.fcntl(fd, F_GETPIPE_SZ, 0) >= 0) return null;
  libc.closeFd(fd);
  return "something is there that is no named pipe";
}
