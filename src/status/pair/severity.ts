/**
 * Instances by what needs a look first, and the verdict on several together.
 *
 * @module
 */

import type { InstanceStatus, Verdict } from "../status.ts";
import { VERDICTS } from "../codes/verdicts.ts";

/** Faults first, then by verdict, the gravest first, then what has not started; otherwise in their order. */
export function gravestFirst(instances: readonly InstanceStatus[]): InstanceStatus[] {
  return instances.toSorted((a, b) =>
    Number(b.state === "fault") - Number(a.state === "fault") || rankOf(a) - rankOf(b) ||
    Number(b.state === "init") - Number(a.state === "init")
  );
}

/** The gravest verdict on them; `null` if none of them has one, and where `protected` is not known of all. */
export function gravestVerdict(instances: readonly InstanceStatus[]): Verdict | null {
  const known = instances.flatMap(({ pair }) => pair?.verdict ?? []);
  const gravest = VERDICTS.find((verdict) => known.includes(verdict)) ?? null;
  return gravest === "protected" && known.length < instances.length ? null : gravest;
}

/** An older vipd says nothing of the pair. */
function rankOf({ pair }: InstanceStatus): number {
  return pair === undefined ? VERDICTS.length : VERDICTS.indexOf(pair.verdict);
}
