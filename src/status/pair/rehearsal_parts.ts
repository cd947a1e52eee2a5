/**
 * The findings of rehearsals that count at this moment: some are about a node that serves, others about one that would
 * have to.
 *
 * @module
 */

import type { NodeStatus, PeerStatus } from "../status.ts";
import { REHEARSAL_CODES_OF } from "../codes/verdicts.ts";

export type RehearsalStatus = Pick<NodeStatus, "node" | "instances" | "peers">;
type Finding = NonNullable<PeerStatus["rehearsal"]>[number];

/** Those about this node and its peers that count, as each of them stands. */
export function findings(status: RehearsalStatus, all: readonly Finding[]): Finding[] {
  return all.filter(({ code, node }) => {
    const states = statesOf(status, node);
    const serves = states.includes("master");
    // A node of which nothing is known serves nothing.
    const isStandby = !serves || states.some((state) => state !== "master");
    return serves && REHEARSAL_CODES_OF.serving.includes(code) ||
      isStandby && REHEARSAL_CODES_OF.standby.includes(code);
  });
}

/** The findings that count of the comparison with each peer; `null`: that peer has not rehearsed. */
export function comparedPeers(
  status: RehearsalStatus,
): { readonly peer: string; readonly findings: Finding[] | null }[] {
  return status.peers.map(({ name, rehearsal }) => ({
    peer: name,
    findings: rehearsal === undefined ? null : findings(status, rehearsal),
  }));
}

function statesOf({ node, instances, peers }: RehearsalStatus, name: string): string[] {
  const own = name === node ? instances : peers.find((peer) => peer.name === name)?.instances ?? [];
  return own.map(({ state }) => state);
}
