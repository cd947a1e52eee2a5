/**
 * Why an instance is what it is now, in one sentence. Its `reason` says why that once began.
 *
 * @module
 */

import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import { unableText } from "../peer/failover_readiness.ts";
import { counterpart, statusSettings } from "../peer/settings.ts";
import type { InstanceStatus, NodeStatus, OverrideStatus, PeerInstanceStatus } from "../status.ts";

/** The parts of a node that decide: its other instances, for sync groups, and its peers. */
export type ReasonNode = Pick<NodeStatus, "instances" | "peers">;

/** A reachable peer, and its part of the same virtual router; `null` if it has none. */
interface Other {
  readonly name: string;
  readonly theirs: PeerInstanceStatus | null;
}

/**
 * Such as `lb01 has the higher priority (150 > 100)`; without a full stop.
 *
 * @param clock writes a time (RFC 3339) as the reader's clock shows it, such as `14:05`
 */
export function presentReason(
  instance: InstanceStatus,
  node: ReasonNode,
  clock: (time: string) => string,
): string {
  const { state, faults } = instance;
  switch (state) {
    case "fault":
      return faults.join("; ") || "cause unknown";
    case "init":
      return faults.join("; ") || "vipd starts or stops";
    case "master":
      return masterReason(instance, othersOf(instance, node), clock);
    case "backup":
      return backupReason(instance, node, clock);
  }
}

/** The override in force: `demoted manually until 14:05`, `priority 120 set manually`. */
function manualText(
  { kind, priority, until }: OverrideStatus,
  clock: (time: string) => string,
): string {
  const what = kind === "priority" ? `priority ${priority}` : kind;
  return `${what} ${kind === "priority" ? "set " : ""}manually${
    until === null ? "" : ` until ${clock(until)}`
  }`;
}

function othersOf(instance: InstanceStatus, { peers }: ReasonNode): Other[] {
  const own = statusSettings(instance);
  return peers.filter(({ reachable }) => reachable).map(({ name, instances }) => {
    const theirs = counterpart(own, instances);
    return { name, theirs: theirs?.vrid === own.vrid ? theirs : null };
  });
}

function masterReason(
  instance: InstanceStatus,
  others: readonly Other[],
  clock: (time: string) => string,
): string {
  const { handing_over, override, priority: { effective } } = instance;
  if (handing_over) return "hands over, and serves until the next master is heard";
  if (override?.kind === "promoted") return manualText(override, clock);
  if (effective === PRIORITY_OWNER) return `owns the addresses (priority ${PRIORITY_OWNER})`;
  const able = others.flatMap(({ name, theirs }) =>
    theirs === null || unableText(theirs) !== null ? [] : [{ name, theirs }]
  );
  const [first] = able.toSorted((a, b) =>
    b.theirs.priority.effective - a.theirs.priority.effective
  );
  if (first === undefined) return aloneReason(others);
  const { name, theirs: { priority, preempt, state } } = first;
  const theirs = priority.effective;
  if (state === "master") return `${name} is master too (${effective}, ${theirs} there)`;
  if (theirs < effective) return `has the highest priority (${effective} > ${theirs})`;
  if (theirs === effective) {
    return `${name} has the same priority (${theirs}) and does not take over`;
  }
  return preempt === false
    ? `preempt is off on ${name}, which has the higher priority (${theirs} > ${effective})`
    : `${name} has not taken over yet (${theirs} > ${effective})`;
}

/** Why a master has nobody that it could leave the addresses to. */
function aloneReason(others: readonly Other[]): string {
  const known = others.map(({ name, theirs }) =>
    theirs === null ? `${name} has no such instance` : `${name} ${unableText(theirs)}`
  );
  return known.length === 0
    ? "no other master is heard"
    : `no other node is ready: ${known.join("; ")}`;
}

function backupReason(
  instance: InstanceStatus,
  node: ReasonNode,
  clock: (time: string) => string,
): string {
  const { override, master, preempt, priority: { effective, reasons }, timers } = instance;
  const serving = master && nameOf(instance, node);
  if (override?.kind === "demoted") {
    const who = serving === null ? "no master is heard" : `${serving} serves`;
    return `${manualText(override, clock)}; ${who}`;
  }
  if (master === null) return "no master is heard yet";
  if (master.priority > effective) {
    const lowered = override?.kind === "priority"
      ? [manualText(override, clock)]
      : reasons.filter(({ change }) => change < 0).map(({ what }) => what);
    const why = lowered.length === 0 ? "" : `: ${lowered.join(", ")}`;
    return `${serving} has the higher priority (${master.priority} > ${effective}${why})`;
  }
  if (master.priority === effective) {
    return `${serving} serves with the same priority (${effective})`;
  }
  if (!preempt) return `preempt is off and ${serving} serves (${master.priority} < ${effective})`;
  return groupReason(instance, node) ??
    `has not taken over from ${serving} yet (${master.priority} < ${effective}${
      timers.preempt_delay_ms === undefined
        ? ""
        : `, preempt_delay is ${timers.preempt_delay_ms / 1000} s`
    })`;
}

/** Which other member of the sync group keeps this one from its turn; `null` if none is known to. */
function groupReason(
  { name, sync_group: group }: InstanceStatus,
  node: ReasonNode,
): string | null {
  if (group === null) return null;
  const weaker = node.instances.find(({ name: other, sync_group, master, priority }) =>
    other !== name && sync_group === group && master !== null &&
    master.priority > priority.effective
  );
  if (weaker === undefined) return null;
  const there = weaker.master!.priority;
  return `goes with ${weaker.name} of its sync group (${there} > ${weaker.priority.effective})`;
}

/** The name of the peer that is master, or else the master's address. */
function nameOf(instance: InstanceStatus, node: ReasonNode): string {
  const { address } = instance.master!;
  const masters = othersOf(instance, node).filter(({ theirs }) => theirs?.state === "master");
  const spoken = masters.find(({ theirs }) => theirs!.master?.address === address);
  return spoken?.name ?? (masters.length === 1 ? masters[0]!.name : address);
}
