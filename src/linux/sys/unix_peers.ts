/**
 * Finds the user at the other end of a unix socket's connection, SO_PEERCRED of unix(7).
 *
 * The runtime does not show the descriptor of a connection, and all connections of a unix socket look alike. The caller
 * asks for them one by one as it accepts them, so the connection is the only one of its listener that was not there
 * before. Each socket has a number for this (SO_COOKIE, socket(7)).
 *
 * @module
 */

import { AF_UNIX, SO_ACCEPTCONN, SO_COOKIE, SO_PEERCRED, SOL_SOCKET } from "./constants.ts";
import { numbersIn } from "./kernel_files.ts";
import type { Libc, Octets } from "./libc.ts";

/** The descriptors of this process, proc_pid_fd(5). */
const DESCRIPTORS = "/proc/self/fd";

export class UnixPeers {
  readonly #libc: Libc;
  /** The sockets that existed at the last call. */
  #known: ReadonlySet<bigint> = new Set();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * The user id at the other end. The caller asks once for each connection, before its listener accepts another.
   *
   * @returns `null` if it is unknown: the connection is closed already, or the caller did not ask for others of its
   * listener.
   */
  userOf({ localAddr }: Pick<Deno.Conn, "localAddr">): number | null {
    if (localAddr.transport !== "unix") return null;
    const found = this.#newSockets().filter((fd) => this.#isAcceptedAt(fd, localAddr.path));
    if (found.length !== 1) return null;
    return this.#libc.getsockopt(found[0]!, SOL_SOCKET, SO_PEERCRED, CREDENTIALS) < 0
      ? null
      : CREDENTIALS_VIEW.getUint32(UID_OFFSET, true);
  }

  /** The descriptors of sockets that did not exist the last time. */
  #newSockets(): number[] {
    const now = new Set<bigint>();
    const found: number[] = [];
    for (const fd of numbersIn(this.#libc, DESCRIPTORS)) {
      if (this.#libc.getsockopt(fd, SOL_SOCKET, SO_COOKIE, COOKIE) < 0) continue;
      const cookie = COOKIE_VIEW.getBigUint64(0, true);
      now.add(cookie);
      if (!this.#known.has(cookie)) found.push(fd);
    }
    this.#known = now;
    return found;
  }

  /** A listener has the same name as its connections. */
  #isAcceptedAt(fd: number, path: string): boolean {
    if (this.#libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, FLAG) < 0 || FLAG[0] !== 0) {
      return false;
    }
    // For a socket without a name the kernel writes none.
    NAME.fill(0);
    return this.#libc.getsockname(fd, NAME) >= 0 && nameIn(NAME) === path;
  }
}

/** struct ucred { pid_t pid; uid_t uid; gid_t gid; } (unix(7)) */
const CREDENTIALS: Octets = new Uint8Array(12);
const CREDENTIALS_VIEW = new DataView(CREDENTIALS.buffer);
const UID_OFFSET = 4;
const COOKIE: Octets = new Uint8Array(8);
const COOKIE_VIEW = new DataView(COOKIE.buffer);
const FLAG: Octets = new Uint8Array(4);
/** struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; } (unix(7)) */
const NAME: Octets = new Uint8Array(110);
const PATH_OFFSET = 2;
const DECODER = new TextDecoder();

/** The path of a struct sockaddr_un; `null` for another family. */
function nameIn(address: Octets): string | null {
  if (new DataView(address.buffer).getUint16(0, true) !== AF_UNIX) return null;
  const end = address.indexOf(0, PATH_OFFSET);
  return DECODER.decode(address.subarray(PATH_OFFSET, end < 0 ? address.length : end));
}
