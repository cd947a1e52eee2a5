/** The picture of the pair in words, as those hear it who do not see it; tests/page/ has it in a browser. */

import assert from "node:assert/strict";
import { pictureOf, pictureText } from "../../../src/front/page/pair/picture.ts";
import { statusOf } from "../../page/pair_fixtures.ts";
import { knownThree } from "../../node/pair/known_three.ts";
import { byWeight, fail } from "./situations.ts";
import type { SimNode } from "../../../src/sim/cluster.ts";

interface Three {
  happens(nodes: readonly [SimNode, SimNode, SimNode]): void;
  readonly verdict: "protected" | "unprotected";
  readonly sentence: RegExp;
  readonly picture: RegExp;
}

const THREE: Readonly<Record<string, Three>> = {
  "all ready": {
    happens: () => {},
    verdict: "protected",
    sentence: /^VI_1 is served by lb01; lb02 and lb03 are ready$/,
    picture:
      /^lb01 serves.*; lb02 ready.*; lb03 ready.*adverts between lb01 and lb02: passes.*lb01 and lb03: passes/,
  },
  "one ready": {
    happens: ([, lb02]) => fail(lb02),
    verdict: "protected",
    sentence: /^VI_1 is served by lb01; lb03 is ready$/,
    picture: /^lb01 serves.*; lb02 not ready.*; lb03 ready/,
  },
  "none ready": {
    happens: ([, lb02, lb03]) => {
      fail(lb02);
      lb03.host.setLink(false);
    },
    verdict: "unprotected",
    sentence: /^VI_1 is served by lb01; lb03 is in fault: interface eth1 is down$/,
    picture:
      /^lb01 serves.*; lb02 not ready, a check fails; lb03 not ready, in fault.*adverts between lb01 and lb02: passes.*adverts between lb01 and lb03: not known/,
  },
  "another serves": {
    happens: ([lb01]) => fail(lb01),
    verdict: "protected",
    sentence: /^VI_1 is served by lb02; lb03 is ready$/,
    picture:
      /^lb02 serves.*; lb01 not ready.*; lb03 ready.*API between lb02 and lb01: passes.*API between lb02 and lb03: not known/,
  },
};

const REST_MS = 12_000;

for (const [name, { happens, verdict, sentence, picture }] of Object.entries(THREE)) {
  Deno.test(`three nodes, ${name}: the picture has all, and one that is ready is enough`, () => {
    const { nodes, run } = knownThree(Array(3).fill(byWeight(-60)));
    happens(nodes);
    run(REST_MS);
    const status = statusOf(nodes[0]);
    const [instance] = status.instances;
    assert.match(instance!.pair!.sentence, sentence);
    assert.equal(instance!.pair!.verdict, verdict);
    const { others } = pictureOf(instance!, status);
    assert.equal(others.length, 2);
    assert.match(pictureText(pictureOf(instance!, status)), picture);
  });
}
