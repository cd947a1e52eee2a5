/**
 * The source of why a process of vipd ended, on a machine of which nobody knows here whether systemd runs it: the other
 * node, or this one as others see it.
 *
 * @module
 */

function statusOf(units: string): string {
  return `systemctl status ${units}, or the log of vipd without systemd`;
}

export const STATUS_OF = {
  engine: statusOf("vipd"),
  front: statusOf("vipd-front"),
  both: statusOf("vipd vipd-front"),
} as const;
