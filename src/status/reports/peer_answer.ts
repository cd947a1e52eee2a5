/**
 * The answer of another load balancer's API about its node.
 *
 * @module
 */

import type { RouterState } from "../../vrrp/router_events.ts";
import type { PeerInstanceStatus } from "../status.ts";
import type { REHEARSAL_CODES } from "../codes/verdicts.ts";
import type { PeerErrorCause } from "../codes/error_cause.ts";

/** The size of a status without instances, at most. */
const NODE_OCTETS = 256 * 1024;
/** The size that each instance adds, at most. */
const INSTANCE_OCTETS = 8 * 1024;

/** The longest answer that is read of the peer of a node with so many instances, in octets. */
export function answerLimitOctets(instances: number): number {
  return NODE_OCTETS + instances * INSTANCE_OCTETS;
}

/** The answer of a peer's API about its node. */
export interface PeerAnswer {
  readonly node: string;
  /** vipd's version. */
  readonly version: string;
  /** When it rehearsed last; absent if it has not. Only the front reads it. */
  readonly rehearsedAt?: string | undefined;
  /** When its engine started, and how many before it ended unasked; absent if its version does not say so. */
  readonly engine?: { readonly startedAt: string; readonly restarts: number } | undefined;
  readonly instances: readonly PeerInstanceStatus[];
}

/** A finding of the comparison of both nodes' rehearsals, as the front has worked it out. */
export interface RehearsalReason {
  readonly code: (typeof REHEARSAL_CODES)[number];
  /** The node that it is about: this one or the peer, by the name that it has here. */
  readonly node: string;
  readonly message: string;
  readonly hint: string;
}

/** The peer's rehearsal that was compared. */
export interface ComparedRehearsal {
  /** When it began, by the peer's clock. */
  readonly began: string;
  /** False while the peer has one that ended later. */
  readonly is_last: boolean;
}

/**
 * The outcome of a question; `error` is one sentence without the peer's name. `rehearsal` is absent until both nodes have
 * rehearsed, `rehearsed` also where the peer does not rehearse by itself, or its version does not say so.
 */
export type PeerReport =
  & (
    | { readonly ok: true; readonly answer: PeerAnswer }
    | { readonly ok: false; readonly error: string; readonly cause?: PeerErrorCause | undefined }
  )
  & {
    readonly rehearsal?: readonly RehearsalReason[] | undefined;
    readonly rehearsed?: ComparedRehearsal | undefined;
  };

/** The state of an instance on another node, as that one said last. */
export interface PeerView {
  /** Its name in the configuration. */
  readonly peer: string;
  readonly state: RouterState;
}
