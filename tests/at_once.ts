/** Steps of a test that wait most of the time, each in a lab of its own: they run at the same time. */

import assert from "node:assert/strict";

/** A step's name and what it does. */
export type Step = readonly [name: string, run: (t: Deno.TestContext) => Promise<void>];

/**
 * Runs steps at the same time.
 *
 * @param atATime How many of them. @default {all}
 * @throws {AssertionError} When one has failed, after all of them have run.
 */
export async function atOnce(
  t: Deno.TestContext,
  steps: readonly Step[],
  atATime = steps.length,
): Promise<void> {
  const waiting = steps.values();
  const failed: string[] = [];
  const lane = async () => {
    for (const [name, fn] of waiting) {
      // Steps that run at the same time cannot be told apart by what they leave open.
      const sanitize = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
      if (!await t.step({ name, fn, ...sanitize })) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  assert.deepEqual(failed, []);
}
