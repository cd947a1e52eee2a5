/** When a timer fires that nobody has recorded. */

import assert from "node:assert/strict";
import { type Firing, ReplayingTimers } from "./replaying_timers.ts";

/** When one fires that is due at 2000, between a turn at `sinceMs` and the next at `untilMs`; `null`: not then. */
function firesAt(recorded: readonly Firing[], sinceMs: number, untilMs: number): number | null {
  const timers = new ReplayingTimers(
    recorded,
    [1800, sinceMs, untilMs, 6000].toSorted((a, b) => a - b),
  );
  timers.set(2000, () => {});
  return timers.unrecorded(sinceMs, untilMs)?.atMs ?? null;
}

Deno.test("a timer that the field did not set fires when its time has come", () => {
  assert.equal(firesAt([], 1800, 2050), null, "it may be late in the field");
  assert.equal(firesAt([], 1800, 2051), 2000);
  assert.equal(firesAt([{ dueMs: 1900, atMs: 1950 }], 1800, 5000), 2000, "none is late");
});

Deno.test("while the process stood still no timer fires, and afterwards it does", () => {
  const late = { dueMs: 1900, atMs: 5001 };
  assert.equal(firesAt([late], 1800, 5000), null, "until the first turn");
  assert.equal(firesAt([late], 5000, 5001), null, "until the other timer has its turn");
  assert.equal(firesAt([late], 5001, 5002), 5001);
});

Deno.test("one late timer alone is no standstill", () => {
  assert.equal(firesAt([{ dueMs: 2001, atMs: 5000 }], 1800, 5000), 2000, "it was due later");
  assert.equal(
    firesAt([{ dueMs: 1770, atMs: 5000 }], 1800, 5000),
    2000,
    "a turn came when it was due",
  );
});

Deno.test("a timer that the field has recorded fires in its turn alone", () => {
  assert.equal(firesAt([{ dueMs: 2000, atMs: 2010 }], 1800, 5000), null);
});
