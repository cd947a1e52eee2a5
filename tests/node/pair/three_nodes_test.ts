/** Three nodes: one standby that is ready is enough, and the sentence names each that is. */

import assert from "node:assert/strict";
import { readPeerAnswer } from "../../../src/front/peers/peer_answer.ts";
import { ASK_EVERY_MS } from "../../../src/node/split_brain/peers.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";

const SETTLE_MS = 20_000;
const LIMIT_MS = 5000;

function three() {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 120 }, { priority: 100 }]);
  const [lb01, lb02, lb03] = cluster.nodes as [SimNode, SimNode, SimNode];
  for (const node of cluster.nodes) {
    const others = cluster.nodes.filter((other) => other !== node);
    const peers = others.map(({ name }) => ({ name, url: `http://${name}:9112` }));
    Object.assign(node.config, { peers });
  }
  const run = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += ASK_EVERY_MS) {
      for (const node of cluster.nodes) {
        for (const other of cluster.nodes) {
          if (other !== node) node.daemon?.peerReported(other.name, wordOf(other));
        }
      }
      cluster.run(ASK_EVERY_MS);
    }
  };
  cluster.start();
  run(SETTLE_MS);
  const sentences = () =>
    cluster.nodes.filter(({ daemon }) => daemon !== null)
      .map((node) => node.status.pair.sentence);
  const verdict = () => lb01.status.pair.verdict;
  return { lb01, lb02, lb03, run, sentences, verdict };
}

function wordOf({ daemon }: SimNode) {
  if (daemon === null) {
    return { ok: false, error: "nobody listens there", cause: "refused" } as const;
  }
  const answer = readPeerAnswer(JSON.stringify(daemon.status()));
  if ("problem" in answer) assert.fail(answer.problem);
  return { ok: true, answer } as const;
}

Deno.test("all three nodes name both standbys", () => {
  const { sentences } = three();
  const [one, two, last] = sentences();
  assert.equal(one, "VI_1 is served by lb01; lb02 and lb03 are ready");
  assert.equal(two, one);
  assert.match(last!, /^VI_1 is served by lb01; lb0[23] and lb0[23] are ready$/);
});

Deno.test("with one of two standbys the service is protected, without both it is not", () => {
  const { lb02, lb03, run, sentences, verdict } = three();
  lb02.kill();
  run(LIMIT_MS);
  assert.deepEqual(new Set(sentences()), new Set(["VI_1 is served by lb01; lb03 is ready"]));
  lb03.kill();
  run(LIMIT_MS);
  assert.equal(verdict(), "unprotected");
  assert.match(sentences()[0]!, /served by lb01; vipd does not run on lb02, or its front does not/);
  lb03.start();
  run(SETTLE_MS);
  assert.equal(verdict(), "protected");
});

Deno.test("after the loss of the master one standby serves, and the other one is ready", () => {
  const { lb01, run, sentences } = three();
  lb01.powerOff();
  run(SETTLE_MS);
  assert.deepEqual(new Set(sentences()), new Set(["VI_1 is served by lb02; lb03 is ready"]));
});
