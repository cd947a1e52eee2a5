/**
 * Tries a configuration before it is in force, and reports the outcome afterwards.
 *
 * @module
 */

import type { Config } from "../../config/model.ts";
import { FIRST_RESULT_LIMIT_MS, firstResults } from "../../node/checks/first_results.ts";
import { findingsOf, forecast, type InstanceForecast, leftToNobody } from "../../node/forecast.ts";
import { planReload } from "../../node/reload_plan.ts";
import { turns } from "../../runtime/turns.ts";
import { atMost, untilAborted } from "../../runtime/waiting.ts";
import type { ReloadVerdicts } from "../../status/commands/reloading.ts";
import type { NodeStatus } from "../../status/status.ts";
import type { DaemonNode, TrialHost } from "../machine.ts";

/** Nobody waits longer until what is in fault has handed over, in milliseconds. */
const HANDED_OVER_LIMIT_MS = 5000;

type TriedNode = Pick<DaemonNode, "statusParts">;

/** Runs what is new once. Returns the instances that nobody would be left to serve. */
export async function tryConfig(
  before: Config,
  after: Config,
  { node, host }: { readonly node: TriedNode; readonly host: TrialHost },
): Promise<InstanceForecast[]> {
  const results = await firstResults(planReload(before, after).checks, host);
  const status = await statusOf(node);
  return leftToNobody(forecast(after, { host, checks: findingsOf(results, status) }), status);
}

/**
 * The verdicts after a reload, once the checks that it changed have their first results, and what these put in fault has
 * handed over.
 */
export async function verdictsAfter(
  before: Config,
  after: Config,
  node: TriedNode & Pick<DaemonNode, "checksKnown" | "journal">,
): Promise<ReloadVerdicts> {
  const changed = new Set(planReload(before, after).checks.map(({ name }) => name));
  if (changed.size > 0) await atMost(node.checksKnown(), FIRST_RESULT_LIMIT_MS, undefined);
  const { checks, instances } = await settledStatus(node);
  return {
    checks: checks.filter(({ name }) => changed.has(name)).map(({ name, state, last }) => ({
      ...{ name, state },
      detail: last?.detail ?? "",
    })),
    instances: instances.map(({ name, state, handing_over, faults }) => ({
      ...{ name, state, faults },
      ...(handing_over && { handing_over }),
    })),
  };
}

/** The status once no instance in fault is master any more, or when the time for that is over. */
async function settledStatus(node: TriedNode & Pick<DaemonNode, "journal">): Promise<NodeStatus> {
  const limit = AbortSignal.timeout(HANDED_OVER_LIMIT_MS);
  for (;;) {
    const moved = Promise.withResolvers<void>();
    const stopListening = node.journal.listen(({ code }) => {
      if (code === "state_changed") moved.resolve();
    });
    try {
      const status = await statusOf(node);
      const waits = status.instances.some(({ handing_over, faults }) =>
        handing_over && faults.length > 0
      );
      if (!waits || limit.aborted) return status;
      await untilAborted(moved.promise, limit).catch(() => {});
    } finally {
      stopListening();
    }
  }
}

/** The status in steps, so that many instances hold nothing up. */
async function statusOf(node: TriedNode): Promise<NodeStatus> {
  const parts = node.statusParts();
  const made = async <T>(list: readonly { readonly make: () => T }[]) => {
    const values: T[] = [];
    for (const { make } of list) {
      values.push(make());
      await turns.next();
    }
    return values;
  };
  const [instances, peers] = [await made(parts.instances), await made(parts.peers)];
  return { ...parts.head(), instances, peers };
}
