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
 * Ready: every instance is master, or is backup and hears a master. Then the addresses are served, and the other
 * node may be worked on. Not ready while an instance still starts, waits for an election or cannot serve.
 */
export function readiness({ instances }: NodeStatus): Readiness {
  const reasons = instances.flatMap((instance) => {
    const why = undecided(instance);
    return why === null ? [] : [`${instance.name} ${why}`];
  });
  return { status: reasons.length === 0 ? "ready" : "not_ready", reasons };
}

function undecided({ state, master, faults }: InstanceStatus): string | null {
  switch (state) {
    case "master":
      return null;
    case "backup":
      return master === null ? "is backup and has heard no master yet" : null;
    case "init":
      return `has not started: ${faults.join("; ") || "vipd starts or stops"}`;
    case "fault":
      return `cannot serve: ${faults.join("; ") || "cause unknown"}`;
  }
}
