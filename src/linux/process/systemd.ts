/**
 * Messages to the service manager, through sd_notify(3).
 *
 * @module
 */

import type { HostError } from "../../host/errors.ts";
import {
  AF_UNIX,
  CLOCK_MONOTONIC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from "../sys/constants.ts";
import { hostError, must } from "../sys/errors.ts";
import type { Libc, Octets } from "../sys/libc.ts";

const ACTION = "notify the service manager";
/** Size of sun_path, unix(7). */
const PATH_OCTETS = 108;

/**
 * Sends `state`, lines such as `READY=1`, to the datagram socket at `path`: the value of NOTIFY_SOCKET, whose leading
 * `@` stands for the abstract namespace. Does nothing without a path, and waits for no manager: `EAGAIN` if it has not read
 * what came before (unix(7)).
 */
export function notifySystemd(
  libc: Libc,
  path: string | undefined,
  state: string,
): HostError | null {
  if (!path) return null;
  const address = socketAddress(path);
  if (!address) {
    const message =
      `Cannot ${ACTION}: NOTIFY_SOCKET is "${path}"; only paths and @names are supported`;
    return { code: "unsupported", message };
  }
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return hostError(ACTION, "socket", -fd);
  const flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  const sent = libc.sendto(fd, new TextEncoder().encode(state), flags, address);
  libc.closeFd(fd);
  return sent < 0 ? hostError(ACTION, "sendto", -sent) : null;
}

/**
 * The message before a reload: the state and its time, by the clock that the manager compares with (sd_notify(3)).
 * READY=1 reports that the reload is over.
 */
export function reloadingState(libc: Libc): string {
  const timespec = new Uint8Array(16);
  must(ACTION, "clock_gettime", libc.clockGettime(CLOCK_MONOTONIC, timespec));
  const view = new DataView(timespec.buffer);
  const usec = view.getBigInt64(0, true) * 1_000_000n + view.getBigInt64(8, true) / 1000n;
  return `RELOADING=1\nMONOTONIC_USEC=${usec}`;
}

/** struct sockaddr_un { sa_family_t sun_family; char sun_path[108]; }, as long as the path needs. */
function socketAddress(path: string): Octets | null {
  if (!path.startsWith("/") && !path.startsWith("@")) return null;
  const name = new TextEncoder().encode(path);
  if (name.length >= PATH_OCTETS) return null;
  if (path.startsWith("@")) name[0] = 0;
  const octets = new Uint8Array(2 + name.length);
  new DataView(octets.buffer).setUint16(0, AF_UNIX, true);
  octets.set(name, 2);
  return octets;
}
