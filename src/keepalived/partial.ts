/**
 * The part of an import that is read so far. Keywords write into it in the sequence of the file; when all of them are
 * read, `resolve/` makes vipd's configuration of it.
 *
 * @module
 */

import type { NotifyEventKind } from "../config/notify_model.ts";
import type { Family, IpAddress } from "../wire/address.ts";
import type { Entry } from "./entry.ts";

import type { TrackEntry, Weight } from "./keywords/weight.ts";
import type { Statement } from "./syntax/statement.ts";

/** The contents of `auth_hmac` so far. */
export interface PartialHmac {
  readonly statement: Statement;
  readonly keys: { readonly id: number; readonly key: string }[];
  activeKey?: Said<number>;
  replay?: string;
  windowS?: number;
  mode?: string;
}

/** A value and its statement. */
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
  /** Announcements at each refresh. */
  refreshRepeat?: Said<number>;
  /** Its statements about announcements to a weaker master. */
  readonly lowerPriority: Statement[];
}

/** A check's probe; keys as in vipd's configuration. */
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
  /** Says the program. */
  probeStatement?: Statement;
  /** True if a finding already says why there is no probe. */
  unusable?: boolean;
  /** Seconds; the program's own timeout, if it is shorter. */
  probeTimeoutS?: number;
  intervalS?: Said<number>;
  timeoutS?: Said<number>;
  rise?: Said<number>;
  fall?: Said<number>;
  /** Seconds: `terminate_delay` of a process. */
  graceS?: Said<number>;
  /** `user` or `user:group`. */
  user?: string;
  userStatement?: Statement;
  weight: Weight;
  weightStatement?: Statement;
}

/** A program that vipd starts at state changes. */
export interface PartialNotify {
  readonly on: readonly NotifyEventKind[];
  /** The ending of its name. */
  readonly suffix: string;
  /** True if vipd appends arguments that describe the event. */
  readonly appended: boolean;
  readonly command: readonly string[];
  /** `user` or `user:group`. */
  readonly user?: string;
  readonly statement: Statement;
}

/** A named pipe that gets a line for each change of a state. */
export interface PartialFifo {
  /** Of its entry. */
  readonly name: string;
  readonly path: string;
  /** `user` or `user:group`. */
  readonly user?: string;
  readonly statement: Statement;
}

/** The recipients and settings of mail. */
export interface PartialMail {
  readonly to: string[];
  from?: string;
  /** As vipd's file writes it, and its host. */
  server?: Said<{ readonly text: string; readonly host: string }>;
  heloName?: string;
  connectTimeoutS?: number;
  faults?: boolean;
  readonly statements: Statement[];
  /** A server that keepalived cannot read, so that it sends no mail. */
  noServer?: Statement;
  /** Their mistakes, which matter only if mail is sent. */
  readonly problems: MailProblem[];
}

/** Values that nobody could send mail with or to. */
export interface MailProblem {
  readonly statement: Statement;
  readonly message: string;
  readonly remedy: string;
}

/** One object that an instance tracks. */
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

/** A peer that gets adverts instead of the multicast group. */
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
  multicastGroup?: Said<IpAddress>;
  unicastTtl?: Said<number>;
  vrid?: Said<number>;
  /** True if a finding says that it is none. */
  vridWrong?: boolean;
  priority?: Said<number>;
  version?: Said<2 | 3>;
  advertIntervalS?: Said<number>;
  noPreempt?: Statement;
  preemptDelayS?: Said<number>;
  downTimerAdverts?: Said<number>;
  /** `true` if it names no interface. */
  virtualMac?: Said<true | { readonly interface: string }>;
  strict?: Said<boolean>;
  accept?: Said<boolean>;
  messageChecksum?: Statement;
  /** The block of the two below. */
  authentication?: Statement;
  authType?: Said<string>;
  authPass?: Said<string>;
  /** The contents of `auth_hmac`. */
  hmac?: PartialHmac;
  /** True if the source asks for mail. */
  alerts?: Said<boolean>;
  readonly announce: PartialAnnounce;
  readonly addresses: PartialAddress[];
  /** Entries of `routes` and `rules`. */
  readonly routes: Entry[];
  readonly rules: Entry[];
  readonly tracks: PartialTrack[];
  readonly notify: PartialNotify[];
}

/** A sync group. Its members track what it tracks. */
export interface PartialGroup {
  readonly name: string;
  readonly statement: Statement;
  readonly members: string[];
  readonly tracks: PartialTrack[];
  readonly notify: PartialNotify[];
  /** Whether the source asks for mail, if it says so. */
  alerts?: Said<boolean>;
  /** True if the members' weights count. */
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
  /** Of the instances and groups that were read, with the keyword before each. */
  readonly names: Set<string>;
  node?: Said<string>;
  version?: Said<2 | 3>;
  strict?: Said<boolean>;
  downTimerAdverts?: Said<number>;
  startDelayS?: Said<number>;
  /** Of all instances of the family. */
  readonly multicastGroups: Partial<Record<Family, Said<IpAddress>>>;
  realtimePriority?: Said<number>;
  nice?: Said<number>;
  /** `enable_script_security`. */
  scriptSecurity?: Statement;
  /** `user` or `user:group` of scripts that name none. */
  scriptUser?: string;
  /** The statement that names the user, also if that is the usual one. */
  scriptUserSaid?: Statement;
  /** `vmac_prefix`: how the names of interfaces with a virtual MAC address begin. */
  macPrefix?: Said<string>;
  /** Time between announcements, of IPv4 and of IPv6. */
  garpIntervalS?: Said<number>;
  gnaIntervalS?: Said<number>;
  /** Rules of `static_rules` without a priority, by family: they take the first ones. */
  readonly staticRules: Record<Family, number>;
  /** True if the source asks for mail for all instances. */
  alerts?: Said<boolean>;
  readonly mail: PartialMail;
  readonly fifos: PartialFifo[];
  readonly announce: PartialAnnounce;
  readonly interfaces: PartialInterfaceDelays[];
  readonly checks: PartialCheck[];
  readonly instances: PartialInstance[];
  readonly groups: PartialGroup[];
}

export function emptyImport(): PartialImport {
  const mail = { to: [], statements: [], problems: [] };
  return {
    names: new Set(),
    mail,
    fifos: [],
    multicastGroups: {},
    staticRules: { ipv4: 0, ipv6: 0 },
    announce: { lowerPriority: [] },
    interfaces: [],
    checks: [],
    instances: [],
    groups: [],
  };
}
