/**
 * Ends connections that the runtime cannot end: its close(2) waits for a pending TLS handshake, and before Deno 2.7 for
 * a pending write.
 *
 * The runtime does not show the descriptor of a connection, so this finds it by the addresses of both ends, of which
 * there is one pair. It reads all descriptors at once for many connections. The descriptors that it remembers are only
 * guesses, which it checks before use.
 *
 * @module
 */

import { parseIp } from "../../wire/address.ts";
import { AF_INET, AF_INET6, SHUT_RDWR } from "./constants.ts";
import { numbersIn } from "./kernel_files.ts";
import type { Libc, Octets } from "./libc.ts";

/** The descriptors of this process, proc_pid_fd(5). */
const DESCRIPTORS = "/proc/self/fd";

export class ConnectionShutdown {
  readonly #libc: Libc;
  /** Both ends -> descriptor, as of the last reading. */
  #descriptors: ReadonlyMap<string, number> = new Map();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * shutdown(2) of both directions of a TCP connection: all pending operations end at once.
   *
   * @returns false if there is no such connection, or it has no such addresses (a unix socket).
   */
  shutdown({ localAddr, remoteAddr }: Pick<Deno.Conn, "localAddr" | "remoteAddr">): boolean {
    const [local, remote] = [endOf(localAddr), endOf(remoteAddr)];
    if (local === null || remote === null) return false;
    const ends = `${local} ${remote}`;
    const fd = this.#find(ends) ?? this.#lookAndFind(ends);
    return fd !== null && this.#libc.shutdown(fd, SHUT_RDWR) >= 0;
  }

  #lookAndFind(ends: string): number | null {
    const found = new Map<string, number>();
    for (const fd of numbersIn(this.#libc, DESCRIPTORS)) {
      const those = this.#endsOf(fd);
      if (those !== null) found.set(those, fd);
    }
    this.#descriptors = found;
    return this.#find(ends);
  }

  #find(ends: string): number | null {
    const fd = this.#descriptors.get(ends);
    return fd !== undefined && this.#endsOf(fd) === ends ? fd : null;
  }

  /** Both ends of a descriptor; `null` if it is no TCP connection. */
  #endsOf(fd: number): string | null {
    if (this.#libc.getpeername(fd, ADDRESS) < 0) return null;
    const remote = endInAddress();
    if (remote === null || this.#libc.getsockname(fd, ADDRESS) < 0) return null;
    return `${endInAddress()} ${remote}`;
  }
}

/** One end of a TCP connection as text; `null` if it is not TCP. */
function endOf(address: Deno.Addr): string | null {
  // A client's TLS connection has no transport here; UDP sockets are no connections.
  if (!("hostname" in address)) return null;
  // A link-local address may be followed by its interface.
  const octets = parseIp(address.hostname.replace(/%.*$/, ""));
  return octets && endText(octets, address.port);
}

/**
 * struct sockaddr_in { sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; } struct sockaddr_in6 {
 * sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo; struct in6_addr sin6_addr; } (ip(7), ipv6(7));
 * read before the next call, so one buffer is enough.
 */
const ADDRESS: Octets = new Uint8Array(28);
const VIEW = new DataView(ADDRESS.buffer);
const PORT_OFFSET = 2;
const IPV4_OCTETS = ADDRESS.subarray(4, 8);
const IPV6_OCTETS = ADDRESS.subarray(8, 24);

/** The end in {@link ADDRESS}. */
function endInAddress(): string | null {
  const family = VIEW.getUint16(0, true);
  if (family !== AF_INET && family !== AF_INET6) return null;
  return endText(family === AF_INET ? IPV4_OCTETS : IPV6_OCTETS, VIEW.getUint16(PORT_OFFSET));
}

function endText(octets: Uint8Array, port: number): string {
  return `${octets.toHex()} ${port}`;
}
