/**
 * Checks which users may read a file with a token.
 *
 * @module
 */

import type { TokenRight } from "./token_judge.ts";

const GROUP_AND_OTHERS = 0o077;
const OWNER_ALONE = 0o600;
const OWNER_AND_GROUP = 0o640;

/** Owner and permission bits of a file; a system without them has `null`. */
export interface FileOwner {
  readonly uid: number | null;
  readonly gid: number | null;
  readonly mode: number | null;
}

/** The user and group that vipd runs as. */
export interface DaemonUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The command that restricts reading a token file to the permitted users; `null` if it is restricted. Permitted are its
 * owner and, for a read-only token of the API, vipd's group: then the file may be root's, as the configuration is.
 * After the command vipd can still read it.
 */
export function exposureRemedy(
  path: string,
  file: FileOwner,
  right: TokenRight,
  daemon: DaemonUser,
): string | null {
  const forGroup = right === "read" && file.gid === daemon.gid;
  const allowed = forGroup ? OWNER_AND_GROUP : OWNER_ALONE;
  if (((file.mode ?? 0) & GROUP_AND_OTHERS & ~allowed) === 0) return null;
  const chmod = `chmod ${allowed.toString(8)} ${path}`;
  if (forGroup || daemon.uid === 0 || file.uid === daemon.uid) return chmod;
  return right === "read"
    ? `chgrp ${daemon.gid} ${path} && chmod ${OWNER_AND_GROUP.toString(8)} ${path}`
    : `chown ${daemon.uid} ${path} && ${chmod}`;
}
