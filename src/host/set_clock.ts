/**
 * An end by the monotonic clock, such as that of an override, is also a time of the wall clock, for people and for the
 * next run. If that clock is set, so is this time.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** A clock that is off by less was not set, in milliseconds. */
const SET_MS = 1000;

/** By how much the wall clock was set since it showed `wallMs` for the moment `atMs` of the monotonic clock; 0 if it was not. */
export function clockSetByMs(
  clock: Pick<Clock, "nowMs" | "wallClockMs">,
  wallMs: number,
  atMs: number,
): number {
  const byMs = Math.round(clock.wallClockMs() + atMs - clock.nowMs() - wallMs);
  return Math.abs(byMs) < SET_MS ? 0 : byMs;
}
