import assert from "node:assert/strict";
import { MirrorJournal } from "../../src/ipc/mirror_journal.ts";
import type { JournalEntry } from "../../src/status/journal.ts";

function entry(id: number): JournalEntry {
  const time = "2026-03-01T10:00:00.000Z";
  return { id, time, severity: "info", code: "check_changed", message: `entry ${id}` };
}

/** The newest id that its readers may know, after each message of the engine; `lastEntryId` as it says it. */
const TABLE: readonly (readonly [name: string, lastEntryId: number | undefined, want: number[]])[] =
  [
    ["all that the engine has, before it is here", 3, [3, 3, 4]],
    ["what is here, if an older engine does not say more", undefined, [0, 2, 4]],
  ];

for (const [name, lastEntryId, want] of TABLE) {
  Deno.test(`a reader may know: ${name}`, () => {
    const journal = new MirrorJournal(() => {});
    journal.begin("run1", 1, lastEntryId);
    const newest = [journal.newestId];
    for (const ids of [[1, 2], [3, 4]]) {
      journal.take(ids.map(entry));
      newest.push(journal.newestId);
    }
    assert.deepEqual(newest, want);
  });
}

Deno.test("the ids begin again with an engine that has lost its journal, and with no other", () => {
  const journal = new MirrorJournal(() => {});
  const begin = (run: string, firstEntryId: number, ...ids: readonly number[]) => {
    journal.begin(run, firstEntryId, ids.at(-1));
    journal.take(ids.map(entry));
    return [journal.epoch, journal.newestId];
  };
  assert.deepEqual(begin("run1", 1, 1, 2, 3), [0, 3]);
  assert.deepEqual(begin("run1", 1, 1, 2, 3), [0, 3], "the same run");
  assert.deepEqual(begin("run2", 4, 1, 2, 3, 4), [0, 4], "the next run with the journal");
  assert.deepEqual(begin("run3", 1, 1), [1, 1], "the next run without it");
});
