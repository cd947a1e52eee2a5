/**
 * An instance's `lease`: read, and judged against its adverts.
 *
 * @module
 */

import {
  automaticLeaseSeconds,
  LEASE_MAX_SECONDS,
  LEASE_MIN_SECONDS,
  shortestLeaseSeconds,
} from "../../vip/lease.ts";
import type { InstanceDraft } from "../build/draft.ts";
import { formatDuration, parseDuration } from "./durations.ts";
import { errorAt, type Finding, warningAt } from "../rules/findings.ts";
import { accept, type Outcome, quote, refuse } from "./outcome.ts";

/** `auto`, `off`, or a duration in milliseconds. */
export type LeaseValue = "auto" | "off" | number;

const HINT = "write auto, off, or whole seconds such as 5s";

export function readLease(value: string | number): Outcome<LeaseValue> {
  if (value === "auto" || value === "off") return accept(value);
  const readMs = parseDuration(value);
  const text = typeof value === "number" ? `${value}` : quote(value);
  if (readMs === null) return refuse("invalid_lease", `${text} is no lease`, HINT);
  if (readMs % 1000 !== 0) {
    return refuse("invalid_lease", `the kernel counts whole seconds, not ${text}`, HINT);
  }
  const seconds = readMs / 1000;
  if (seconds >= LEASE_MIN_SECONDS && seconds <= LEASE_MAX_SECONDS) return accept(readMs);
  const range = `${LEASE_MIN_SECONDS}s to ${formatDuration(LEASE_MAX_SECONDS * 1000)}`;
  return refuse(
    "out_of_range",
    `${formatDuration(readMs)} is not within ${range}`,
    `choose ${range}, auto, or off for addresses that stay`,
  );
}

/** A lease that healthy masters would lose, or that dead ones keep for long. */
export function leaseRule({ path, values }: InstanceDraft): Finding[] {
  const { lease, advert_interval: intervalMs, down_timer_adverts: adverts } = values;
  if (typeof lease !== "number" || intervalMs === undefined || adverts === undefined) return [];
  const at = [...path, "lease"];
  const interval = formatDuration(intervalMs);
  const shortestMs = shortestLeaseSeconds(intervalMs) * 1000;
  const autoMs = automaticLeaseSeconds(intervalMs, adverts) * 1000;
  if (lease < shortestMs) {
    return [errorAt(
      at,
      "lease_short",
      `with an advert every ${interval}, a healthy master could not renew a lease of ${
        formatDuration(lease)
      } in time`,
      `choose auto (${formatDuration(autoMs)}) or at least ${formatDuration(shortestMs)}`,
    )];
  }
  if (lease <= autoMs) return [];
  return [warningAt(
    at,
    "lease_long",
    `another node takes over after ${
      formatDuration(adverts * intervalMs)
    } and a little, but a dead vipd's addresses stay for ${formatDuration(lease)}`,
    `choose auto (${formatDuration(autoMs)}) unless that is meant`,
  )];
}
