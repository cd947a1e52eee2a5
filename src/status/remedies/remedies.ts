/**
 * Remedies in the words of one node, for readers on any; and commands on a machine of which nobody knows here whether
 * systemd runs it: the other node, or this one as others see it.
 *
 * @module
 */

import type { DroppedBy } from "../status.ts";

/** The words of `node` about itself, as `this node`, for readers on another one. */
export function asSaidOf(node: string, said: string): string {
  return said.replace(/^here: /, "").replaceAll(/\bthis node\b/g, node)
    .replaceAll(/\bour(s?)\b/g, (_, s) => s === "s" ? `that of ${node}` : `${node}'s`)
    .replaceAll(/\bhere\b/g, `on ${node}`);
}

/** A node whose firewall is known to drop adverts, and by which rules; `null`: this one. */
export interface DroppingNode {
  readonly node: string | null;
  readonly rules: DroppedBy;
}

/** The remedy where firewalls are known to drop adverts; `null` if none is. */
export function rulesRemedy(dropping: readonly DroppingNode[]): string | null {
  if (dropping.length === 0) return null;
  return dropping.map(({ node, rules }) => ruleRemedy(rules, node ?? undefined)).join("; ");
}

/** The remedy where rules of the firewall of `node`, or of this machine, are known to drop adverts. */
export function ruleRemedy({ rule, command }: DroppedBy, node?: string): string {
  const where = node === undefined ? "here" : `on ${node}`;
  return `${where}: \`${command}\` lets them pass, ahead of what drops them (${rule}); write that ` +
    "into the firewall's own configuration, too";
}

/** The remedy where no known rule, but the interface drops adverts on their way out; `where`: `on lb01`. */
export function dropsBehindRemedy(where: string): string {
  return `\`nft list ruleset\` ${where} shows egress chains that drop protocol 112, and ` +
    "`tc -s qdisc show` a full queue, or filters of tc (clsact) that drop";
}

function statusOf(units: string): string {
  return `systemctl status ${units}, or the log of vipd without systemd`;
}

/** Ends both processes. */
export const STOP = "systemctl stop vipd, or without systemd end vipd run";

/** Starts both processes. */
export const START = "systemctl start vipd vipd-front, or vipd run without systemd";

/** Ends them, and starts them again. */
export const RESTART = "systemctl restart vipd; without systemd end vipd run and start it again";

/** Shows why a process of vipd ended, and how it starts. */
export const STATUS_OF = {
  engine: statusOf("vipd"),
  front: statusOf("vipd-front"),
  both: statusOf("vipd vipd-front"),
} as const;
