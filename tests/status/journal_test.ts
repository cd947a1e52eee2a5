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

Deno.test("a journal keeps a thousand entries unless another capacity is named", () => {
  const journal = newJournal();
  record(journal, ...Array.from({ length: 1002 }, (_, number) => `${number}`));
  assert.equal(journal.since().length, 1000);
});

Deno.test("a mirror takes entries with their ids, reports those that are news, and can begin again", () => {
  class Mirror extends Journal {
    override adopt(entry: JournalEntry, news: boolean): void {
      super.adopt(entry, news);
    }
    override clear(): void {
      super.clear();
    }
  }
  const source = newJournal();
  record(source, "a", "b", "c", "d");
  const [, second, third] = source.since();
  const mirror = new Mirror(() => 0, 2);
  const heard: string[] = [];
  mirror.listen(({ message }) => heard.push(message));
  mirror.adopt(second!, false);
  mirror.adopt(third!, true);
  assert.deepEqual(heard, ["c"]);
  assert.equal(mirror.lastId, 3);
  record(mirror, "own");
  assert.deepEqual(brief(mirror.since()), [[3, "c"], [4, "own"]]);
  mirror.clear();
  assert.deepEqual(mirror.since(), []);
  record(mirror, "first");
  assert.deepEqual(brief(mirror.since()), [[1, "first"]]);
});
