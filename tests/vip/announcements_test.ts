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
  const repeated = schedule({ refreshMs: 60_000, refreshRepeat: 3 });
  repeated.takeover(100);
  assert.deepEqual(repeated.due(5100), { repeat: 5, nextAtMs: 65_100 });
  assert.deepEqual(repeated.due(65_100), { repeat: 3, nextAtMs: 125_100 });
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

Deno.test("addresses taken at once after a goodbye are announced again after 50, 200 and 1000 ms too", () => {
  const cases: [Partial<AnnounceTimings>, [atMs: number, repeat: number][]][] = [
    [{}, [[100, 5], [150, 1], [300, 1], [1100, 1], [5100, 5]]],
    [{ delayMs: 500, refreshMs: 2000 }, [[100, 5], [150, 1], [300, 1], [600, 5], [1100, 1], [
      3100,
      1,
    ]]],
    [{ delayMs: 0, repeat: 1 }, [[100, 1], [150, 1], [300, 1], [1100, 1]]],
  ];
  for (const [timings, expected] of cases) {
    const announcements = schedule(timings);
    const made: [number, number][] = [];
    let { repeat, nextAtMs } = announcements.goodbye(100);
    made.push([100, repeat]);
    while (nextAtMs !== null && made.length < expected.length) {
      const atMs = nextAtMs;
      ({ repeat, nextAtMs } = announcements.due(atMs));
      made.push([atMs, repeat]);
    }
    assert.deepEqual(made, expected);
  }
});

Deno.test("a millisecond is a delay, and a refresh, as any other", () => {
  assert.deepEqual(schedule({ delayMs: 1 }).takeover(100), { repeat: 5, nextAtMs: 101 });
  const refreshed = schedule({ delayMs: 0, refreshMs: 1 });
  assert.deepEqual(refreshed.takeover(100), { repeat: 5, nextAtMs: 101 });
  const lowerPriority = { repeat: 2, delayMs: 0 };
  const timings = { delayMs: 0, repeat: 5, refreshMs: 1, intervalMs: 0, lowerPriority };
  assert.equal(refreshed.retime(timings, 100), 101);
});

Deno.test("other timings are those of the next takeover", () => {
  const announcements = schedule();
  const lowerPriority = { repeat: 2, delayMs: 0 };
  const timings = { delayMs: 70, repeat: 3, refreshMs: 0, intervalMs: 0, lowerPriority };
  assert.equal(announcements.retime(timings, 0), null);
  assert.deepEqual(announcements.takeover(100), { repeat: 3, nextAtMs: 170 });
});

Deno.test("other timings move what waits", () => {
  const announcements = schedule();
  announcements.goodbye(100);
  const timings = { delayMs: 120, repeat: 5, refreshMs: 0, intervalMs: 0 };
  const lowerPriority = { repeat: 0, delayMs: 0 };
  assert.equal(announcements.retime({ ...timings, lowerPriority }, 110), 150);
  assert.deepEqual(announcements.due(150), { repeat: 1, nextAtMs: 220 });
  assert.equal(announcements.retime({ ...timings, delayMs: 0, lowerPriority }, 160), 300);
  announcements.due(300);
  announcements.due(1100);
  const refreshed = { ...timings, delayMs: 0, refreshMs: 500, lowerPriority };
  assert.equal(announcements.retime(refreshed, 1200), 1600);
});

Deno.test("a second announcement that is not wanted any more is not made", async (t) => {
  const none = { delayMs: 0 };
  const rows: [string, Partial<AnnounceTimings>, number | null][] = [
    ["nothing else is due", none, null],
    ["the refresh comes as if there had been none", { ...none, refreshMs: 2000 }, 2100],
    ["a refresh that was due meanwhile comes at once", { ...none, refreshMs: 500 }, 1000],
    ["another delay counts from the takeover", { delayMs: 3000 }, 3100],
    ["a delay that is over means now", { delayMs: 300 }, 1000],
  ];
  for (const [what, timings, dueMs] of rows) {
    await t.step(what, () => {
      const announcements = schedule();
      announcements.takeover(100);
      const { delayMs = 5000, refreshMs = 0 } = timings;
      const retimed = {
        ...{ delayMs, refreshMs, repeat: 5, intervalMs: 0 },
        lowerPriority: { repeat: 2, delayMs: 3000 },
      };
      assert.equal(announcements.retime(retimed, 1000), dueMs);
    });
  }
});
