/** Wrong tokens, and what they cost those who show right ones. */

import assert from "node:assert/strict";
import { TokenGuesses } from "../../../src/front/http/token_guesses.ts";

/** One source is over its limit, and all that may be compared in this second is. */
function flooded(...right: readonly string[]) {
  const reports: string[] = [];
  const guesses = new TokenGuesses(() => 5000, (message) => reports.push(message));
  for (const token of right) guesses.right(token);
  for (let count = 0; count < 10; count++) guesses.wrong("here", "guess");
  while (guesses.mayCompare("here", "guess"));
  return { guesses, reports };
}

Deno.test("a token that was right is compared in a flood, until it is found to be wrong", () => {
  const { guesses } = flooded("full", "read");
  for (const token of ["full", "read"]) assert.ok(guesses.mayCompare("here", token));
  guesses.wrong("here", "full");
  assert.deepEqual(["full", "read"].map((token) => guesses.mayCompare("here", token)), [
    ...[false, true],
  ]);
});

Deno.test("of the tokens that were right the last ones are known", () => {
  const tokens = Array.from({ length: 9 }, (_, index) => `token-${index}`);
  const { guesses } = flooded(...tokens, "token-1");
  const known = tokens.filter((token) => guesses.mayCompare("here", token));
  assert.deepEqual(known, tokens.slice(1));
});

Deno.test("a source below its limit is compared whatever others do", () => {
  const { guesses, reports } = flooded();
  assert.equal(guesses.mayCompare("here", "guess"), false);
  assert.equal(guesses.mayCompare("there", "guess"), true);
  assert.deepEqual([guesses.waitMs("here"), guesses.waitMs("there")], [3000, 0]);
  assert.deepEqual(reports, ["too many wrong tokens from here; 10 since the last report"]);
});
