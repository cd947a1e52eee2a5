/** The name that a block of a keepalived configuration has in vipd. */

import assert from "node:assert/strict";
import { vipdName } from "../../../src/keepalived/keywords/values.ts";

const NAMES: readonly (readonly [what: string, from: string, to: string])[] = [
  ["a name of vipd", "Web_1.a-b", "Web_1.a-b"],
  ["the longest one", "a".repeat(64), "a".repeat(64)],
  ["one that is too long", "a".repeat(65), "a".repeat(60)],
  ["other characters", "web:80/ä", "web_80__"],
  ["a first character that is no letter or digit", "_web", "n_web"],
  ["a long one that needs a letter before it", "-".repeat(65), `n${"-".repeat(60)}`],
];

for (const [what, from, to] of NAMES) {
  Deno.test(`the name of a block in vipd: ${what}`, () => {
    assert.equal(vipdName(from), to);
  });
}
