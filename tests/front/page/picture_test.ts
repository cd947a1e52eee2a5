/** The picture of the pair in words, as those hear it who do not see it; tests/page/ has it in a browser. */

import assert from "node:assert/strict";
import { pictureOf, pictureText } from "../../../src/front/page/pair/picture.ts";
import { THREE_NODES } from "../../page/pair_fixtures.ts";

const THREE: Readonly<
  Record<keyof typeof THREE_NODES, readonly [sentence: RegExp, picture: RegExp]>
> = {
  "all ready": [
    /^VI_1 is served by lb01; lb02 and lb03 are ready$/,
    /^lb01 serves.*; lb02 ready.*; lb03 ready.*adverts between lb01 and lb02: passes.*lb01 and lb03: passes/,
  ],
  "one ready": [
    /^VI_1 is served by lb01; lb03 is ready$/,
    /^lb01 serves.*; lb02 not ready.*; lb03 ready/,
  ],
  "none ready": [
    /^VI_1 is served by lb01; lb03 hears no adverts of lb01$/,
    /^lb01 serves.*; lb02 not ready.*; lb03 not ready.*adverts between lb01 and lb03: fails/,
  ],
  "another serves": [
    /^VI_1 is served by lb02; lb01 and lb03 are ready$/,
    /^lb02 serves.*; lb01 ready.*; lb03 ready.*API between lb02 and lb01: passes.*API between lb02 and lb03: not known/,
  ],
};

for (const [name, [sentence, picture]] of Object.entries(THREE)) {
  Deno.test(`three nodes, ${name}: the picture has all, and one that is ready is enough`, () => {
    const status = THREE_NODES[name as keyof typeof THREE_NODES];
    const [instance] = status.instances;
    assert.match(instance!.pair!.sentence, sentence);
    assert.equal(instance!.pair!.verdict, name === "none ready" ? "unprotected" : "protected");
    const { others } = pictureOf(instance!, status);
    assert.equal(others.length, 2);
    assert.match(pictureText(pictureOf(instance!, status)), picture);
  });
}
