/**
 * Rules about an instance's `lease`: it is judged against the instance's adverts.
 *
 * @module
 */

import { automaticLeaseSeconds, shortestLeaseSeconds } from "../../vip/lease.ts";
import type { PartialInstance } from "../partial.ts";
import { formatDuration } from "../values/durations.ts";
import { errorAt, type Finding, warningAt } from "../findings.ts";

/** A lease that healthy masters would lose, or that dead ones keep for long. */
export function leaseRule({ path, values }: PartialInstance): Finding[] {
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
