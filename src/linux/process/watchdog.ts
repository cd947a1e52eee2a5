/**
 * Reports to the service manager that the engine lives, sd_watchdog_enabled(3).
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";

/** How much earlier a sign of life may be given to share a wake-up with another timer: part of the interval. */
const EARLY = 0.25;

/**
 * The time between two signs of life, in milliseconds: half of the service manager's limit; `null` if it expects none
 * of this process.
 */
export function watchdogIntervalMs(
  env: (name: string) => string | undefined,
  pid: number,
): number | null {
  const limitUs = Number(env("WATCHDOG_USEC"));
  const watched = env("WATCHDOG_PID");
  if (!Number.isSafeInteger(limitUs) || limitUs <= 0) return null;
  return watched === undefined || watched === String(pid) ? limitUs / 2000 : null;
}

/**
 * Gives a sign of life now and after each interval. The host calls its timers after it has read all that had arrived:
 * an engine that is blocked, or no longer reads, gives none.
 */
export function keepWatchdog(
  host: Pick<Clock, "nowMs" | "setTimer">,
  intervalMs: number,
  signOfLife: () => void,
): void {
  signOfLife();
  const nextMs = host.nowMs() + intervalMs;
  host.setTimer(nextMs, () => keepWatchdog(host, intervalMs, signOfLife), intervalMs * EARLY);
}
