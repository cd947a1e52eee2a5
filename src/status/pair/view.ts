/**
 * One node's knowledge of the nodes that have an instance together: the facts that a verdict is worked out from.
 *
 * @module
 */

import type { Settings } from "../peer/settings.ts";
import type { PeerInstanceStatus, PeerStatus } from "../status.ts";
import type { RehearsalReason } from "../reports/peer_answer.ts";
import type { PeerErrorCause } from "../codes/error_cause.ts";

/** An instance on one node, as this node or a peer reports it. */
export type NodeInstance =
  & Settings
  & Pick<
    PeerInstanceStatus,
    | "state"
    | "handing_over"
    | "priority"
    | "master"
    | "adverts_missing"
    | "adverts_blocked"
    | "adverts_dropped_by"
    | "addresses_missing"
    | "lowered_by"
    | "faults"
    | "override"
    | "address_on_backup"
    | "address_conflict"
    | "client_check"
    | "client_check_unknown"
    | "without_verdict"
  >;

/** Whether a node's word is known: it is this node, its API answers, or why not. */
export type Contact = "own" | "answers" | PeerErrorCause | "silent";

export interface PairNode {
  readonly name: string;
  readonly contact: Contact;
  /** Why its API does not answer, without its name; empty if it does. */
  readonly error: string;
  /** vipd's version there; `null` if it has never answered. */
  readonly version: string | null;
  /** `null`: it has no such instance, or its word is too old. */
  readonly instance: NodeInstance | null;
  readonly clockOffsetMs: number | null;
}

export interface PairView {
  readonly instanceName: string;
  /** This node first. */
  readonly own: PairNode & { readonly instance: NodeInstance };
  readonly peers: readonly PairNode[];
  /** True while this node may not have heard a master yet that there is. */
  readonly starting: boolean;
  /** True while the words of the peers may be older than this master's first advert. */
  readonly begins: boolean;
  /** The peer from whose address this backup hears the master; `null` if no peer is known to have that address. */
  readonly heardPeer: string | null;
  /**
   * The priority that remains if all checks fail that the instance tracks; `null` if it tracks none, or if one of them
   * does more than to move the priority.
   */
  readonly lowestPriority: number | null;
  /** The findings of comparisons of rehearsals, about this node and its peers. */
  readonly rehearsal: readonly RehearsalReason[];
}

/** The front asks: it does not run, or cannot. */
const NOT_ASKED = "it was not asked of late";

/** True if this node's front does not ask that node, for no cause of that one. */
export function isNotAsked({ contact, error }: Pick<PairNode, "contact" | "error">): boolean {
  return contact === "not_asked" && error === NOT_ASKED;
}

/** A peer as a node of the pair; `instance`: its instance that is the same virtual router. */
export function peerNode(
  peer: Pick<
    PeerStatus,
    "name" | "reachable" | "error" | "error_cause" | "version" | "clock_offset_ms"
  >,
  instance: NodeInstance | null,
): PairNode {
  const { name, reachable, error, error_cause: cause, version } = peer;
  const { clock_offset_ms: clockOffsetMs = null } = peer;
  const answers = reachable && error === null;
  return {
    name,
    contact: answers ? "answers" : cause ?? (error === null ? "not_asked" : "silent"),
    version,
    error: answers ? "" : error ?? NOT_ASKED,
    instance,
    clockOffsetMs,
  };
}
