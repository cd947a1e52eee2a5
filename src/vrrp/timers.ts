/**
 * The only place where wire centiseconds become milliseconds.
 *
 * @module
 */

import type { VrrpVersion } from "../wire/vrrp.ts";

/** Centiseconds (as on the wire) to milliseconds. */
export function centisecondsToMs(intervalCs: number): number {
  return intervalCs * 10;
}

/**
 * Skew_Time in milliseconds, not rounded.
 *
 * VRRPv2 (RFC 3768 section 6.1): (256 - priority) / 256 seconds, whatever the interval.
 * VRRPv3 (RFC 9568 section 6.1): ((256 - priority) * Active_Adver_Interval) / 256.
 */
export function skewTimeMs(version: VrrpVersion, priority: number, intervalCs: number): number {
  const unitMs = version === 2 ? 1000 : centisecondsToMs(intervalCs);
  return ((256 - priority) * unitMs) / 256;
}

/** How many adverts must be missing until a master counts as gone (RFC 3768 6.1, RFC 9568 6.1). */
const DOWN_TIMER_ADVERTS = 3;

/** Master_Down_Interval in milliseconds: `adverts` * interval + Skew_Time (RFC 3768 6.1, RFC 9568 6.1). */
export function masterDownIntervalMs(
  version: VrrpVersion,
  priority: number,
  intervalCs: number,
  adverts = DOWN_TIMER_ADVERTS,
): number {
  return adverts * centisecondsToMs(intervalCs) + skewTimeMs(version, priority, intervalCs);
}

/**
 * How long a master that hands over keeps answering for its addresses: the Skew_Time of the slowest
 * possible backup (priority 1), and a margin for the advert to arrive and be handled, in milliseconds.
 */
export function handOverLimitMs(version: VrrpVersion, intervalCs: number): number {
  return skewTimeMs(version, 1, intervalCs) + HAND_OVER_MARGIN_MS;
}

const HAND_OVER_MARGIN_MS = 200;

/**
 * Adverts of two routers cross if each is sent before the other has arrived: for how long after its own a router may hear
 * such a one, in milliseconds. An advert follows the last one after an interval, so half of one; a goodbye follows none.
 */
export function crossingMs(intervalCs: number, isGoodbye: boolean): number {
  if (isGoodbye) return HAND_OVER_MARGIN_MS;
  return Math.min(centisecondsToMs(intervalCs) / 2, HAND_OVER_MARGIN_MS);
}

/**
 * How long a router that is the last resort waits after priority 0, in milliseconds: longer than any other backup, and
 * than the one that says goodbye keeps the addresses or, if nobody comes, needs to speak again.
 */
export function lastResortMs(version: VrrpVersion, intervalCs: number): number {
  return handOverLimitMs(version, intervalCs) + HAND_OVER_MARGIN_MS;
}

/**
 * How much before its time an advert may leave, in milliseconds: a twentieth of the interval, and little in all. Many
 * routers then speak at one wake of the program. No backup minds: it counts from the advert it heard.
 */
export function adverEarlyMs(intervalCs: number): number {
  return Math.min(centisecondsToMs(intervalCs) / 20, ADVER_EARLY_MAX_MS);
}

const ADVER_EARLY_MAX_MS = 10;

/** Adverts that come no more often than this leave at every second step only, in milliseconds. */
const RARE_MS = 1000;

/**
 * Aligns an advert that is due at `atMs` to the host's timer grid, multiples of `stepMs`, so that many routers share
 * few wake-ups: little by little, at most `adverEarlyMs` early. `null` if the interval is no multiple of the step, or
 * the step is 0: the host has no grid.
 */
export function adverStepMs(atMs: number, intervalCs: number, stepMs: number): number | null {
  const intervalMs = centisecondsToMs(intervalCs);
  if (stepMs === 0 || intervalMs % stepMs !== 0) return null;
  const isRare = intervalMs >= RARE_MS && intervalMs % (2 * stepMs) === 0;
  const everyMs = isRare ? 2 * stepMs : stepMs;
  const earlyMs = adverEarlyMs(intervalCs);
  // Adverts that are not aligned yet share their moments too, but one that was a little late still gets on.
  const unitMs = Math.max(1, earlyMs / 2);
  const soonestMs = Math.ceil((atMs - earlyMs) / unitMs) * unitMs;
  return Math.min(atMs, Math.max(soonestMs, Math.floor(atMs / everyMs) * everyMs));
}

/**
 * How much before the end of Master_Down_Interval a takeover may begin, in milliseconds: a real machine takes about as
 * long to read the last advert, to wake, and to have the addresses on and announced.
 */
export const TAKEOVER_EARLY_MS = 2;
