/**
 * An instance's `lease`, as the file writes it.
 *
 * @module
 */

import { LEASE_MAX_SECONDS, LEASE_MIN_SECONDS } from "../../vip/lease.ts";
import { formatDuration, parseDuration } from "./durations.ts";
import { failed, ok, quote, type Result } from "./result.ts";

/** `auto`, `off`, or a duration in milliseconds. */
export type LeaseValue = "auto" | "off" | number;

const HINT = "write auto, off, or whole seconds such as 5s";

export function readLease(value: string | number): Result<LeaseValue> {
  if (value === "auto" || value === "off") return ok(value);
  const readMs = parseDuration(value);
  const text = typeof value === "number" ? `${value}` : quote(value);
  if (readMs === null) return failed("invalid_lease", `${text} is no lease`, HINT);
  if (readMs % 1000 !== 0) {
    return failed("invalid_lease", `the kernel counts whole seconds, not ${text}`, HINT);
  }
  const seconds = readMs / 1000;
  if (seconds >= LEASE_MIN_SECONDS && seconds <= LEASE_MAX_SECONDS) return ok(readMs);
  const range = `${LEASE_MIN_SECONDS}s to ${formatDuration(LEASE_MAX_SECONDS * 1000)}`;
  return failed(
    "out_of_range",
    `${formatDuration(readMs)} is not within ${range}`,
    `choose ${range}, auto, or off for addresses that stay`,
  );
}
