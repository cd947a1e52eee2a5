/**
 * The status model: one description of a load balancer, rendered as JSON, as text and by whatever else shows it.
 * Names are those of the HTTP API: snake_case, times in RFC 3339, durations in `_seconds` or `_ms`.
 *
 * @module
 */

import type { CheckVerdict } from "../health/check.ts";
import type { RecoveryPhase } from "../health/check_machine.ts";
import type { DropReason } from "../vrrp/receive.ts";
import type { RouterState } from "../vrrp/router_events.ts";
import type { Family, IpAddress } from "../wire/address.ts";
import type { VrrpVersion } from "../wire/vrrp.ts";
import type { AlarmCode } from "./alarms.ts";

/** What of the protocol the status speaks of: a reader of it needs no other room. */
export type { DropReason, RouterState };

/** Discarded packets by reason; a reason that never occurred is absent. */
export type DropCounters = Partial<Record<DropReason, number>>;

export interface NodeStatus {
  node: string;
  /** vipd's version. */
  version: string;
  started_at: string;
  uptime_seconds: number;
  /** How the kernel treats this daemon beside other programs. */
  process: ProcessStatus;
  /** The two processes of vipd on this node: which run, since when, and why they were started again. */
  processes: ProcessesStatus;
  /** What a person must act on now, the gravest first; empty when all is well. */
  alarms: AlarmStatus[];
  instances: InstanceStatus[];
  checks: CheckStatus[];
  /** Whom this node tells what happens, in the order of the configuration. */
  notifications: NotificationStatus[];
  /** The other load balancers, as their APIs say; empty when none are configured. */
  peers: PeerStatus[];
  /** Packets that belong to no instance. */
  dropped: DropCounters;
}

/** The status without what there may be hundreds of. */
export type StatusHead = Omit<NodeStatus, "instances" | "peers">;

/** Something of which a status has many. */
export interface StatusPart<T> {
  readonly name: string;
  make(): T;
}

/** A status that is made in parts. */
export interface StatusParts {
  head(): StatusHead;
  readonly instances: readonly StatusPart<InstanceStatus>[];
  readonly peers: readonly StatusPart<PeerStatus>[];
}

/** A status of its parts, in the order of the model. */
export function wholeStatus(
  head: StatusHead,
  instances: InstanceStatus[],
  peers: PeerStatus[],
): NodeStatus {
  const { checks, notifications, dropped, ...first } = head;
  return { ...first, instances, checks, notifications, peers, dropped };
}

export interface ProcessStatus {
  /** 1 to 99; `null` for an ordinary process. */
  realtime_priority: number | null;
  /** What `process.nice` brought about; `null` where it stands as it was started. */
  nice: number | null;
}

/** A process that nothing special was asked for. */
export const ORDINARY_PROCESS: ProcessStatus = {
  realtime_priority: null,
  nice: null,
};

export interface ProcessesStatus {
  engine: EngineStatus;
  front: FrontStatus;
}

/** The process that speaks VRRP and holds the addresses. */
export interface EngineStatus {
  /** 0 for a node that is a part of another program, such as the simulator. */
  pid: number;
  /** The name of its user, or the number of one without a name. */
  user: string;
  started_at: string;
  /** How often it was started again after an end that nobody asked for. */
  restarts: number;
  last_exit: ProcessExit | null;
}

/** The process that answers clients: the API, its page, the questions to peers, the notifications. */
export interface FrontStatus {
  state: "serving" | "starting" | "down";
  /** `null` while there is none. So are the next two. */
  pid: number | null;
  user: string | null;
  /** When the one that runs was started. */
  started_at: string | null;
  /** How often it was started again since the engine started. */
  restarts: number;
  last_exit: ProcessExit | null;
  /** Why it does not serve, one sentence; `null` while it does. */
  problem: string | null;
}

/** How a process came to its end. */
export interface ProcessExit {
  at: string;
  /** A few words, such as `killed by SIGKILL`. */
  reason: string;
}

/** The processes of a node that is a part of another program and started then, in milliseconds since the epoch. */
export function noProcesses(startedAtMs: number): ProcessesStatus {
  const never = { restarts: 0, last_exit: null };
  return {
    engine: { pid: 0, user: "", started_at: new Date(startedAtMs).toISOString(), ...never },
    front: {
      state: "serving",
      pid: null,
      user: null,
      started_at: null,
      ...never,
      problem: null,
    },
  };
}

export interface PeerStatus {
  /** Its name in the configuration. */
  name: string;
  url: string;
  /** True while its last answer is no older than a few seconds. */
  reachable: boolean;
  /** Why the last question was not answered, one sentence; `null` when it was. */
  error: string | null;
  /** When it last answered; `null` when it has not yet. */
  last_seen: string | null;
  /** What it calls itself and which vipd it runs, by its last answer; `null` when there was none. */
  node: string | null;
  version: string | null;
  /** Empty while it is not reachable: nobody knows what they are now. */
  instances: PeerInstanceStatus[];
}

/** An instance as the peer says it is. What a vipd of another version does not say is `null`. */
export interface PeerInstanceStatus {
  name: string;
  interface: string;
  vrid: number;
  family: Family;
  version: number;
  state: RouterState;
  handing_over: boolean;
  priority: { configured: number; effective: number };
  advert_interval_ms: number | null;
  preempt: boolean | null;
  authentication: InstanceStatus["authentication"] | null;
  /** With prefix length: `192.168.31.5/24`. */
  addresses: string[];
  /** Who is master as far as the peer knows. */
  master: { address: string; priority: number } | null;
  faults: string[];
  /** What was ordered there by hand and still stands. */
  override: OverrideStatus["kind"] | null;
  /** Present where an address is on the peer's interface although the peer is not master (`address_on_backup`). */
  address_on_backup?: true | undefined;
}

