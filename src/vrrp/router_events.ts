/**
 * Input and output of a virtual router (router.ts): events and effects, states and the reasons for them.
 *
 * @module
 */

import type { IpAddress } from "../wire/address.ts";
import type { Advertisement, VrrpVersion } from "../wire/vrrp.ts";

/** State of a virtual router; `init` before it runs and after it was shut down. */
export type RouterState = "init" | "backup" | "master" | "fault";

export type TimerName = "adver" | "masterDown" | "handOver";

/** Why the state changed; stable names for status, journal and logs. */
export type TransitionReason =
  | "startup"
  | "recovered"
  | "owner"
  | "master_silent"
  | "master_released"
  | "preempted_lower_priority"
  | "higher_priority_master"
  | "promote"
  | "demote"
  | "unwell"
  | "sync_group"
  | "lease_lapsed"
  | "overslept"
  | "split_brain"
  | "fault"
  | "shutdown";

export type RouterEvent =
  /** `listensSinceMs`: since when this router would have heard a master, where that is not now. */
  | { readonly kind: "startup"; readonly listensSinceMs?: number }
  | { readonly kind: "shutdown" }
  /** `silent`: the router cannot speak on its link any more, so it can report that to nobody. */
  | { readonly kind: "fault"; readonly silent: boolean }
  /** `notBeforeMs`: before that time, in monotonic milliseconds, silence is no sign that there is no master. */
  | { readonly kind: "recovered"; readonly notBeforeMs?: number }
  | { readonly kind: "timerFired"; readonly timer: TimerName }
  | {
    readonly kind: "advertisementReceived";
    readonly from: IpAddress;
    readonly advertisement: Advertisement;
    /** The sender is the only other router, and nothing holds this one back: its goodbye needs no ranking of backups. */
    readonly soleBackup?: boolean;
  }
  /** The effective priority or the will to preempt changed at run time. */
  | {
    readonly kind: "electionChanged";
    readonly priority: number;
    readonly preempt: boolean;
    readonly preemptDelayMs: number;
    /** It serves only if nobody else does: it replaces no other master, and waits longest after a goodbye. */
    readonly lastResort?: boolean;
  }
  | { readonly kind: "primaryAddressChanged"; readonly address: IpAddress }
  /** The configured Advertisement_Interval, or how many adverts may be missing, changed at run time. */
  | {
    readonly kind: "timingChanged";
    readonly advertIntervalCs: number;
    readonly downTimerAdverts: number;
  }
  /** Become master now, even if another is: by command, or because the sync group did. */
  | { readonly kind: "takeOver"; readonly reason: "promote" | "sync_group" }
  /** Let another become master, but only if there is one: by command, or because this one is not well. */
  | { readonly kind: "handOver"; readonly reason: "demote" | "unwell" }
  /** Let another become master, and be backup even if there is none: the sync group lost its election. */
  | { readonly kind: "giveWay" }
  /** This router stood still for so long that its host has removed the addresses. */
  | { readonly kind: "leaseLapsed" }
  /** A stronger master is seen otherwise than by its adverts; it will show again within `waitMs`. */
  | { readonly kind: "otherMasterSeen"; readonly waitMs: number };

/**
 * Why the link learns of the addresses: this router took them over; it did so at once after a goodbye, so that the one
 * before may answer for a moment longer; or a weaker master was heard.
 */
export type AnnouncementCause = "takeover" | "goodbye" | "contested";

export type RouterEffect =
  | { readonly kind: "sendAdvertisement"; readonly priority: number }
  | { readonly kind: "acquireAddresses" }
  /** `heard`: another master was heard, which serves the addresses from now on. */
  | { readonly kind: "releaseAddresses"; readonly heard: boolean }
  | { readonly kind: "announceAddresses"; readonly cause: AnnouncementCause }
  | { readonly kind: "setTimer"; readonly timer: TimerName; readonly atMs: number }
  | { readonly kind: "clearTimer"; readonly timer: TimerName }
  /** `taken`: another is master; `nobodyCame`: the wait for one is over. Neither: something else came in between. */
  | { readonly kind: "handOverEnded"; readonly taken: boolean; readonly nobodyCame: boolean }
  | {
    readonly kind: "stateChanged";
    readonly from: RouterState;
    readonly to: RouterState;
    readonly reason: TransitionReason;
  };

export type HandOverEnded = Extract<RouterEffect, { kind: "handOverEnded" }>;
export type StateChanged = Extract<RouterEffect, { kind: "stateChanged" }>;

/** The parameters with which a virtual router is made. */
export interface RouterParameters {
  readonly version: VrrpVersion;
  /** Advertisement_Interval, in centiseconds. */
  readonly advertIntervalCs: number;
  /** Effective priority, 1 to 255. */
  readonly priority: number;
  /** How many adverts must be missing until the master counts as gone. */
  readonly downTimerAdverts: number;
  readonly preempt: boolean;
  /** How long a weaker master is followed from its first advert on, in milliseconds; 0 for not at all. */
  readonly preemptDelayMs: number;
  /** Source address of its adverts: breaks ties between equal priorities. */
  readonly primaryAddress: IpAddress;
}

/** The master that this router hears or is. */
export interface MasterSeen {
  readonly address: IpAddress;
  readonly priority: number;
}
