/** Three nodes: one standby that is ready is enough, and the sentence names each that is. */

import assert from "node:assert/strict";
import { knownThree, SETTLE_MS } from "./known_three.ts";

const LIMIT_MS = 5000;

function three() {
  const { nodes, run } = knownThree();
  const [lb01, lb02, lb03] = nodes;
  const sentences = () =>
    nodes.filter(({ daemon }) => daemon !== null).map((node) => node.status.pair.sentence);
  const verdict = () => lb01.status.pair.verdict;
  return { lb01, lb02, lb03, run, sentences, verdict };
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
