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
import { atMost } from "../../runtime/waiting.ts";
import type { ReloadVerdicts } from "../../status/commands/reloading.ts";
import type { NodeStatus } from "../../status/status.ts";
import type { DaemonNode, TrialHost } from "../machine.ts";

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

/** The verdicts after a reload, once the checks that it changed have their first results. */
export async function verdictsAfter(
  before: Config,
  after: Config,
  node: TriedNode & Pick<DaemonNode, "checksKnown">,
): Promise<ReloadVerdicts> {
  const changed = new Set(planReload(before, after).checks.map(({ name }) => name));
  if (changed.size > 0) await atMost(node.checksKnown(), FIRST_RESULT_LIMIT_MS, undefined);
  const { checks, instances } = await statusOf(node);
  return {
    checks: checks.filter(({ name }) => changed.has(name)).map(({ name, state, last }) => ({
      ...{ name, state },
      detail: last?.detail ?? "",
    })),
    instances: instances.map(({ name, state, faults }) => ({ name, state, faults })),
  };
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
