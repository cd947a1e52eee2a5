/**
 * Changes of the peers that this node sees from one status to the next: all that is known of a peer whose journal is not
 * at hand, and whether its API answers.
 *
 * @module
 */

import { clockOf } from "../../../status/text/span.ts";
import type { NodeStatus, PeerStatus } from "../../../status/status.ts";

export interface PeerChange {
  /** RFC 3339, by the clock of the page's node. */
  readonly time: string;
  readonly node: string;
  readonly message: string;
  readonly to: string;
  /** The peer's journal does not say this: whether its API answers this node. */
  readonly seenHereOnly: boolean;
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

type Change =
  & Pick<PeerChange, "message" | "to" | "seenHereOnly">
  & Partial<Pick<PeerChange, "time">>;

function changesOf(was: PeerStatus, is: PeerStatus): Change[] {
  if (was.reachable !== is.reachable) {
    return is.reachable
      ? [{ message: "its API answers again", to: "reachable", seenHereOnly: true }]
      : [{ message: "its API does not answer any more", to: "lost", seenHereOnly: true }];
  }
  return is.instances.flatMap(({ name, state, since }) => {
    const old = was.instances.find((instance) => instance.name === name)?.state;
    if (old === undefined || old === state) return [];
    const change = { message: `${name}: ${old} -> ${state}`, to: state, seenHereOnly: false };
    const offsetMs = is.clock_offset_ms ?? null;
    return [
      since === undefined || offsetMs === null
        ? change
        : { ...change, time: byOwnClock(since, offsetMs) },
    ];
  });
}

/** A time of a peer, by the clock of the page's node. */
export function byOwnClock(time: string, offsetMs: number): string {
  return new Date(Date.parse(time) - offsetMs).toISOString();
}
