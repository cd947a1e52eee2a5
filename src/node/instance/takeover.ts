/**
 * Whether a backup may take over now: after Master_Down_Interval, if it need not wait for another node, and at once after
 * a goodbye, if it is the sole backup.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Host } from "../../host/host.ts";
import type { JournalCode } from "../../status/codes/journal_codes.ts";
import { PRIORITY_UNWILLING } from "../../vrrp/priority.ts";
import type { SoleBackupVerdict } from "../../vrrp/sole_backup.ts";
import { type IpAddress, isOneHost } from "../../wire/address.ts";
import { PRIORITY_OWNER } from "../../wire/vrrp.ts";
import type { SendStall } from "./adverts/send_stall.ts";
import type { Conditions } from "./conditions.ts";
import type { InstanceLog } from "./instance_log.ts";
import type { LinkRecovery } from "./link_recovery.ts";
import { type SoleBackupContext, SoleBackupWatch } from "./sole_backup_watch.ts";
import type { GroupMember, SyncGroup } from "./sync_group.ts";

/** An instance that would take over. */
export interface Successor extends GroupMember {
  readonly config: InstanceConfig;
  readonly group: SyncGroup | null;
  readonly conditions: Pick<Conditions, "priority" | "limits">;
  readonly log: InstanceLog;
}

/** The parts that an instance asks before it takes over. */
export interface TakeoverContext extends SoleBackupContext {
  readonly host: Pick<Host, "nowMs" | "wallClockMs">;
  readonly recovery: LinkRecovery;
  readonly stall: SendStall;
  /** The other node that says it is the instance's master, or `null`. */
  readonly masterElsewhere: () => string | null;
  /** Knows the virtual addresses of all instances of this node. */
  readonly isVirtual: (address: IpAddress) => boolean;
}

/** Why a backup does not replace a silent master now. */
interface TakeoverWait {
  /** The node that it waits for. */
  readonly master: string;
  readonly code: JournalCode;
  readonly because: string;
}

export class Takeover {
  readonly #instance: Successor;
  readonly #context: TakeoverContext;
  readonly #soleBackup: SoleBackupWatch;
  /** The node that it waits for, as the journal says; empty if there is none. */
  #waitsFor = "";
  /** The last priority 0 that was heard, and whether this was the only backup then; `null` before the first. */
  #goodbye: { readonly from: IpAddress; readonly verdict: SoleBackupVerdict } | null = null;

  constructor(instance: Successor, context: TakeoverContext) {
    this.#instance = instance;
    this.#context = context;
    this.#soleBackup = new SoleBackupWatch(() => instance.config, context);
  }

  /** Whether this instance answers the goodbye of its master at once, as the only backup, and why or why not. */
  get soleBackup(): SoleBackupVerdict {
    const own = this.ownSoleBackup;
    if (!own.applies) return own;
    const why = this.#groupRanksBackups();
    return why === null ? own : { applies: false, why };
  }

  /**
   * The same, as far as it depends on this instance alone. If its master has said goodbye, this is how it was then: the
   * goodbyes of a sync group arrive one after the other.
   */
  get ownSoleBackup(): SoleBackupVerdict {
    const { router } = this.#instance;
    const released = router.state === "backup" && router.takeoverReason === "master_released";
    return released && this.#goodbye !== null
      ? this.#goodbye.verdict
      : this.#ownVerdict(router.masterSeen?.address ?? null);
  }

