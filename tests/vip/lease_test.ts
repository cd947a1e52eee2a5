import assert from "node:assert/strict";
import {
  automaticLeaseSeconds,
  Lease,
  LEASE_MAX_SECONDS,
  LEASE_MIN_SECONDS,
  shortestLeaseSeconds,
} from "../../src/vip/lease.ts";
import { handOverLimitMs, masterDownIntervalMs } from "../../src/vrrp/timers.ts";
import type { VrrpVersion } from "../../src/wire/vrrp.ts";

/** The intervals that VRRP can say, in centiseconds. */
const INTERVALS: readonly [VrrpVersion, number][] = [
  ...Array.from({ length: 255 }, (_, n): [VrrpVersion, number] => [2, (n + 1) * 100]),
  ...Array.from({ length: 4095 }, (_, n): [VrrpVersion, number] => [3, n + 1]),
];

Deno.test("a lease outlasts a hand-over and an advert that is a second late, whatever the interval", () => {
  for (const [version, intervalCs] of INTERVALS) {
    const shortestMs = shortestLeaseSeconds(intervalCs * 10) * 1000;
    assert.ok(shortestMs >= intervalCs * 10 + 1000, `${intervalCs}`);
    assert.ok(shortestMs >= handOverLimitMs(version, intervalCs) + 500, `${intervalCs}`);
    for (const adverts of [1, 3, 10]) {
      assert.ok(automaticLeaseSeconds(intervalCs * 10, adverts) * 1000 >= shortestMs);
    }
  }
});

Deno.test("the automatic lease ends before a backup of any priority takes over, in whole seconds", () => {
  for (const intervalCs of [100, 200, 1000, 4000]) {
    for (const version of [2, 3] as const) {
      const earliestMs = masterDownIntervalMs(version, 254, intervalCs);
      assert.ok(automaticLeaseSeconds(intervalCs * 10, 3) * 1000 <= earliestMs);
    }
  }
});

Deno.test("the advert next to a third of the lease renews it", () => {
  /** Which of the adverts after a renewal renews next. */
  const renewing = (seconds: number, intervalMs: number) => {
    const lease = new Lease(seconds, intervalMs);
    lease.renewed(1000);
    for (let count = 1;; count++) if (lease.due(1000 + count * intervalMs)) return count;
  };
  assert.equal(renewing(3, 1000), 1);
  assert.equal(renewing(765, 255_000), 1);
  assert.equal(renewing(2, 100), 7);
  assert.equal(renewing(2, 10), 67);
  assert.equal(renewing(2, 500), 1);
  assert.equal(renewing(30, 1000), 10);
  // Timers fire a little early or late; that must not cost an advert.
  const lease = new Lease(3, 1000);
  lease.renewed(1000.4);
  assert.ok(lease.due(1999.9));
});

Deno.test("a lease lapses at its end", () => {
  const lease = new Lease(2, 100);
  assert.ok(lease.lapsed(0), "before it began");
  lease.renewed(500);
  assert.equal(lease.lapsed(2499.9), false);
  assert.equal(lease.lapsed(2500), true);
  assert.equal(lease.ageMs(600), 100);
});

Deno.test("the bounds of leases, and the moment of a renewal", () => {
  assert.equal(shortestLeaseSeconds(10), 2);
  assert.equal(shortestLeaseSeconds(1000), 2);
  assert.equal(shortestLeaseSeconds(1001), 3);
  assert.equal(automaticLeaseSeconds(1001, 3), 4);
  const lease = new Lease(3, 1000);
  assert.equal(lease.renewedMs, -Infinity);
  lease.renewed(1000);
  assert.equal(lease.renewedMs, 1000);
  // A third of the lease less half an interval.
  assert.ok(!lease.due(1499));
  assert.ok(lease.due(1500));
});

Deno.test("a lease is two seconds at least and an hour at most", () => {
  assert.deepEqual([LEASE_MIN_SECONDS, LEASE_MAX_SECONDS], [2, 3600]);
});
