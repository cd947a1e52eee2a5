/**
 * Why a backup whose Master_Down_Timer has fired does not take over yet.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { JournalCode } from "../../status/journal_codes.ts";
import type { Override } from "../../vrrp/priority.ts";
import type { LinkRecovery } from "./link_recovery.ts";
import type { GroupMember, SyncGroup } from "./sync_group.ts";

/** Why a silent master is not replaced now. */
export interface TakeoverWait {
  /** Who is waited for. */
  readonly master: string;
  readonly code: JournalCode;
  readonly because: string;
}

/** An instance that would take over. */
type Candidate = GroupMember & {
  readonly config: InstanceConfig;
  readonly override: Override | null;
};

/** Another member of its sync group hears a master: its own link may be at fault. */
export function waitForGroup(
  instance: Candidate,
  group: SyncGroup | null,
  nowMs: number,
): TakeoverWait | null {
  const blocker = group?.waitsFor(instance, nowMs);
  if (!blocker) return null;
  const { name } = blocker.config;
  const because = `${name} of sync group ${group?.name} hears one, so VRRP may not pass on ` +
    instance.config.interface;
  return { master: name, code: "sync_group_waits", because };
}

/** Its link came up, no advert has arrived since, and the node that `masterElsewhere` names says that it is master. */
export function waitForPeer(
  { config, override: override, router }: Candidate,
  recovery: LinkRecovery,
  masterElsewhere: () => string | null,
): TakeoverWait | null {
  if (override?.kind === "promoted" || router.takeoverReason !== "master_silent") return null;
  const master = recovery.defers(config) ? masterElsewhere() : null;
  if (master === null) return null;
  const because = `${master} says that it is master, and ` +
    `${config.preempt ? "preempt_delay is not over" : "preempt is false"}; no advert of it has ` +
    `arrived on ${config.interface} since the link came up`;
  return { master, code: "peer_master_waits", because };
}
