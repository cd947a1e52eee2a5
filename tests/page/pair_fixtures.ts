/**
 * What lb01 says in each verdict of its pair: each is a simulated pair that has come there, so that neither tests nor the
 * screenshots in the docs show what no pair can be in.
 */

import { STATUS_EXAMPLE } from "../../src/front/openapi/examples.ts";
import type { SimNode } from "../../src/sim/cluster.ts";
import type { JournalEntry } from "../../src/status/journal.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import { pairIn, type SITUATIONS } from "../front/page/situations.ts";

/** What a node and its peer say. */
export interface PairFixture {
  readonly status: NodeStatus;
  readonly journal: readonly JournalEntry[];
  readonly peerJournal: readonly JournalEntry[];
}

/** All was well for so long before, in milliseconds. */
const WELL_MS = 300_000;

/** Each verdict, three causes of `unprotected`, and many instances. */
const FIXTURES = {
  "protected": "protected",
  "unverified": "lb02's API is silent",
  "unprotected-deaf": "lb02 hears no adverts, and has not taken over",
  "unprotected-stopped": "lb02's vipd stopped",
  "unprotected-unwell": "lb02's nginx is down, by weight",
  "contested": "lb02's firewall drops what it hears",
  "unserved": "lb02 serves, and does not answer clients",
  "many": "two of twenty instances are not well",
  "fault": "lb01's link is down",
} as const satisfies Readonly<Record<string, keyof typeof SITUATIONS>>;

export const PAIR_FIXTURES: Readonly<Record<string, PairFixture>> = Object.fromEntries(
  await Promise.all(
    Object.entries(FIXTURES).map(async ([name, situation]) => {
      const { lb01, lb02 } = await pairIn(situation, WELL_MS);
      return [name, {
        status: statusOf(lb01),
        journal: journalOf(lb01),
        peerJournal: journalOf(lb02),
      }] as const;
    }),
  ),
);

/** A simulated vipd has no version. */
export function statusOf({ daemon }: SimNode): NodeStatus {
  const { version } = STATUS_EXAMPLE;
  const status = daemon!.status();
  const peers = status.peers.map((peer) => peer.version === null ? peer : { ...peer, version });
  return { ...status, version, peers };
}

function journalOf({ daemon }: SimNode): readonly JournalEntry[] {
  return daemon?.journal.since() ?? [];
}
