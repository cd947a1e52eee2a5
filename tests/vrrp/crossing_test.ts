/**
 * Adverts of two masters that cross: each yields to what the other has said before it yielded itself, or before it became
 * weaker. The one that hears of it is master again at once, or nobody would serve until Master_Down_Interval is over.
 */

import assert from "node:assert/strict";
import type { RouterParameters } from "../../src/vrrp/router_events.ts";
import { DOWN_MS, type Driver, HIGHER_ADDRESS, LOWER_ADDRESS, master, SKEW_MS } from "./driving.ts";

/** Adverts may cross for so long with an interval of a second. */
const CROSSING_MS = 200;

/** A master of priority 100 that has yielded to one of priority 150 at 300, with its farewell. */
function yielded(parameters: Partial<RouterParameters> = {}): Driver {
  const router = master(parameters);
  assert.ok(router.hears(300, 150).includes("send 100"));
  return router;
}

/** It is not well from now on, or held back. */
function isLastResort(router: Driver, nowMs: number): void {
  router.at(nowMs, {
    ...{ kind: "electionChanged", priority: 2, preempt: true, preemptDelayMs: 0, lastResort: true },
  });
}

Deno.test("the goodbye of the master to which it has just yielded is answered without a wait", () => {
  const router = yielded();
  assert.deepEqual(router.hears(340, 0), ["set masterDown 340"]);
  assert.equal(router.fires(340, "masterDown").at(-1), "backup -> master: master_released");
});

Deno.test("so does a last resort, to whose farewell the one that hands over yields", () => {
  const router = yielded();
  isLastResort(router, 310);
  assert.deepEqual(router.hears(340, 0), ["set masterDown 340"]);
});

Deno.test("a master that became weaker than the farewell is replaced without a wait", () => {
  const cases: readonly Partial<RouterParameters>[] = [
    {},
    { preempt: false },
    { preemptDelayMs: 60_000 },
    { version: 3 },
  ];
  for (const parameters of cases) {
    const router = yielded(parameters);
    assert.deepEqual(router.hears(340, 90), ["set masterDown 340"], JSON.stringify(parameters));
    const taken = router.fires(340, "masterDown");
    assert.equal(taken.at(-1), "backup -> master: preempted_lower_priority");
  }
});

Deno.test("the rank of the farewell counts, not that of now", () => {
  const weaker = yielded();
  isLastResort(weaker, 310);
  assert.deepEqual(weaker.hears(340, 90), ["set masterDown 340"]);
  const stronger = yielded();
  stronger.at(310, {
    ...{ kind: "electionChanged", priority: 200, preempt: false, preemptDelayMs: 0 },
  });
  // It stays: the farewell was weaker.
  assert.match(stronger.hears(340, 110).join(), /^set masterDown 3[0-9]{3}/);
  for (const [address, atOnce] of [[LOWER_ADDRESS, true], [HIGHER_ADDRESS, false]] as const) {
    const equal = master();
    equal.hears(300, 150, address);
    assert.equal(equal.hears(340, 100, address).join() === "set masterDown 340", atOnce, address);
  }
});

Deno.test("one that yields while it hands over has advertised itself a moment before", () => {
  const router = master();
  router.fires(1000, "adver");
  router.at(1010, "handOver");
  assert.ok(router.hears(1030, 150).includes("taken over"));
  assert.deepEqual(router.hears(1050, 0), ["set masterDown 1050"]);
});

Deno.test("one that has said goodbye itself leaves the addresses to the one that goes on advertising", () => {
  const router = master();
  router.fires(1000, "adver");
  router.at(1010, "handOver");
  router.hears(1030, 150);
  // If that one has yielded to the advert, it hears the goodbye next and is master again.
  assert.deepEqual(router.hears(1050, 90), [], "the timer runs on");
});

Deno.test("an advert that cannot have crossed its own means what it always does", () => {
  const later = 300 + CROSSING_MS;
  assert.deepEqual(yielded().hears(later, 0), [`set masterDown ${later + SKEW_MS}`]);
  assert.deepEqual(yielded().hears(later, 90), [], "the timer runs on");
  assert.deepEqual(yielded({ preempt: false }).hears(later, 90), [
    `set masterDown ${later + DOWN_MS}`,
  ]);
  // Half an interval of 100 ms: the next advert of the other is none that crossed.
  const fast = { version: 3, advertIntervalCs: 10 } as const;
  assert.deepEqual(yielded(fast).hears(349, 90), ["set masterDown 349"]);
  assert.deepEqual(yielded(fast).hears(350, 90), []);
  assert.deepEqual(yielded(fast).hears(later - 1, 0), [`set masterDown ${later - 1}`]);
});

Deno.test("of any other router than the one that it follows an advert means what it always does", () => {
  assert.deepEqual(yielded().hears(340, 0, HIGHER_ADDRESS), [`set masterDown ${340 + SKEW_MS}`]);
  assert.deepEqual(yielded({ preempt: false }).hears(340, 90, HIGHER_ADDRESS), [
    `set masterDown ${340 + DOWN_MS}`,
  ]);
});
