/**
 * What an import has read so far. Keywords write into it in any order; `resolve_*.ts` makes the vipd
 * configuration of it when all of them are known.
 *
 * @module
 */

import type { NotifyEventKind } from "../config/notify_model.ts";
import type { Entry } from "./entry.ts";

import type { TrackEntry, Weight } from "./keywords/weight.ts";
import type { Statement } from "./syntax/statement.ts";

/** What `auth_hmac` says so far. */
export interface PartialHmac {
  readonly statement: Statement;
  readonly keys: { readonly id: number; readonly key: string }[];
  activeKey?: Said<number>;
  replay?: string;
  windowS?: number;
  mode?: string;
}

/** A value and the statement that says it. */
export interface Said<T> {
  readonly value: T;
  readonly statement: Statement;
}

/** Announcement timings, as keepalived's `garp_*`: seconds, and counts. */
export interface PartialAnnounce {
  delayS?: number;
  repeat?: number;
  refreshS?: number;
  delayLowerPriorityS?: number;
  repeatLowerPriority?: number;
}

/** What a check does; keys as in vipd's configuration. */
export type CheckProbe =
  | {
    readonly type: "http";
    readonly url: string;
    readonly status?: string;
    readonly host?: string;
  }
  | { readonly type: "tcp"; readonly address: string }
  | { readonly type: "process"; readonly process: string }
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "exec"; readonly command: readonly string[]; readonly user?: string };

/** A `vrrp_script`, a `vrrp_track_process` or a `track_file`. */
export interface PartialCheck {
  readonly kind: "script" | "process" | "file";
  readonly name: string;
  readonly statement: Statement;
  probe?: CheckProbe;
  /** True when it is told already why there is no probe. */
  unusable?: boolean;
  /** Seconds; a timeout of the program's own, where it is shorter. */
  probeTimeoutS?: number;
  intervalS?: Said<number>;
  timeoutS?: Said<number>;
  rise?: Said<number>;
  fall?: Said<number>;
  /** Seconds: `terminate_delay` of a process. */
  graceS?: Said<number>;
  /** `user` or `user:group`. */
  user?: string;
  weight: Weight;
}

/** A program that is told about changes of state. */
export interface PartialNotify {
  readonly on: readonly NotifyEventKind[];
  /** What its name ends in. */
  readonly suffix: string;
  /** True when the arguments tell what happened. */
  readonly appended: boolean;
  readonly command: readonly string[];
  /** `user` or `user:group`. */
  readonly user?: string;
  readonly statement: Statement;
}

/** Whom mail goes to and how. */
export interface PartialMail {
  readonly to: string[];
  from?: string;
  /** As the file of vipd has it, and its host. */
  server?: Said<{ readonly text: string; readonly host: string }>;
  heloName?: string;
  connectTimeoutS?: number;
  faults?: boolean;
  readonly statements: Statement[];
}

/** One thing that an instance tracks. */
export interface PartialTrack extends TrackEntry {
  readonly kind: PartialCheck["kind"] | "interface";
  readonly statement: Statement;
}

export interface PartialAddress {
  /** With prefix length. */
  readonly address: string;
  readonly device?: string;
  readonly label?: string;
  readonly scope?: string;
  /** `auto`, or an address. */
  readonly broadcast?: string;
  /** Not in the adverts: `virtual_ipaddress_excluded`. */
  readonly excluded: boolean;
  readonly statement: Statement;
}

/** Whom an instance speaks to instead of the multicast group. */
export interface PartialPeer {
  readonly address: string;
  readonly minTtl?: number;
  readonly statement: Statement;
}

export interface PartialInstance {
  readonly name: string;
  readonly statement: Statement;
  state?: Said<"MASTER" | "BACKUP">;
  interface?: Said<string>;
  /** `dont_track_primary`. */
  untracked?: Statement;
  sourceAddress?: Said<string>;
  peers?: PartialPeer[];
  unicastTtl?: Said<number>;
  vrid?: Said<number>;
  priority?: Said<number>;
  version?: Said<2 | 3>;
  advertIntervalS?: Said<number>;
  noPreempt?: Statement;
  preemptDelayS?: Said<number>;
  downTimerAdverts?: Said<number>;
  /** `true` where it names no interface. */
  virtualMac?: Said<true | { readonly interface: string }>;
  strict?: Said<boolean>;
  accept?: Said<boolean>;
  messageChecksum?: Statement;
  authType?: Said<string>;
  authPass?: Said<string>;
  /** What `auth_hmac` says. */
  hmac?: PartialHmac;
  /** True when mail is asked for. */
  alerts?: boolean;
  readonly announce: PartialAnnounce;
  readonly addresses: PartialAddress[];
  /** Entries of `routes` and `rules`. */
  readonly routes: Entry[];
  readonly rules: Entry[];
  readonly tracks: PartialTrack[];
  readonly notify: PartialNotify[];
}

/** A sync group: what it tracks, its members track. */
export interface PartialGroup {
  readonly name: string;
  readonly statement: Statement;
  readonly members: string[];
  readonly tracks: PartialTrack[];
  readonly notify: PartialNotify[];
  /** Whether mail is asked for, where it is said. */
  alerts?: boolean;
  /** True when the members' weights count. */
  weights?: boolean;
}

/** An interface whose link has delays, in seconds. */
export interface PartialInterfaceDelays {
  readonly name: string;
  readonly downDelayS: number;
  readonly upDelayS: number;
  readonly statement: Statement;
}

export interface PartialImport {
  node?: Said<string>;
  version?: Said<2 | 3>;
  strict?: Said<boolean>;
  downTimerAdverts?: Said<number>;
  startDelayS?: Said<number>;
  realtimePriority?: Said<number>;
  nice?: Said<number>;
  /** `user` or `user:group` of scripts that name none. */
  scriptUser?: string;
  /** Between announcements; of IPv4, and of IPv6. */
  garpIntervalS?: Said<number>;
  gnaIntervalS?: Said<number>;
  /** True when mail is asked for all instances. */
  alerts?: boolean;
  readonly mail: PartialMail;
  readonly announce: PartialAnnounce;
  readonly interfaces: PartialInterfaceDelays[];
  readonly checks: PartialCheck[];
  readonly instances: PartialInstance[];
  readonly groups: PartialGroup[];
}

export function emptyImport(): PartialImport {
  const mail = { to: [], statements: [] };
  return { mail, announce: {}, interfaces: [], checks: [], instances: [], groups: [] };
}
