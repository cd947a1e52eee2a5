/** Who wins, in one place for all that ask: the router, the conflict detection, the commands, the monitor. */

import assert from "node:assert/strict";
import { mayReplace, outranks, type Rank } from "../../src/vrrp/election.ts";

const rank = (priority: number, address: string | null): Rank => ({ priority, address });

const TIES: readonly (readonly [string, Rank, Rank, boolean])[] = [
  ["a higher priority", rank(101, "192.168.31.11"), rank(100, "192.168.31.12"), true],
  ["a higher priority of an unknown address", rank(101, null), rank(100, "192.168.31.12"), true],
  ["a lower priority", rank(100, "192.168.31.12"), rank(101, "192.168.31.11"), false],
  ["the larger address", rank(100, "192.168.31.100"), rank(100, "192.168.31.12"), true],
  ["the smaller address", rank(100, "192.168.31.12"), rank(100, "192.168.31.100"), false],
  ["the same address", rank(100, "192.168.31.12"), rank(100, "192.168.31.12"), false],
  ["the larger IPv6 address", rank(100, "fe80::1:0"), rank(100, "fe80::ffff"), true],
  ["an unknown address", rank(100, null), rank(100, "192.168.31.12"), false],
  ["an address against an unknown one", rank(100, "192.168.31.12"), rank(100, null), false],
];

for (const [what, one, other, stays] of TIES) {
  Deno.test(`of two masters, ${what} ${stays ? "stays" : "does not decide for its router"}`, () => {
    assert.equal(outranks(one, other), stays);
  });
}

Deno.test("a backup replaces only a master of lower priority", () => {
  const replaced = [99, 100, 101].filter((priority) => mayReplace({ priority: 100 }, { priority }));
  assert.deepEqual(replaced, [99]);
});
