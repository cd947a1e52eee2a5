/** When a master tells the link that it holds the addresses. */

import assert from "node:assert/strict";
import { AnnouncementSchedule, type AnnounceTimings } from "../../src/vip/announcements.ts";

function schedule(changes: Partial<AnnounceTimings> = {}): AnnouncementSchedule {
  return new AnnouncementSchedule({
    delayMs: 5000,
    repeat: 5,
    refreshMs: 0,
    intervalMs: 0,
    lowerPriority: { repeat: 2, delayMs: 3000 },
    ...changes,
  });
}

Deno.test("a takeover is announced twice, and then as often as the refresh says", () => {
  const once = schedule();
  assert.deepEqual(once.takeover(100), { repeat: 5, nextAtMs: 5100 });
  assert.deepEqual(once.due(5100), { repeat: 5, nextAtMs: null });
  const refreshed = schedule({ refreshMs: 60_000 });
  refreshed.takeover(100);
  assert.deepEqual(refreshed.due(5100), { repeat: 5, nextAtMs: 65_100 });
  assert.deepEqual(refreshed.due(65_100), { repeat: 1, nextAtMs: 125_100 });
});

Deno.test("a weaker master is answered with timings of its own, once a second at most", () => {
  const announcements = schedule();
  announcements.takeover(0);
  assert.equal(announcements.contested(999), null);
  assert.deepEqual(announcements.contested(1000), { repeat: 2, nextAtMs: 4000 });
  assert.equal(announcements.contested(1999), null);
  assert.deepEqual(announcements.due(4000), { repeat: 2, nextAtMs: null });
});

Deno.test("a weaker master can be left unanswered, or answered once", () => {
  const silent = schedule({ lowerPriority: { repeat: 0, delayMs: 3000 } });
  silent.takeover(0);
  assert.equal(silent.contested(10_000), null);
  const once = schedule({ lowerPriority: { repeat: 2, delayMs: 0 }, refreshMs: 60_000 });
  once.takeover(0);
  assert.deepEqual(once.contested(10_000), { repeat: 2, nextAtMs: 70_000 });
  assert.deepEqual(once.due(70_000), { repeat: 1, nextAtMs: 130_000 });
});
