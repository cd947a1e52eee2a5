/**
 * Five minutes of planned work on a pair, as `deno task soak --planned` does it: no alarm, and no other verdict than that a
 * demoted standby is not ready, and that one of 0.1.0 says too little. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { previousExecutable } from "../../build/previous.ts";
import { plannedWork } from "../soak/planned.ts";

const MINUTES = 5;
const SEED = 14;

Deno.test("hand-overs, reloads, restarts and upgrades bring no alarm and turn no verdict", async () => {
  // Another file of tests may be making one that nobody names.
  const named = Deno.env.has("VIPD_PREVIOUS_BINARY");
  const { report, problems, lastWords } = await plannedWork({
    ...{ minutes: MINUTES, seed: SEED, binary: Deno.env.get("VIPD_BINARY") },
    previous: named ? await previousExecutable() : undefined,
    tell: () => {},
  });
  assert.deepEqual(problems, [], [...report, ...lastWords].join("\n"));
});
