/** What the nodes of a pair must have alike, and which difference is grave. */

import assert from "node:assert/strict";
import { AGREED_KEYS, mustDifferInPriority } from "../../src/vrrp/agreement.ts";

Deno.test("a node that differs in more than the will to preempt cannot serve for the other", () => {
  const shown = Object.values(AGREED_KEYS).filter((key) => key !== null);
  const named = (isGrave: boolean) =>
    shown.filter(({ grave }) => grave === isGrave).map(({ name }) => name);
  assert.deepEqual(named(true), [
    ...["VRID", "VRRP version", "advert interval", "authentication", "addresses"],
  ]);
  assert.deepEqual(named(false), ["preempt"]);
});

Deno.test("two nodes with one priority are well only if they never preempt", () => {
  assert.deepEqual([true, null, false].map(mustDifferInPriority), [true, true, false]);
});
