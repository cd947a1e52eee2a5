/**
 * Whether a load balancer can be counted on: what `GET /readyz` answers.
 *
 * @module
 */

import type { InstanceStatus, NodeStatus } from "./status.ts";

export interface Readiness {
  readonly status: "ready" | "not_ready";
  /** One sentence for each instance that is not; empty when all are. */
  readonly reasons: readonly string[];
}

/**
 * Ready: every instance is master and has all that it serves with, or is backup and hears a master. Then the addresses
 * are served, and the other node may be worked on. Not ready while an instance still starts, waits for an election or
 * cannot serve.
 */
export function readiness({ instances }: NodeStatus): Readiness {
  const reasons = instances.flatMap((instance) => {
    const why = undecided(instance);
    return why === null ? [] : [`${instance.name} ${why}`];
  });
  return { status: reasons.length === 0 ? "ready" : "not_ready", reasons };
}

function undecided({ state, master, faults, ...resources }: InstanceStatus): string | null {
  switch (state) {
    case "master": {
      const missing = missingOf(resources);
      return missing.length === 0 ? null : `is master and does not hold ${missing.join(", ")}`;
    }
    case "backup":
      return master === null ? "is backup and has heard no master yet" : null;
    case "init":
      return `has not started: ${faults.join("; ") || "vipd starts or stops"}`;
    case "fault":
      return `cannot serve: ${faults.join("; ") || "cause unknown"}`;
  }
}

/** Addresses, routes and rules of an instance that are not on the host. */
export function missingOf(
  { addresses, routing }: Pick<InstanceStatus, "addresses" | "routing">,
): string[] {
  return [
    ...addresses.filter(({ held }) => !held).map(({ address }) => address),
    ...routing.filter(({ held }) => !held).map(({ entry }) => entry),
  ];
}
