/** A simulated pair whose nodes know each other's word, as the front brings it. */

import type { InstanceConfig } from "../../../src/config/model.ts";
import { readPeerAnswer } from "../../../src/front/peers/peer_answer.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { NOBODY_LISTENS, type PeerReport } from "../../../src/status/peer_answer.ts";

/** How the machine of a node answers questions to its API. */
export type Contact = "open" | "refused" | "silent";

/** A pair whose nodes ask each other once a second, as the front does. */
export function knownPair(settings: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{ priority: 150, ...settings }, { priority: 100, ...settings }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const contact = new Map<SimNode, Contact>();
  for (const [node, other] of [[lb01, lb02], [lb02, lb01]] as const) {
    const peers = [{ name: other.name, url: `http://${other.name}:9112` }];
    Object.assign(node.config, { peers });
  }
  const report = (of: SimNode): PeerReport => {
    if (!of.daemon || contact.get(of) === "refused") return { ok: false, error: NOBODY_LISTENS };
    if (contact.get(of) === "silent") return { ok: false, error: "no whole answer within 1 s" };
    const answer = readPeerAnswer(JSON.stringify(of.daemon.status()));
    return "problem" in answer ? { ok: false, error: answer.problem } : { ok: true, answer };
  };
  const run = (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      if (passedMs % 1000 === 0) {
        lb01.daemon?.peerReported(lb02.name, report(lb02));
        lb02.daemon?.peerReported(lb01.name, report(lb01));
      }
      cluster.run(500);
    }
  };
  cluster.start();
  run(20_000);
  const pairOf = (node: SimNode) => node.daemon!.status().instances[0]!.pair!;
  const changes = (node: SimNode) =>
    node.daemon!.journal.since().filter(({ code }) => code === "verdict_changed")
      .map(({ message }) => message);
  return { cluster, lb01, lb02, contact, run, pairOf, changes };
}
