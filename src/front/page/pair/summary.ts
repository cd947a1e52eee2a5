/**
 * All instances in one sentence.
 *
 * @module
 */

import { gravestFirst, gravestVerdict } from "../../../status/pair/severity.ts";
import type { InstanceStatus, NodeStatus, Verdict } from "../../../status/status.ts";

export interface Summary {
  /** The gravest verdict; `null` if vipd does not give one. */
  readonly verdict: Verdict | null;
  readonly sentence: string;
  /** The instance with that verdict; `null` if none is configured. */
  readonly gravest: InstanceStatus | null;
}

/** A shape for each verdict, so that people see it without colour. */
export const VERDICT_SHAPES: Readonly<Record<Verdict, string>> = {
  unserved: "✕",
  contested: "≠",
  unprotected: "!",
  unverified: "?",
  protected: "✓",
};

export function summaryOf(status: NodeStatus): Summary {
  const sorted = gravestFirst(status.instances);
  const verdict = gravestVerdict(sorted);
  const gravest = sorted.find(({ pair }) => pair?.verdict === verdict) ?? sorted[0];
  if (!gravest) return { verdict: null, sentence: "No instance is configured", gravest: null };
  const sentence = sorted.length === 1
    ? ofOne(gravest, status.node)
    : verdict === "protected"
    ? ofProtected(sorted)
    : ofMany(sorted, gravest, status.node);
  return { verdict, sentence, gravest };
}

function ofOne({ name, state, pair }: InstanceStatus, node: string): string {
  return pair?.sentence ??
    `${name} is ${state.toUpperCase()} on ${node}; the verdict of the pair is not known`;
}

function ofProtected(instances: readonly InstanceStatus[]): string {
  const all = instances.length === 2 ? "Both instances" : `All ${instances.length} instances`;
  const pairs = new Set(instances.map(({ pair }) => `${pair?.served_by} ${pair?.ready}`));
  const pair = instances[0]?.pair;
  if (pairs.size > 1 || !pair) return `${all} are protected`;
  return `${all} are served by ${pair.served_by}; ${readyText(pair.ready)}`;
}

function ofMany(
  instances: readonly InstanceStatus[],
  gravest: InstanceStatus,
  node: string,
): string {
  const safe = instances.filter(({ pair }) => pair?.verdict === "protected").length;
  const rest = instances.length - safe - 1;
  const more = rest === 0 ? "" : ` (${rest} more ${rest === 1 ? "is" : "are"} not protected)`;
  const { name, pair } = gravest;
  const reason = pair?.reasons[0]?.message ?? null;
  const what = pair
    ? `${name} is ${pair.verdict}${more}${reason === null ? "" : `: ${reason}`}`
    : ofOne(gravest, node);
  return `${safe} of ${instances.length} instances are protected; ${what}`;
}

/** `lb02 is ready`, `lb02 and lb03 are ready`, `no standby is ready` */
export function readyText(ready: readonly string[]): string {
  if (ready.length === 0) return "no standby is ready";
  return `${ready.join(" and ")} ${ready.length === 1 ? "is" : "are"} ready`;
}
