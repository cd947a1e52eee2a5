/**
 * An override in words: what stands, who gave it, until when and why. The page has them too, so nothing else is here.
 *
 * @module
 */

import type { CommandClient } from "../schemas/command_origin.ts";
import { age, span } from "./span.ts";
import type { OverrideStatus } from "../status.ts";

/** `demoted manually (root, uid 0) 3 min ago, until released: "kernel update"`. */
export function overrideText(
  { kind, priority, since, until, by, reason }: OverrideStatus,
  nowMs: number,
): string {
  const what = kind === "priority" ? `priority ${priority}` : kind;
  const end = until === null ? "until released" : `for another ${span(Date.parse(until) - nowMs)}`;
  return `${what} manually${clientText(by)} ${age(since, nowMs)} ago, ${end}${reasonText(reason)}`;
}

/** The origin behind the words for an override: ` (root, uid 0)`, ` (192.168.31.20)`, or nothing. */
export function clientText(by: CommandClient | undefined): string {
  const { user, uid, address, proxy } = by ?? {};
  const from = uid === undefined ? [address] : [user === `${uid}` ? undefined : user, `uid ${uid}`];
  const parts = proxy === undefined ? from : [`by the proxy of ${proxy}`, ...from];
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? "" : ` (${known.join(", ")})`;
}

/** To end a sentence: `: "kernel update"`, or nothing. */
export function reasonText(reason: string | undefined): string {
  return reason === undefined ? "" : `: ${JSON.stringify(reason)}`;
}
