/** Preempt delay and the number of adverts that may be missing. */

import assert from "node:assert/strict";
import { backup, DOWN_MS, HIGHER_ADDRESS } from "./driving.ts";

const DELAYED = { preemptDelayMs: 5000 } as const;
const TAKES_OVER = "backup -> master: preempted_lower_priority";

Deno.test("a weaker master is followed until the delay is over, and then replaced", () => {
  const router = backup(DELAYED);
  for (const atMs of [600, 1600, 2600, 3600, 4600, 5599]) {
    assert.deepEqual(router.hears(atMs, 50), [`set masterDown ${atMs + DOWN_MS}`], `${atMs}`);
  }
  assert.deepEqual(router.hears(5600, 50), [], "5 s after the first advert");
  assert.deepEqual(router.hears(6600, 50), []);
  assert.equal(router.fires(5599 + DOWN_MS, "masterDown").at(-1), TAKES_OVER);
});

Deno.test("keepalived's figure: priority 150, delay 5 s, takes over 8.05 s after its start", () => {
  const router = backup({ ...DELAYED, priority: 150 });
  const skewMs = (256 - 150) * 1000 / 256;
  let deadlineMs = 0;
  // A master of priority 100 whose adverts come every second, the first 0.64 s after the start.
  for (let atMs = 640; atMs < 8000; atMs += 1000) {
    if (router.hears(atMs, 100).length > 0) deadlineMs = atMs + 3000 + skewMs;
  }
  assert.ok(Math.abs(deadlineMs - 8050) < 10, `${deadlineMs} ms`);
  assert.equal(router.fires(deadlineMs, "masterDown").at(-1), TAKES_OVER);
});

Deno.test("where no master is heard, nothing is delayed", () => {
  const effects = backup(DELAYED).fires(DOWN_MS, "masterDown");
  assert.equal(effects.at(-1), "backup -> master: master_silent");
});

Deno.test("a weaker master that falls silent or lets go is replaced in spite of the delay", () => {
  const silent = backup(DELAYED);
  silent.hears(600, 50);
  assert.equal(
    silent.fires(600 + DOWN_MS, "masterDown").at(-1),
    "backup -> master: master_silent",
  );
  const released = backup(DELAYED);
  released.hears(600, 50);
  assert.deepEqual(released.hears(700, 0), ["set masterDown 1309.375"]);
});

Deno.test("the delay begins again after a stronger master was heard", () => {
  const router = backup(DELAYED);
  router.hears(600, 50);
  router.hears(4000, 200, HIGHER_ADDRESS);
  assert.deepEqual(router.hears(5700, 50), [`set masterDown ${5700 + DOWN_MS}`]);
  assert.deepEqual(router.hears(10_700, 50), []);
});

Deno.test("the delay begins again with the next weaker master after one that has let go", () => {
  const router = backup(DELAYED);
  router.hears(600, 50);
  router.hears(4000, 0);
  router.hears(4100, 50, HIGHER_ADDRESS);
  assert.deepEqual(router.hears(5700, 50, HIGHER_ADDRESS), [`set masterDown ${5700 + DOWN_MS}`]);
  assert.deepEqual(router.hears(9100, 50, HIGHER_ADDRESS), []);
});

Deno.test("a delay that is lifted does not hold back any more", () => {
  const router = backup(DELAYED);
  router.hears(50, 50);
  router.at(100, { kind: "electionChanged", priority: 100, preempt: true, preemptDelayMs: 0 });
  assert.deepEqual(router.hears(600, 50), []);
});

Deno.test("a master is gone after as many missing adverts as configured", () => {
  for (const downTimerAdverts of [1, 10, 100]) {
    const router = backup({ downTimerAdverts });
    const downMs = downTimerAdverts * 1000 + 609.375;
    assert.deepEqual(router.hears(500, 200), [`set masterDown ${500 + downMs}`]);
  }
});

Deno.test("the delay begins again after a fault, and after a time as master", () => {
  const failed = backup(DELAYED);
  failed.hears(600, 50);
  failed.fails(700);
  failed.at(6000, "recovered");
  assert.deepEqual(failed.hears(6100, 50), [`set masterDown ${6100 + DOWN_MS}`]);
  const served = backup(DELAYED);
  served.hears(600, 50);
  served.fires(600 + DOWN_MS, "masterDown");
  served.hears(5000, 200, HIGHER_ADDRESS);
  assert.deepEqual(served.hears(5700, 50), [`set masterDown ${5700 + DOWN_MS}`]);
});
