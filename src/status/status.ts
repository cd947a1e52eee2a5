/**
 * The status model: one description of a load balancer, rendered as JSON, as text and by whatever else shows it. Its
 * types are those of the schemas in `schemas/`, which this file does not load.
 *
 * @module
 */

import type * as z from "zod";
import type { DropReason } from "../vrrp/receive.ts";
import type { RouterState } from "../vrrp/router_events.ts";
import type {
  address,
  clientCheck,
  counters,
  dropCounters,
  instance,
  override,
} from "./schemas/instance.ts";
import type { alarm, check, nodeStatus, notification, probation } from "./schemas/node.ts";
import type { instancePair, pairOfNodes } from "./schemas/pair.ts";
import type { peer, peerInstance } from "./schemas/peer.ts";
import type { process, processes } from "./schemas/process.ts";

/** The terms of the protocol that the status uses: a reader of it needs no other room. */
export type { DropReason, RouterState };

/** The whole node. */
export type NodeStatus = z.infer<typeof nodeStatus>;
/** Discarded packets by reason; a reason that never occurred is absent. */
export type DropCounters = z.infer<typeof dropCounters>;
/** How the kernel treats the engine next to other programs. */
export type ProcessStatus = z.infer<typeof process>;
export type ProcessesStatus = z.infer<typeof processes>;
/** The process that speaks VRRP and holds the addresses. */
export type EngineStatus = ProcessesStatus["engine"];
/** The process that answers clients: the API, its page, the questions to peers, the notifications. */
export type FrontStatus = ProcessesStatus["front"];
/** How a process came to its end. */
export type ProcessExit = NonNullable<EngineStatus["last_exit"]>;
/** The reason of a process that ended because it was asked to. */
export const STOPPED = "it was stopped";
/** A configuration that is in force, and that nobody has kept yet. */
export type ProbationStatus = z.infer<typeof probation>;
export type AlarmStatus = z.infer<typeof alarm>;
export type InstanceStatus = z.infer<typeof instance>;
/** Whether the service of an instance is safe, from what both nodes say. */
export type InstancePair = z.infer<typeof instancePair>;
/** The verdicts on all instances of the pair. */
export type PairOfNodes = z.infer<typeof pairOfNodes>;
export type PairReason = InstancePair["reasons"][number];
export type Verdict = InstancePair["verdict"];
export type ClientCheckStatus = z.infer<typeof clientCheck>;
export type AddressConflictStatus = NonNullable<InstanceStatus["address_conflict"]>;
export type DroppedBy = NonNullable<InstanceStatus["adverts_dropped_by"]>;
/** An address that is on a machine although its node is not master. */
export type StrayAddress = NonNullable<InstanceStatus["address_on_backup"]>;
export type PriorityStatus = InstanceStatus["priority"];
export type AddressStatus = z.infer<typeof address>;
export type LeaseStatus = NonNullable<InstanceStatus["lease"]>;
export type RoutingStatus = InstanceStatus["routing"][number];
export type OverrideStatus = z.infer<typeof override>;
export type InstanceCounters = z.infer<typeof counters>;
export type CheckStatus = z.infer<typeof check>;
export type RecoveryStatus = NonNullable<CheckStatus["recovery"]>;
export type NotificationStatus = z.infer<typeof notification>;
export type PeerStatus = z.infer<typeof peer>;
/** An instance as the peer says it is. A field that a vipd of another version does not have is `null`. */
export type PeerInstanceStatus = z.infer<typeof peerInstance>;

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

/** The states and the alarms of a node, for a line about it. */
export interface NodeOutline {
  readonly instances: readonly Pick<InstanceStatus, "name" | "state">[];
  readonly alarms: readonly AlarmStatus[];
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

/** A process that nothing special was asked for. */
export const ORDINARY_PROCESS: ProcessStatus = {
  realtime_priority: null,
  nice: null,
};

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
