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

/** Nothing before the second status. A change whose time the peer reports stands there; others at the answer's. */
export function peerChanges(before: NodeStatus | null, after: NodeStatus): PeerChange[] {
  if (before === null) return [];
  const time = new Date(clockOf(after)).toISOString();
  return after.peers.flatMap((peer) => {
    const was = before.peers.find(({ name }) => name === peer.name);
    const changes = was ? changesOf(was, peer) : [];
    return changes.map((change) => ({ time, node: peer.name, ...change }));
  });
}

type Change = Pick<PeerChange, "message" | "to"> & Partial<Pick<PeerChange, "time">>;

function changesOf(was: PeerStatus, is: PeerStatus): Change[] {
  if (was.reachable !== is.reachable) {
    return is.reachable
      ? [{ message: "its API answers again", to: "reachable" }]
      : [{ message: "its API does not answer any more", to: "lost" }];
  }
  return is.instances.flatMap(({ name, state, since }) => {
    const old = was.instances.find((instance) => instance.name === name)?.state;
    if (old === undefined || old === state) return [];
    const change = { message: `${name}: ${old} -> ${state}`, to: state };
    const offsetMs = is.clock_offset_ms ?? null;
    return [
      since === undefined || offsetMs === null
        ? change
        : { ...change, time: byOwnClock(since, offsetMs) },
    ];
  });
}

/** A time of a peer, by the clock of the page's node. */
function byOwnClock(time: string, offsetMs: number): string {
  return new Date(Date.parse(time) - offsetMs).toISOString();
}
