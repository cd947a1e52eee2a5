/**
 * What the wire says of a span of time: was the master late, did another one come?
 *
 * @module
 */

import type { CapturedAdvert } from "../../../lab/capture.ts";
import { gaps } from "../statistics.ts";

/** The worst of all virtual routers that were heard. */
export interface WireReport {
  /** How often another node than before advertised. */
  readonly elections: number;
  /** Longest time between two adverts of who was master at the beginning, in milliseconds. */
  readonly gapMs: number;
}

/** The adverts are those of the whole capture, oldest first, which began at least an interval before `fromMs`. */
export function wireReport(
  adverts: readonly CapturedAdvert[],
  fromMs: number,
  untilMs: number,
): WireReport {
  const routers = Map.groupBy(adverts, ({ vrid }) => vrid).values();
  const reports = Array.from(routers, (own) => routerReport(own, fromMs, untilMs));
  return {
    elections: reports.reduce((sum, { elections }) => sum + elections, 0),
    gapMs: reports.reduce((worst, { gapMs }) => Math.max(worst, gapMs), 0) || Infinity,
  };
}

function routerReport(
  adverts: readonly CapturedAdvert[],
  fromMs: number,
  untilMs: number,
): WireReport {
  const first = adverts.findLastIndex(({ atMs }) => atMs <= fromMs);
  // Nobody was master at the beginning.
  if (first < 0) return { elections: 0, gapMs: Infinity };
  const span = adverts.slice(first).filter(({ atMs }) => atMs <= untilMs);
  const sources = span.map(({ source }) => source);
  const moments = span.filter(({ source }) => source === sources[0]).map(({ atMs }) => atMs);
  return {
    elections: sources.filter((it, index) => index > 0 && it !== sources[index - 1]).length,
    gapMs: Math.max(...gaps(moments, untilMs)),
  };
}
