/**
 * Spans of time as people read them.
 *
 * @module
 */

import type { NodeStatus } from "../status.ts";

/** `12 s`, `3 min`, `3 h 12 min`, `4 d 3 h`: two units at most; never negative. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min`;
  if (days === 0) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** How long ago a time was, on the clock of `nowMs`: `12 s`. */
export function age(time: string, nowMs: number): string {
  return span(nowMs - Date.parse(time));
}

/** The node's own clock when it said this, in milliseconds: ages are right where another machine's differs. */
export function clockOf({ now, started_at, uptime_seconds }: NodeStatus): number {
  return now !== undefined ? Date.parse(now) : Date.parse(started_at) + uptime_seconds * 1000;
}
