/**
 * How long nobody has the address when a master crashes, over many seeds: for links that lose datagrams and for
 * several intervals.
 *
 * @module
 */

import type { InstanceConfig } from "../../src/config/model.ts";
import { USUAL_DAMPING } from "../../src/config/values/defaults.ts";
import type { VrrpVersion } from "../../src/wire/vrrp.ts";
import { SimCluster, type SimNode } from "../../src/sim/cluster.ts";
import { seededRandom } from "../../src/sim/random.ts";

export interface FailoverSettings {
  readonly version: VrrpVersion;
  readonly advertIntervalCs: number;
  /** Probability in [0, 1) that a datagram is lost. */
  readonly loss: number;
}

export interface FailoverTimes {
  readonly crashes: number;
  /** Milliseconds without the address. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /**
   * How many times the backup had become master before the crash, because the adverts in a row that it waits for were
   * lost; both had the address until it heard the next one.
   */
  readonly splits: number;
}

/** Adverts that pass before the crash, so that it hits any phase of the interval and any history of losses. */
const ADVERTS_BEFORE = 20;

/** Crashes the master of a pair once per seed, 1 to `crashes`. */
export function failoverTimes(settings: FailoverSettings, crashes: number): FailoverTimes {
  const gapsMs: number[] = [];
  let splits = 0;
  for (let seed = 1; seed <= crashes; seed++) {
    const { gapMs, split } = crash(settings, seed);
    gapsMs.push(gapMs);
    if (split) splits++;
  }
  gapsMs.sort((a, b) => a - b);
  const quantile = (share: number) => gapsMs[Math.ceil(share * gapsMs.length) - 1]!;
  return { crashes, medianMs: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1), splits };
}

function crash(
  { version, advertIntervalCs, loss }: FailoverSettings,
  seed: number,
): { readonly gapMs: number; readonly split: boolean } {
  const instances = [150, 100].map((priority): Partial<InstanceConfig> => ({
    version,
    advertIntervalCs,
    priority,
    // Many failovers in a row are wanted here.
    damping: { ...USUAL_DAMPING, moves: 0 },
    authentication: { type: "none" },
  }));
  const cluster = new SimCluster(instances, seed);
  const { network, time } = cluster;
  const [first, second] = cluster.nodes as [SimNode, SimNode];
  cluster.start();
  cluster.run(cluster.settleMs);
  network.setConditions({ loss, duplication: 0, delayMs: 0.1, jitterMs: 0.1 });
  let split = false;
  const intervalMs = advertIntervalCs * 10;
  cluster.run((ADVERTS_BEFORE + seededRandom(seed)()) * intervalMs, () => {
    split ||= second.holds;
  });
  const crashedAtMs = time.nowMs;
  first.powerOff();
  let servedAtMs = second.holds ? crashedAtMs : Infinity;
  cluster.run(cluster.settleMs, () => {
    if (second.holds) servedAtMs = Math.min(servedAtMs, time.nowMs);
  });
  return { gapMs: servedAtMs - crashedAtMs, split };
}
