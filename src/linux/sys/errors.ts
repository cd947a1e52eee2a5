/**
 * Errors of system calls: numbers to names, exceptions for calls that must not fail, values for those that may.
 *
 * @module
 */

import { constants } from "node:os";
import type { HostError } from "../../host/errors.ts";

/** The numbers of errno(3) that this room branches on. */
export const EINTR = constants.errno.EINTR;
export const EAGAIN = constants.errno.EAGAIN;
export const EEXIST = constants.errno.EEXIST;
export const ENODEV = constants.errno.ENODEV;
export const ENOENT = constants.errno.ENOENT;
export const ESRCH = constants.errno.ESRCH;
export const EPERM = constants.errno.EPERM;
export const EMSGSIZE = constants.errno.EMSGSIZE;
export const EOPNOTSUPP = constants.errno.EOPNOTSUPP;
export const EADDRINUSE = constants.errno.EADDRINUSE;
export const EADDRNOTAVAIL = constants.errno.EADDRNOTAVAIL;
export const ENOBUFS = constants.errno.ENOBUFS;

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))
  // Linux has two names for this number; callers and errno(3) know it by this one.
  .set(EAGAIN, "EAGAIN");

/** The capabilities that users must grant if the system denies permission. */
const PERMISSION_HINT =
  "vipd needs CAP_NET_RAW and CAP_NET_ADMIN: run it as root, or grant them with AmbientCapabilities= " +
  "in its systemd unit or with setcap(8)";

/** `EPERM` of 1; `errno 4711` of a number without a name. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** A necessary system call failed. */
export class SysError extends Error {
  readonly syscall: string;
  readonly errno: number;
  /** Name of `errno`, such as `EPERM`. */
  readonly code: string;

  /** `action` is the attempted action, in words: `open the VRRP socket on eth0`. */
  constructor(action: string, syscall: string, errno: number) {
    super(describeFailure(action, syscall, errno));
    this.name = "SysError";
    this.syscall = syscall;
    this.errno = errno;
    this.code = errnoName(errno);
  }
}

/**
 * The result of a system call: `result` if it is not negative.
 *
 * @throws {SysError} if it is -errno.
 */
export function must(action: string, syscall: string, result: number): number {
  if (result < 0) throw new SysError(action, syscall, -result);
  return result;
}

/** A failed system call as a value to report. `detail` is the kernel's additional text. */
export function hostError(
  action: string,
  syscall: string,
  errno: number,
  detail?: string,
): HostError {
  return { code: errnoName(errno), message: describeFailure(action, syscall, errno, detail) };
}

/** The exception of `action` as a value, if it is the failure of a system call; throws anything else again. */
export function asHostError(error: unknown): HostError {
  if (error instanceof SysError) return { code: error.code, message: error.message };
  throw error;
}

function describeFailure(action: string, syscall: string, errno: number, detail?: string): string {
  // rtnetlink's EACCES is no missing capability: IPv6 is off on the interface (disable_ipv6).
  const denied = errno === constants.errno.EPERM ||
    errno === constants.errno.EACCES && syscall !== "rtnetlink";
  const reason = detail ? `${errnoName(errno)}, ${detail}` : errnoName(errno);
  return `Cannot ${action}: ${syscall}: ${reason}${denied ? `; ${PERMISSION_HINT}` : ""}`;
}

/** The error for an interface that does not exist. */
export function missingInterface(action: string, name: string): HostError {
  return hostError(action, "rtnetlink", ENODEV, `there is no interface ${name}`);
}
