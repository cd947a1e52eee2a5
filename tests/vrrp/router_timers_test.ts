/** The deadlines of one virtual router. */

import assert from "node:assert/strict";
import { RouterTimers } from "../../src/vrrp/router_timers.ts";

function timers(advertIntervalCs: number): RouterTimers {
  return new RouterTimers({
    ...{ version: 3, priority: 100, downTimerAdverts: 3, preempt: true, preemptDelayMs: 0 },
    ...{ advertIntervalCs, primaryAddress: "192.168.31.11" },
  });
}

Deno.test("another interval hurries the next advert where that is sooner, and never into the past", async (t) => {
  const rows: readonly {
    readonly name: string;
    readonly intervalCs: number;
    /** When the interval changed, after the last advert. */
    readonly nowMs: number;
    /** When the next one leaves then; `null` where it leaves as planned, at 1000. */
    readonly atMs: number | null;
  }[] = [
    { name: "shorter: an interval after the last one", intervalCs: 50, nowMs: 100, atMs: 500 },
    { name: "so much shorter that it is over", intervalCs: 10, nowMs: 400, atMs: 400 },
    { name: "just over now", intervalCs: 40, nowMs: 400, atMs: 400 },
    { name: "longer", intervalCs: 200, nowMs: 100, atMs: null },
    { name: "as before", intervalCs: 100, nowMs: 100, atMs: null },
    { name: "shorter, when the planned one is due", intervalCs: 10, nowMs: 1000, atMs: null },
    { name: "shorter, when the planned one is late", intervalCs: 10, nowMs: 1200, atMs: null },
  ];
  for (const { name, intervalCs, nowMs, atMs } of rows) {
    await t.step(name, () => {
      const router = timers(100);
      router.armAdver(0);
      const { lastAdverMs } = router;
      assert.equal(lastAdverMs, 0);
      router.configure(intervalCs, 3, false);
      const expected = atMs === null ? null : { kind: "setTimer", timer: "adver", atMs };
      assert.deepEqual(router.hurryAdver(lastAdverMs, nowMs), expected);
      const dueMs = atMs ?? 1000;
      // A twentieth of the interval, ten milliseconds at most, may be early.
      assert.equal(router.adverDue(dueMs - 11), false);
      assert.equal(router.adverDue(dueMs), true);
    });
  }
});
