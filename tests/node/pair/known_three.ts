/** Three simulated nodes that know each other's word, as the front brings it. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { ASK_EVERY_MS } from "../../../src/node/pair/peers.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";

export const SETTLE_MS = 20_000;

/** Each node's instance: lb01 has priority 150, lb02 120 and lb03 100, unless it says otherwise. */
export function knownThree(settings: readonly Partial<InstanceConfig>[] = []) {
  const cluster = new SimCluster(
    [150, 120, 100].map((priority, index) => ({ priority, ...settings[index] })),
  );
  const nodes = cluster.nodes as [SimNode, SimNode, SimNode];
  for (const node of nodes) {
    const others = nodes.filter((other) => other !== node);
    const peers = others.map(({ name }) => ({ name, url: `http://${name}:9112` }));
    Object.assign(node.config, { peers });
  }
  const run = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += ASK_EVERY_MS) {
      for (const node of nodes) {
        for (const other of nodes) {
          if (other !== node) node.daemon?.peerReported(other.name, wordOf(other));
        }
      }
      cluster.run(ASK_EVERY_MS);
    }
  };
  cluster.start();
  run(SETTLE_MS);
  return { cluster, nodes, run };
}

function wordOf({ daemon }: SimNode) {
  if (daemon === null) {
    return { ok: false, error: "nobody listens there", cause: "refused" } as const;
  }
  const answer = readPeerAnswer(JSON.stringify(daemon.status()));
  if ("problem" in answer) assert.fail(answer.problem);
  return { ok: true, answer } as const;
}
