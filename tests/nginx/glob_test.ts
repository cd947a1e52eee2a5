/** Masks of file names, as glob(7) has them. */

import assert from "node:assert/strict";
import { maskTest } from "../../src/nginx/glob.ts";

Deno.test("a mask fits names of one folder, and what is no set or escape stands for itself", () => {
  const cases: readonly (readonly [
    mask: string,
    fits: readonly string[],
    others: readonly string[],
  ])[] = [
    ["*.conf", ["a.conf", "a.b.conf"], [".conf", ".a.conf", "a.conf~", "aconf"]],
    [".*", [".a"], ["a"]],
    ["a?", ["ab"], ["a", "abc"]],
    ["[ab]x", ["ax", "bx"], ["cx", "abx"]],
    ["[!a-c]", ["d"], ["a", "b", "c"]],
    ["[]a]", ["]", "a"], ["[]a]"]],
    ["a[b", ["a[b"], ["ab"]],
    ["\\*?", ["*a"], ["ba"]],
    ["*\\", ["a\\"], ["a"]],
    ["a\\*", ["a*"], ["ab", "a\\b"]],
    ["[z-a]", [], ["z", "a", "-"]],
  ];
  for (const [mask, fits, others] of cases) {
    assert.deepEqual([...fits, ...others].filter(maskTest(mask)), fits, mask);
  }
});