export interface AlarmStatus {
  /** Stable; docs/alarms.md tells what to do about each. */
  code: AlarmCode;
  severity: "error" | "warning";
  /** The instance it is about; `null` for the node. */
  subject: string | null;
  /** What is the matter, one sentence. */
  message: string;
  /** What to do about it. */
  hint: string;
  since: string;
}

export interface InstanceStatus {
  name: string;
  interface: string;
  /** False when a lost link of the interface is no fault. */
  track_interface: boolean;
  vrid: number;
  version: VrrpVersion;
  family: Family;
  /** The sync group it moves with; `null` when it moves alone. */
  sync_group: string | null;
  state: RouterState;
  /** True while a master waits for the next one before it lets go of its addresses. */
  handing_over: boolean;
  priority: PriorityStatus;
  /** Whether it takes over from a master of lower priority. */
  preempt: boolean;
  /** Whether it takes over at once, as backup, when its master says goodbye; and why, or why not. */
  sole_backup: { applies: boolean; why: string };
  /** What keeps strangers' adverts out. */
  authentication: "none" | "pass" | "hmac";
  addresses: AddressStatus[];
  /** False when packets to the addresses are refused (Accept_Mode, RFC 9568 section 6.1). */
  accept: boolean;
  /** How long the addresses outlast vipd's last advert; `null` when they stay until they are taken off. */
  lease: LeaseStatus | null;
  /** The MAC address of the addresses and the interface that has it; `null` when they have their device's own. */
  virtual_mac: { mac: string; interface: string } | null;
  /** Routes and policy rules; empty when none are configured. */
  routing: RoutingStatus[];
  timers: TimerStatus;
  /** Who is master as far as this node knows; `null` when nobody was heard. */
  master: { address: IpAddress; priority: number } | null;
  /** When the present state began. */
  since: string;
  /** Why it began: a stable code and one sentence for a person. */
  reason: { code: string; message: string };
  /** What keeps the instance from running, one sentence each; empty when nothing does. */
  faults: string[];
  override: OverrideStatus | null;
  counters: InstanceCounters;
}

export interface TimerStatus {
  /** How often this node speaks as master. */
  advert_interval_ms: number;
  /** Skew_Time and Master_Down_Interval as they are now (RFC 9568 section 6.1). */
  skew_time_ms: number;
  master_down_interval_ms: number;
  /** When a new master tells the link a second time that it holds the addresses; 0 for not at all. */
  announce_delay_ms: number;
}

export interface PriorityStatus {
  configured: number;
  effective: number;
  /** What moved the configured value, in order. */
  reasons: { what: string; change: number }[];
}

export interface AddressStatus {
  address: IpAddress;
  prefix_length: number;
  device: string;
  label: string | null;
  /** True when the adverts name the address. */
  advertised: boolean;
  /** True while this node has put the address on its device. */
  held: boolean;
}

export interface LeaseStatus {
  seconds: number;
  /** `null` while this node does not hold the addresses. */
  renewed_ms_ago: number | null;
}

export interface RoutingStatus {
  /** In the words of ip(8): `route 10.1.0.0/16 via 192.168.31.1`. */
  entry: string;
  /** True while this node has put it on the host. */
  held: boolean;
}

export interface OverrideStatus {
  kind: "promoted" | "demoted" | "priority";
  priority: number;
  since: string;
  /** When it ends by itself; `null` when it stands until released. */
  until: string | null;
}

export interface InstanceCounters {
  advertisements_sent: number;
  /** Those that did not leave: the kernel did not take them, or the interface had no carrier. */
  advertisements_failed: number;
  advertisements_received: number;
  priority_zero_sent: number;
  priority_zero_received: number;
  /** Accepted adverts whose checksum covers the message alone: all of version 2, RFC 9568 in version 3 over IPv4. */
  checksum_message: number;
  /** Accepted adverts whose checksum covers a pseudo-header too: RFC 5798 in version 3 over IPv4, all over IPv6. */
  checksum_pseudo_header: number;
  became_master: number;
  released_master: number;
  dropped: DropCounters;
}

export interface CheckStatus {
  name: string;
  type: "http" | "tcp" | "ping" | "process" | "exec" | "file";
  state: CheckVerdict;
  /** When the present state began; `null` before the first result. */
  since: string | null;
  /**
   * The recovery that is tried before the state turns to `down`, or what came of it; `null` where none was within
   * `on_fail`'s period, or it was given up and the check is up again.
   */
  recovery: RecoveryStatus | null;
  last: { ok: boolean; at: string; detail: string; took_ms: number } | null;
  /** Of a file check alone: what the file holds; 0 while it cannot be read. */
  number?: number | undefined;
  /** Of an https check with `expires_within` alone: when the server's certificate ends, once that is known. */
  certificate_ends?: string | undefined;
}

export interface RecoveryStatus {
  /**
   * The command runs; or has ended well and the check must confirm it; or the check has; or no tries were left and the
   * check is down.
   */
  phase: RecoveryPhase;
  /** Which of the tries within `on_fail`'s period this is, from 1; once given up, how many they were. */
  attempt: number;
  attempts: number;
  /** When this try, or its outcome, began. */
  since: string;
}

export interface NotificationStatus {
  name: string;
  type: "exec" | "webhook" | "email";
  /** `idle` until the first delivery; `failing` while the last one did not get through. */
  state: "idle" | "ok" | "failing";
  /** Events that are not told yet. */
  waiting: number;
  delivered: number;
  /** Tries that did not get through, and programs that ended badly. */
  failed: number;
  /** Events that nobody will be told of any more. */
  lost: number;
  last_success: string | null;
  last_failure: { at: string; detail: string } | null;
}