  #ownVerdict(master: IpAddress | null): SoleBackupVerdict {
    const verdict = this.#soleBackup.verdict(master);
    if (!verdict.applies) return verdict;
    const obstacle = this.#instance.router.waitsToPreempt(this.#context.host.nowMs())
      ? "preempt_delay is not over"
      : this.#obstacle();
    return obstacle === null ? verdict : { applies: false, why: obstacle };
  }

  /** A router was heard. If it is a third one, this backup is no longer the only one. */
  routerHeard(from: IpAddress, priority: number): void {
    if (!this.#isRouter(from, priority)) return;
    const third = this.#soleBackup.heard(
      from,
      this.#instance.router.masterSeen?.address ?? null,
    );
    if (third === null) return;
    const message = `a third router, ${third}, is heard: Skew_Time puts the backups in order again`;
    this.#instance.log.record("notice", "third_router", message);
  }

  /**
   * Priority 0 of this router was heard; returns whether that means a takeover at once. The members of a sync group hear
   * it one after the other, whichever first: the last one answers, and takes all along, if none of them ranks backups.
   */
  answersAtOnce(from: IpAddress): boolean {
    const { group, router } = this.#instance;
    const isRepeated = router.takeoverReason === "master_released" && this.#goodbye?.from === from;
    if (!isRepeated) this.#goodbye = { from, verdict: this.#goodbyeVerdict(from) };
    const hears = group?.waitsFor(this.#instance, this.#context.host.nowMs()) ?? null;
    return hears === null && this.soleBackup.applies;
  }

  /** Whether a router can speak from this address. From a virtual one only its owner does (RFC 9568 section 8.3.1). */
  #isRouter(from: IpAddress, priority: number): boolean {
    return isOneHost(from) && (priority === PRIORITY_OWNER || !this.#context.isVirtual(from));
  }

  #goodbyeVerdict(from: IpAddress): SoleBackupVerdict {
    const followed = this.#instance.router.masterSeen?.address === from;
    if (followed) return this.#ownVerdict(from);
    return { applies: false, why: `priority 0 came from ${from}, which it does not follow` };
  }

  /** Why this backup lets others go first, even if it is the only one; `null` if it does not. */
  #obstacle(): string | null {
    const { config, conditions: { limits, priority: { effective } } } = this.#instance;
    const [limit] = limits;
    if (limit) return `its priority is ${effective}: ${limit.what}`;
    const isUnwilling = effective < config.priority && effective <= PRIORITY_UNWILLING;
    if (isUnwilling) return `its priority is ${effective}`;
    // If its last adverts did not leave, one must leave first.
    return this.#context.stall.suspect ? "its last adverts did not leave" : null;
  }

  /** Why its sync group, which moves as one, lets Skew_Time put the backups in order; `null` if it does not. */
  #groupRanksBackups(): string | null {
    const { group } = this.#instance;
    for (const member of group?.members ?? []) {
      const { applies, why } = member.takeover.ownSoleBackup;
      if (member !== this.#instance && !applies) {
        return `${member.config.name} of its sync group is not the only backup: ${why}`;
      }
    }
    return null;
  }

  /** True if Master_Down_Timer fired and the backup does not take over yet; journals once which node it waits for. */
  mustWait(): boolean {
    const wait = this.#waitForGroup() ?? this.#waitForPeer();
    if (!wait) return false;
    const { master, code, because } = wait;
    if (master !== this.#waitsFor) {
      this.#waitsFor = master;
      const message = `hears no master, but does not take over: ${because}`;
      this.#instance.log.record("warning", code, message);
    }
    return true;
  }

  /** The state changed: no wait is left. */
  stateChanged(): void {
    this.#waitsFor = "";
  }

  /** Another member of its sync group hears a master: its own link may be at fault. */
  #waitForGroup(): TakeoverWait | null {
    const { config, group } = this.#instance;
    const blocker = group?.waitsFor(this.#instance, this.#context.host.nowMs());
    if (!blocker) return null;
    const { name } = blocker.config;
    const because = `${name} of sync group ${group?.name} hears one, so VRRP may not pass on ` +
      config.interface;
    return { master: name, code: "sync_group_waits", because };
  }

  /** Its link came up, no advert has arrived since, and another node says that it is master. */
  #waitForPeer(): TakeoverWait | null {
    const { config, override, router } = this.#instance;
    if (override?.kind === "promoted" || router.takeoverReason !== "master_silent") return null;
    const { recovery, masterElsewhere } = this.#context;
    const master = recovery.defers(config) ? masterElsewhere() : null;
    if (master === null) return null;
    const because = `${master} says that it is master, and ` +
      `${config.preempt ? "preempt_delay is not over" : "preempt is false"}; no advert of it has ` +
      `arrived on ${config.interface} since the link came up`;
    return { master, code: "peer_master_waits", because };
  }
}
