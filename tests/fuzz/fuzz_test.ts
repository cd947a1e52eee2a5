/** A short run of every fuzz target; `deno task fuzz` runs them for long. */

import assert from "node:assert/strict";
import { run } from "./run.ts";
import { TARGETS } from "./targets.ts";

const SEED = 1;

for (const target of TARGETS) {
  Deno.test(`${target.name}: ${target.shortInputs} damaged inputs, ${target.title}`, async () => {
    const { finding, done, outcomes } = await run(target, {
      seed: SEED,
      inputs: target.shortInputs,
    });
    assert.deepEqual(finding, null);
    assert.equal(done, target.shortInputs);
    const missed = target.reaches.filter((word) => outcomes[word] === undefined);
    assert.deepEqual(missed, [], `the inputs must reach these too: ${JSON.stringify(outcomes)}`);
  });
}
