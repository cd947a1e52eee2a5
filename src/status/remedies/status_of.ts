/**
 * Commands on a machine of which nobody knows here whether systemd runs it: the other node, or this one as others see
 * it. Why a process of vipd ended, and how it starts.
 *
 * @module
 */

function statusOf(units: string): string {
  return `systemctl status ${units}, or the log of vipd without systemd`;
}

/** Ends both processes. */
export const STOP = "systemctl stop vipd, or without systemd end vipd run";

/** Starts both processes. */
export const START = "systemctl start vipd vipd-front, or vipd run without systemd";

/** Ends them, and starts them again. */
export const RESTART = "systemctl restart vipd; without systemd end vipd run and start it again";

export const STATUS_OF = {
  engine: statusOf("vipd"),
  front: statusOf("vipd-front"),
  both: statusOf("vipd vipd-front"),
} as const;
