/**
 * Runs checks once each, next to those that run: what a configuration would find, before it is in force.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../../health/check.ts";
import type { CheckConfig } from "../../health/check_config.ts";
import type { CancelTimer, Clock } from "../../host/clock.ts";
import type { Programs } from "../../host/programs.ts";

/** Nobody waits longer for a first result, in milliseconds, whatever the check's own timeout is. */
export const FIRST_RESULT_LIMIT_MS = 10_000;

/** The first result of each check by name; `null` if there was none in time. */
export type FirstResults = ReadonlyMap<string, ProbeResult | null>;

/** Runs these checks at the same time. No recovery command runs, whatever the results are. */
export async function firstResults(
  checks: readonly CheckConfig[],
  host: Clock & Programs,
): Promise<FirstResults> {
  const found = await Promise.all(
    checks.map(async (check) => [check.name, await firstResult(check, host)] as const),
  );
  return new Map(found);
}

function firstResult(check: CheckConfig, host: Clock & Programs): Promise<ProbeResult | null> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult | null>();
  let prober: Prober | null = null;
  let cancelLimit: CancelTimer = () => {};
  const end = (result: ProbeResult | null) => {
    cancelLimit();
    prober?.close();
    resolve(result);
  };
  cancelLimit = host.setTimer(host.nowMs() + FIRST_RESULT_LIMIT_MS, () => end(null));
  prober = host.openProber(check, end);
  prober.probe();
  return promise;
}
