/**
 * Ends connections that the runtime cannot: its close(2) waits for a pending TLS handshake, and before Deno 2.7 for a
 * pending write.
 *
 * @module
 */

import { parseIp } from "../wire/address.ts";
import { AF_INET, AF_INET6, SHUT_RDWR } from "./constants.ts";
import { numbersIn } from "./kernel_files.ts";
import type { Libc, Octets } from "./libc.ts";

/** The descriptors of this process, proc_pid_fd(5). */
const DESCRIPTORS = "/proc/self/fd";

/**
 * shutdown(2) of both directions of a TCP connection: what is pending on it ends at once. The runtime does not say which
 * descriptor is whose, so it is found by the addresses of both ends, of which there is one pair; 0.1 ms among 1000.
 *
 * @returns false if there is no such connection, or it has no such addresses (a unix socket).
 */
export function shutdownConnection(libc: Libc, conn: Deno.Conn): boolean {
  const [local, remote] = [endOf(conn.localAddr), endOf(conn.remoteAddr)];
  if (local === null || remote === null) return false;
  for (const fd of numbersIn(libc, DESCRIPTORS)) {
    if (libc.getpeername(fd, ADDRESS) < 0 || !isEnd(remote)) continue;
    if (libc.getsockname(fd, ADDRESS) < 0 || !isEnd(local)) continue;
    return libc.shutdown(fd, SHUT_RDWR) >= 0;
  }
  return false;
}

/** One end of a TCP connection. */
interface End {
  readonly address: Uint8Array;
  readonly port: number;
}

/** `null` of what is not TCP. */
function endOf(address: Deno.Addr): End | null {
  if (address.transport !== "tcp") return null;
  // A link-local address may have its interface behind it.
  const octets = parseIp(address.hostname.replace(/%.*$/, ""));
  return octets && { address: octets, port: address.port };
}

/**
 * struct sockaddr_in { sa_family_t sin_family; in_port_t sin_port; struct in_addr sin_addr; }
 * struct sockaddr_in6 { sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo; struct in6_addr sin6_addr; }
 * (ip(7), ipv6(7)); read before the next call, so one is enough.
 */
const ADDRESS: Octets = new Uint8Array(28);
const VIEW = new DataView(ADDRESS.buffer);
const PORT_OFFSET = 2;
const ADDRESS_OFFSETS: ReadonlyMap<number, number> = new Map([[AF_INET, 4], [AF_INET6, 8]]);

/** Whether {@link ADDRESS} is that end. */
function isEnd({ address, port }: End): boolean {
  const offset = ADDRESS_OFFSETS.get(VIEW.getUint16(0, true));
  if (offset === undefined || VIEW.getUint16(PORT_OFFSET) !== port) return false;
  if ((offset === ADDRESS_OFFSETS.get(AF_INET)) !== (address.length === 4)) return false;
  return address.every((octet, at) => octet === ADDRESS[offset + at]);
}
