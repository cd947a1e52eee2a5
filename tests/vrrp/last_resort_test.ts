/** A router that would rather not serve: it replaces nobody, and waits until nobody else comes. */

import assert from "node:assert/strict";
import { backup, DOWN_MS, type Driver, HAND_OVER_MS, LOWER_ADDRESS, SKEW_MS } from "./driving.ts";

/** Longer than the master before keeps its addresses. */
const LAST_MS = HAND_OVER_MS + 200;
/** Skew_Time of priority 2. */
const UNWELL_SKEW_MS = 1000 * 254 / 256;

function becomes(router: Driver, atMs: number, lastResort: boolean): string[] {
  const priority = lastResort ? 2 : 100;
  return router.at(atMs, {
    ...{ kind: "electionChanged", priority, preempt: true, preemptDelayMs: 0, lastResort },
  });
}

function lastResort(): Driver {
  const router = backup();
  becomes(router, 0, true);
  return router;
}

Deno.test("after priority 0 it waits for longer than a hand-over lasts", () => {
  const router = lastResort();
  router.hears(1000, 150);
  assert.deepEqual(router.hears(1500, 0), [`set masterDown ${1500 + LAST_MS}`]);
  assert.deepEqual(router.fires(1500 + HAND_OVER_MS, "masterDown"), []);
  assert.equal(
    router.fires(1500 + LAST_MS, "masterDown").at(-1),
    "backup -> master: master_released",
  );
});

Deno.test("the weakest master there can be is followed, although it preempts otherwise", () => {
  const router = lastResort();
  for (const atMs of [1000, 2000, 3000]) {
    assert.deepEqual(router.hears(atMs, 1), [`set masterDown ${atMs + 3000 + UNWELL_SKEW_MS}`]);
  }
  becomes(router, 3500, false);
  assert.deepEqual(router.hears(4000, 1), []);
  assert.equal(
    router.fires(3000 + DOWN_MS, "masterDown").at(-1)?.split(":")[0],
    "backup -> master",
  );
});

Deno.test("one that becomes it while it waits, waits as long as if it had been before", () => {
  const released = backup();
  released.hears(1000, 150);
  released.hears(1500, 0);
  assert.deepEqual(becomes(released, 1600, true), [`set masterDown ${1600 + LAST_MS}`]);
  const preempting = backup();
  preempting.hears(1000, 150);
  preempting.hears(2000, 50);
  assert.equal(preempting.router.takeoverReason, "preempted_lower_priority");
  assert.deepEqual(becomes(preempting, 2100, false), [], "nothing has begun");
  assert.deepEqual(becomes(preempting, 2500, true), [
    `set masterDown ${2500 + 3000 + UNWELL_SKEW_MS}`,
  ]);
  assert.equal(preempting.router.takeoverReason, "master_silent");
});

Deno.test("a master that is silent is replaced after Master_Down_Interval, as ever", () => {
  const router = lastResort();
  router.hears(1000, 150, LOWER_ADDRESS);
  assert.equal(
    router.fires(1000 + 3000 + UNWELL_SKEW_MS, "masterDown").at(-1),
    "backup -> master: master_silent",
  );
  const well = backup();
  well.hears(1000, 150);
  assert.deepEqual(well.hears(1500, 0), [`set masterDown ${1500 + SKEW_MS}`]);
});

Deno.test("only what begins gives the others time: what stays as it is changes nothing", () => {
  for (const isLast of [true, false]) {
    const router = backup();
    router.hears(1000, 150);
    router.hears(1500, 0);
    becomes(router, 1600, isLast);
    assert.deepEqual(becomes(router, 1700, isLast), []);
    assert.deepEqual(becomes(router, 1800, !isLast).length, 1);
  }
  const plain = backup();
  assert.deepEqual(becomes(plain, 100, false), []);
});

Deno.test("a goodbye that a router heard before a fault is no reason after it", () => {
  const router = backup();
  router.hears(1000, 150);
  router.hears(1500, 0);
  router.fails(1600);
  router.at(2000, { kind: "recovered", notBeforeMs: -Infinity });
  assert.equal(
    router.fires(2000 + DOWN_MS, "masterDown").at(-1),
    "backup -> master: master_silent",
  );
});
