/**
 * Changes of the peers that this node sees from one status to the next: a page talks to its own node only, so the peers'
 * journals are not at hand.
 *
 * @module
 */

import { clockOf } from "../../../status/span.ts";
import type { NodeStatus, PeerStatus } from "../../../status/status.ts";

export interface PeerChange {
  /** RFC 3339, by the clock of the page's node. */
  readonly time: string;
  readonly node: string;
  readonly message: string;
  readonly to: string;
}

/** Nothing before the second status. */
export function peerChanges(before: NodeStatus | null, after: NodeStatus): PeerChange[] {
  if (before === null) return [];
  const time = new Date(clockOf(after)).toISOString();
  return after.peers.flatMap((peer) => {
    const was = before.peers.find(({ name }) => name === peer.name);
    const changes = was ? changesOf(was, peer) : [];
    return changes.map((change) => ({ time, node: peer.name, ...change }));
  });
}

function changesOf(was: PeerStatus, is: PeerStatus): Pick<PeerChange, "message" | "to">[] {
  if (was.reachable !== is.reachable) {
    return is.reachable
      ? [{ message: "its API answers again", to: "reachable" }]
      : [{ message: "its API does not answer any more", to: "lost" }];
  }
  return is.instances.flatMap(({ name, state }) => {
    const old = was.instances.find((instance) => instance.name === name)?.state;
    if (old === undefined || old === state) return [];
    return [{ message: `${name}: ${old} -> ${state}`, to: state }];
  });
}
