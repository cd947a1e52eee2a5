/**
 * Whether another node is able to take an instance over, as its API says.
 *
 * @module
 */

import { PRIORITY_UNWILLING } from "../../vrrp/priority.ts";
import { peerWords } from "./comparison.ts";
import { counterpart, statusSettings } from "./settings.ts";
import type { InstanceStatus, PeerInstanceStatus, PeerStatus } from "../status.ts";

/** So begins what lowers the priority of a node that moved too often. */
export const HELD_BACK = "held back: ";

/** Whether one peer could take over, as far as that is known. */
export interface FailoverReadiness {
  readonly peer: string;
  /** `null` where nobody knows. */
  readonly able: boolean | null;
  /** Why, for a sentence that begins with the peer's name. */
  readonly text: string;
}

/** Each peer, in the order of the configuration; `nowMs` on the node's clock. */
export function failoverReadiness(
  instance: InstanceStatus,
  peers: readonly PeerStatus[],
  nowMs: number,
): FailoverReadiness[] {
  return peers.map((peer) => ({ peer: peer.name, ...judged(instance, peer, nowMs) }));
}

function judged(
  instance: InstanceStatus,
  peer: PeerStatus,
  nowMs: number,
): Omit<FailoverReadiness, "peer"> {
  if (!peer.reachable) return { able: null, text: `is ${peerWords(peer, nowMs)}` };
  const theirs = counterpart(statusSettings(instance), peer.instances);
  if (theirs?.vrid !== instance.vrid) {
    return { able: false, text: `has no instance with VRID ${instance.vrid}` };
  }
  const unable = unableText(theirs);
  if (unable !== null) return { able: false, text: unable };
  const state = `${theirs.state.toUpperCase()} ${priorityText(theirs)}`;
  // The move that this node has seen has changed the other one, too.
  const isOlder = peer.last_seen !== null &&
    Date.parse(peer.last_seen) < Date.parse(instance.since);
  const text = isOlder
    ? `was ${state} when it was last asked, before this node changed`
    : `is ${state}`;
  return { able: true, text };
}

/** Why an instance does not become master when this one releases the addresses; `null` when it does. */
export function unableText(
  { state, faults, override, priority: { configured, effective } }: Pick<
    PeerInstanceStatus,
    "state" | "faults" | "override" | "priority"
  >,
): string | null {
  const why = faults.length === 0 ? "" : `: ${faults.join("; ")}`;
  if (state === "fault" || state === "init") return `is in ${state}${why}`;
  if (override === "demoted") return "is demoted manually (vipd release there ends that)";
  return effective < configured && effective <= PRIORITY_UNWILLING
    ? `serves only if no other node does (priority ${effective} instead of ${configured})`
    : null;
}

/** Without an override, only what it tracks moves the priority. */
function priorityText({ priority: { configured, effective }, override }: PeerInstanceStatus) {
  const text = `with priority ${effective}`;
  if (effective === configured) return text;
  const why = override === null
    ? "what it tracks is not all well"
    : `${override} ${override === "priority" ? "set " : ""}manually`;
  return `${text} instead of ${configured}: ${why}`;
}
