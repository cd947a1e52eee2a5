import assert from "node:assert/strict";
import { Journal, type JournalEntry } from "../../src/status/journal.ts";

function newJournal(capacity?: number): Journal {
  return new Journal(() => Date.UTC(2026, 2, 1, 10), capacity);
}

function record(journal: Journal, ...messages: string[]): void {
  for (const message of messages) journal.record("info", "check_changed", message);
}

const brief = (entries: readonly JournalEntry[]) => entries.map(({ id, message }) => [id, message]);

Deno.test("ids count up, and of more than there is room for the newest are kept", () => {
  const journal = newJournal(2);
  record(journal, "a", "b", "c");
  assert.deepEqual(brief(journal.since()), [[2, "b"], [3, "c"]]);
  assert.deepEqual(brief(journal.since(2)), [[3, "c"]]);
  assert.equal(journal.lastId, 3);
});

Deno.test("what an earlier run has kept comes first, and ids go on from there", () => {
  const before = newJournal();
  record(before, "a", "b", "c");
  const journal = newJournal(4);
  record(journal, "first of its own");
  journal.restore(before.since());
  record(journal, "next");
  assert.deepEqual(brief(journal.since()), [
    [2, "b"],
    [3, "c"],
    [4, "first of its own"],
    [5, "next"],
  ]);
});

Deno.test("with nothing kept a journal begins with 1", () => {
  const journal = newJournal();
  record(journal, "a");
  journal.restore([]);
  assert.deepEqual(brief(journal.since()), [[1, "a"]]);
});
