/**
 * One instance as the status model shows it.
 *
 * @module
 */

import type { InstanceStatus, OverrideStatus } from "../../status/status.ts";
import { formatMac } from "../../wire/address.ts";
import type { Instance } from "./instance.ts";

/** The parts of a status that others know of the instance. */
export type KnownOfInstance = Pick<
  InstanceStatus,
  | "pair"
  | "client_check"
  | "client_check_unknown"
  | "address_on_backup"
  | "address_conflict"
  | "other_master"
>;

/** A status without those. */
export type OwnStatus = Omit<InstanceStatus, keyof KnownOfInstance>;

/** The override that stands, and why a promote would be refused; `null` without. */
export interface OverridesNow {
  readonly override: OverrideStatus | null;
  readonly promoteRefused: string | null;
}

/**
 * The status of an instance as it knows it itself.
 *
 * @param nowMs monotonic
 */
export function instanceStatus(
  instance: Instance,
  { override, promoteRefused }: OverridesNow,
  nowMs: number,
): OwnStatus {
  const { config, router, conditions } = instance;
  const { name, interface: interfaceName, vrid, version, family, ...others } = instance.settings;
  // A further setting that a pair must agree on is in the status without a word here.
  const { preempt, authentication, advert_interval_ms, priority, addresses: _, ...more } = others;
  const { transition } = instance.log;
  const { effective, reasons } = conditions.priority;
  const self = router.state === "master" && conditions.primaryAddress !== null
    ? { address: conditions.primaryAddress, priority: effective }
    : null;
  // A member that may not take over yet keeps all of them from it.
  const preemptDelayMs = Math.max(
    ...instance.together.map((member) => member.config.preemptDelayMs),
  );
  const waitsFor = router.state === "init" ? conditions.pending : [];
  return {
    name,
    interface: interfaceName,
    track_interface: config.trackInterface,
    vrid,
    version,
    family,
    sync_group: instance.group?.name ?? null,
    state: router.state,
    handing_over: router.handingOver,
    priority: { configured: priority.configured, effective, reasons: [...reasons] },
    preempt,
    sole_backup: { ...instance.takeover.soleBackup },
    authentication,
    addresses: instance.resources.addresses.status(),
    accept: config.accept,
    lease: instance.resources.addresses.leaseStatus(),
    virtual_mac: instance.resources.virtualMac && {
      mac: formatMac(instance.resources.virtualMac.mac),
      interface: instance.resources.virtualMac.interface,
    },
    routing: instance.resources.routing.status(),
    timers: {
      advert_interval_ms,
      skew_time_ms: roundMs(router.skewTimeMs),
      master_down_interval_ms: roundMs(router.masterDownIntervalMs),
      announce_delay_ms: config.announce.delayMs,
      ...(preemptDelayMs > 0 && { preempt_delay_ms: preemptDelayMs }),
    },
    master: self ?? router.masterSeen,
    ...(router.advertsMissing(nowMs) && { adverts_missing: true as const }),
    ...(instance.advertsBlocked !== null && { adverts_blocked: instance.advertsBlocked }),
    since: new Date(transition.atMs).toISOString(),
    reason: { code: transition.code, message: transition.message },
    faults: [...conditions.faults, ...waitsFor],
    override,
    ...(promoteRefused !== null && { promote_refused: promoteRefused }),
    counters: { ...instance.counters, dropped: { ...instance.receiver.drops.counters } },
    ...more,
  };
}

/** To a tenth of a millisecond: more would be noise to a reader. */
function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
