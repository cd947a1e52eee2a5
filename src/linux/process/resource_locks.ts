/**
 * Locks on resources that several daemons of one machine could have, such as an address: a listening socket in the
 * abstract namespace (unix(7)). That namespace belongs to the network namespace, as addresses do, and the kernel frees
 * the name when the process ends, however it ends.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { LockHolder } from "../../host/locks.ts";
import {
  AF_UNIX,
  SO_PEERCRED,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../sys/constants.ts";
import { EADDRINUSE } from "../sys/errors.ts";
import { readKernelFile } from "../sys/kernel_files.ts";
import type { Libc, Octets } from "../sys/libc.ts";

/** struct sockaddr_un has room for 108 octets, the first of which is 0 in the abstract namespace. */
const MAX_NAME_OCTETS = 107;
/** Each lock needs a descriptor. Beyond this limit, vipd recognizes another daemon by its renewals. */
const MAX_LOCKS = 500;
/** Each other daemon asks once for the owner, or at its start. */
const BACKLOG = 64;
/** struct ucred { pid_t pid; uid_t uid; gid_t gid; } */
const CREDENTIALS_OCTETS = 12;

export class ResourceLocks {
  readonly #libc: Libc;
  readonly #held = new Map<string, number>();
  /** The known locks of other processes. */
  readonly #others = new Map<string, LockHolder>();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * Takes the lock; `null` if this process has it now. A system that cannot give it, or another user's process that has
   * taken the name, must not block vipd: then the lock protects nothing.
   */
  take(resource: string): LockHolder | null {
    if (this.#held.has(resource)) return null;
    if (this.#held.size >= MAX_LOCKS) return this.#others.get(resource) ?? this.holder(resource);
    const fd = this.#socket();
    if (fd < 0) return null;
    const bound = this.#libc.bind(fd, addressOf(resource));
    if (bound === 0 && this.#libc.listen(fd, BACKLOG) === 0) {
      this.#held.set(resource, fd);
      this.#others.delete(resource);
      return null;
    }
    this.#libc.closeFd(fd);
    if (bound !== -EADDRINUSE) return null;
    // Asks for the other process only once: nobody empties the other's queue of connections, which is bounded.
    return this.#others.get(resource) ?? this.holder(resource);
  }

  free(resource: string): void {
    const fd = this.#held.get(resource);
    if (fd === undefined) return;
    this.#held.delete(resource);
    this.#libc.closeFd(fd);
  }

  /** The other process that has it. */
  holder(resource: string): LockHolder | null {
    const holder = this.#ask(resource);
    if (holder) this.#others.set(resource, holder);
    else this.#others.delete(resource);
    return holder;
  }

  #ask(resource: string): LockHolder | null {
    const fd = this.#socket();
    if (fd < 0) return null;
    try {
      if (this.#libc.connect(fd, addressOf(resource)) < 0) return null;
      const credentials: Octets = new Uint8Array(CREDENTIALS_OCTETS);
      if (this.#libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials) < 0) return null;
      const view = new DataView(credentials.buffer);
      const pid = view.getInt32(0, true);
      const uid = view.getUint32(4, true);
      if (pid === Deno.pid || uid !== 0 && uid !== Deno.uid()) return null;
      // A process of another PID namespace has no PID here.
      if (pid <= 0) return { pid: null, name: null };
      return { pid, name: readKernelFile(this.#libc, `/proc/${pid}/comm`)?.trim() ?? null };
    } finally {
      this.#libc.closeFd(fd);
    }
  }

  close(): void {
    for (const resource of Array.from(this.#held.keys())) this.free(resource);
  }

  #socket(): number {
    return this.#libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }
}

/** struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; } */
function addressOf(resource: string): Octets {
  const plain = new TextEncoder().encode(`vipd ${resource}`);
  const name = plain.length <= MAX_NAME_OCTETS
    ? plain
    : new TextEncoder().encode(`vipd ${createHash("sha256").update(plain).digest("hex")}`);
  const octets = new Uint8Array(3 + name.length);
  new DataView(octets.buffer).setUint16(0, AF_UNIX, true);
  octets.set(name, 3);
  return octets;
}
