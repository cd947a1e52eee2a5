/**
 * Seeded random faults against two or three simulated nodes: the invariants hold after every event, and whenever the
 * cluster is left in peace, exactly one able node serves.
 */

import assert from "node:assert/strict";
import { RandomFaults } from "../../src/sim/random_faults.ts";

const SEEDS = 1000;

/** Its event log, for a person who looks for the cause. */
function log({ simulation: { recording, invariants } }: RandomFaults): string {
  const events = recording.events.map(({ atMs, node, text }) =>
    `${atMs.toFixed(1).padStart(10)} ms  ${node ?? ""} ${text}`
  );
  const violations = invariants.violations.map(({ atMs, invariant, message }) =>
    `${atMs.toFixed(1).padStart(10)} ms  VIOLATED ${invariant}: ${message}`
  );
  return [...events, ...violations].join("\n");
}

Deno.test(`under random faults (${SEEDS} seeds) the address follows the state and peace brings one master`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const faults = new RandomFaults(seed);
    faults.run();
    const { cluster, invariants } = faults.simulation;
    if (invariants.violations.length > 0) assert.fail(`seed ${seed}:\n${log(faults)}`);
    const able = cluster.nodes.filter((node) => node.status.faults.length === 0);
    const want = able.length === 0 ? 0 : 1;
    assert.equal(cluster.holders.length, want, `seed ${seed}:\n${log(faults)}`);
  }
});

Deno.test("the same seed gives the same run", () => {
  const [first, second] = [7, 7].map((seed) => {
    const faults = new RandomFaults(seed);
    faults.run();
    return log(faults);
  });
  assert.ok(first!.split("\n").length > 20);
  assert.equal(first, second);
});
