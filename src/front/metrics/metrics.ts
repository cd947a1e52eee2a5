/**
 * The answer to `GET /metrics`, made in small portions so that adverts do not wait for it.
 *
 * @module
 */

import type { EngineFigures } from "../../ipc/messages.ts";
import type { NodeStatus } from "../../status/status.ts";
import { EventCounts } from "./event_counts.ts";
import { type Family, familyText, single } from "./exposition.ts";
import { instanceFamilies } from "./instance_metrics.ts";
import { keepalivedFamilies } from "./keepalived_metrics.ts";
import { nodeFamilies, processFamilies } from "./node_metrics.ts";

/** After this time the event loop gets its turn, in milliseconds. */
const PORTION_MS = 2;

export interface MetricsSources {
  readonly events: EventCounts;
  /** The engine's measurements of itself; `null` if there are none. */
  readonly figures: EngineFigures | null;
  /** How many event streams are open. */
  readonly openStreams: () => number;
}

/** How a long answer yields: the clock, and the pause after each portion. */
export interface Yielding {
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
  /** Resolves after everything else that is due has had its turn. */
  readonly giveWay: () => Promise<void>;
}

const EVENT_LOOP: Yielding = {
  nowMs: () => performance.now(),
  giveWay: () => new Promise((resolve) => setTimeout(resolve, 0)),
};

/** The text of all metrics. */
export async function metricsText(
  status: NodeStatus,
  sources: MetricsSources,
  { nowMs, giveWay }: Yielding = EVENT_LOOP,
): Promise<string> {
  const parts: string[] = [];
  let portionMs = nowMs();
  for (const family of allFamilies(status, sources)) {
    parts.push(familyText(family));
    if (nowMs() - portionMs < PORTION_MS) continue;
    await giveWay();
    portionMs = nowMs();
  }
  return parts.join("");
}

function* allFamilies(status: NodeStatus, sources: MetricsSources): Generator<Family> {
  yield* nodeFamilies(status);
  yield* instanceFamilies(status.instances);
  yield* sources.events.families(status.instances);
  yield* apiFamilies(sources);
  if (sources.figures !== null) yield* processFamilies(sources.figures);
  yield* keepalivedFamilies(status);
}

function* apiFamilies({ figures, openStreams }: MetricsSources): Generator<Family> {
  if (figures !== null) {
    const { lag } = figures;
    yield {
      name: "vipd_event_loop_lag_seconds",
      type: "gauge",
      help: "How late the event loop was at worst in the last second.",
      samples: single(lag.lastMs / 1000),
    };
    yield {
      name: "vipd_event_loop_lag_max_seconds",
      type: "gauge",
      help: "How late the event loop was at worst in the last minute.",
      samples: single(lag.worstMs / 1000),
    };
  }
  yield {
    name: "vipd_event_streams",
    type: "gauge",
    help: "Clients that follow GET /v1/events.",
    samples: single(openStreams()),
  };
}
