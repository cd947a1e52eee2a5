/**
 * The effective priority of an instance: configured value, weights of what it tracks, and the override.
 *
 * @module
 */

import { PRIORITY_OWNER } from "../wire/vrrp.ts";

/** Highest and lowest priority that a router which is not the owner can have (RFC 9568 section 5.2.4). */
export const PRIORITY_MAX = 254;
export const PRIORITY_MIN = 1;

/** The highest priority of a router that serves only if nobody else does, whatever was configured. */
export const PRIORITY_UNWILLING = 2;

/** A reason why a router serves only if nobody else does. It stands above weights and overrides, as a fault does. */
export interface PriorityLimit {
  /** As it reads where it counts: `check site is down: last resort`. */
  readonly what: string;
  readonly most: typeof PRIORITY_UNWILLING | typeof PRIORITY_MIN;
}

/** An override that stands until it is released or expires. */
export type Override =
  | { readonly kind: "promoted" }
  | { readonly kind: "demoted" }
  | { readonly kind: "priority"; readonly priority: number };

/** One tracked thing with a weight. */
export interface WeightedPart {
  /** Its name for a person: `check nginx`. */
  readonly what: string;
  readonly weight: number;
  /** Turns the sign of the change: a positive weight is taken away while the part is well. */
  readonly reverse: boolean;
  /** `null` while nothing is known yet. */
  readonly ok: boolean | null;
  /** The content of a file: it is multiplied with the weight, and `ok` does not matter. */
  readonly number?: number;
}

/** One step of the sum. */
export interface PriorityReason {
  readonly what: string;
  readonly change: number;
}

export interface EffectivePriority {
  readonly effective: number;
  /** The parts that moved the configured value, in order; empty when nothing did. */
  readonly reasons: readonly PriorityReason[];
}

/**
 * Adds up the priority.
 *
 * A positive weight counts while its part is well, a negative one while it fails, each the other way round
 * where it is reversed (added while it fails, taken away while it is well). The number of a file counts times the
 * weight. The sum is kept within 1 to 254. The owner's 255 is not moved by weights. An override stands above all
 * of it: promoted is 254, demoted is 1 (so that any other able router goes first), a manual priority is what it says.
 * `limits` stand above that again.
 */
export function effectivePriority(
  configured: number,
  parts: readonly WeightedPart[],
  override: Override | null,
  limits: readonly PriorityLimit[] = [],
): EffectivePriority {
  return limited(willingPriority(configured, parts, override), limits);
}

/** The mildest limit first, so that each one that lowers the priority is named. */
function limited(
  { effective, reasons }: EffectivePriority,
  limits: readonly PriorityLimit[],
): EffectivePriority {
  const all = [...reasons];
  let priority = effective;
  for (const { what, most } of limits.toSorted((a, b) => b.most - a.most)) {
    if (most >= priority) continue;
    all.push({ what, change: most - priority });
    priority = most;
  }
  return { effective: priority, reasons: all };
}

function willingPriority(
  configured: number,
  parts: readonly WeightedPart[],
  override: Override | null,
): EffectivePriority {
  if (override) {
    const effective = override.kind === "promoted"
      ? Math.max(PRIORITY_MAX, configured)
      : override.kind === "demoted"
      ? PRIORITY_MIN
      : override.priority;
    const what = override.kind === "priority"
      ? "priority set manually"
      : `${override.kind} manually`;
    return { effective, reasons: [{ what, change: effective - configured }] };
  }
  if (configured === PRIORITY_OWNER) return { effective: configured, reasons: [] };
  const reasons: PriorityReason[] = [];
  let sum = configured;
  for (const part of parts) {
    const reason = reasonOf(part);
    if (reason === null) continue;
    sum += reason.change;
    reasons.push(reason);
  }
  const effective = Math.min(PRIORITY_MAX, Math.max(PRIORITY_MIN, sum));
  if (effective !== sum) {
    reasons.push({
      what: `kept within ${PRIORITY_MIN} to ${PRIORITY_MAX}`,
      change: effective - sum,
    });
  }
  return { effective, reasons };
}

/** The change that a part makes; `null` if none. */
function reasonOf(
  { what, weight, reverse, ok, number }: WeightedPart,
): PriorityReason | null {
  if (number !== undefined) {
    const change = changeByNumber(weight, reverse, number);
    return change === 0 ? null : { what: `${what} holds ${number}`, change };
  }
  const counts = weight > 0 ? ok === true : ok === false;
  if (!counts) return null;
  const change = reverse ? -weight : weight;
  return { what: `${what} ${ok ? "is up" : "is down"}`, change };
}

/** Further than from one end of the priorities to the other: as keepalived's `track_file`, more adds no more, and less means fault. */
const CHANGE_MAX = PRIORITY_MAX - PRIORITY_MIN;

function changeByNumber(weight: number, reverse: boolean, number: number): number {
  const change = number * weight * (reverse ? -1 : 1);
  // -0 is a number of its own.
  return Math.max(-CHANGE_MAX - 1, Math.min(CHANGE_MAX, change)) || 0;
}

/** Why the number of a part keeps an instance out of the election, one sentence; `null` when it does not. */
export function numberFault({ what, weight, reverse, number }: WeightedPart): string | null {
  if (number === undefined || changeByNumber(weight, reverse, number) >= -CHANGE_MAX) return null;
  const times = `times ${weight}${reverse ? ", reversed," : ""}`;
  return `${what} holds ${number}: ${times} it is less than -${CHANGE_MAX}`;
}
