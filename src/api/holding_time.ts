/**
 * How long an override, or the probation of a configuration, may be asked to last.
 *
 * @module
 */

import { formatDuration, parseDuration } from "../config/values/durations.ts";

/** The longest one; an override without an end stays until it is released. */
const MAX_MS = 7 * 24 * 3600 * 1000;

/** `a duration from 1ms to 168h`. */
export const HOLDING_TIME = `a duration from ${formatDuration(1)} to ${MAX_MS / 3_600_000}h`;

/** Milliseconds of such a time; `null` for another duration, and for none. */
export function holdingTimeMs(value: string | number): number | null {
  const ms = parseDuration(value);
  return ms !== null && ms > 0 && ms <= MAX_MS ? ms : null;
}
