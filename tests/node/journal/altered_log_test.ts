/** What other programs do is in the journal, and does not fill it. */

import assert from "node:assert/strict";
import {
  AlteredLog,
  listText,
  MOST_ENTRIES,
  SILENCE_MS,
} from "../../../src/node/journal/altered_log.ts";
import { Journal } from "../../../src/status/journal.ts";

function open() {
  let nowMs = 0;
  const journal = new Journal(() => nowMs);
  const log = new AlteredLog("VI_1", journal, () => nowMs);
  const messages = () => journal.since().map(({ message }) => message);
  return { log, messages, pass: (ms: number) => nowMs += ms };
}

Deno.test("the same again and again is one entry a minute, with how often", () => {
  const { log, messages, pass } = open();
  for (let second = 0; second < 60; second++) {
    log.record("address_vanished", "a", "a was removed");
    pass(1000);
  }
  assert.deepEqual(messages(), ["VI_1: a was removed"]);
  log.record("address_vanished", "a", "a was removed");
  assert.equal(messages().at(-1), "VI_1: a was removed, 59 times more since the last entry");
});

Deno.test("the next entry says how often it happened meanwhile, if only once, and nothing if it did not", () => {
  for (const meanwhile of [0, 1]) {
    const { log, messages, pass } = open();
    for (let n = 0; n <= meanwhile; n++) log.record("address_vanished", "a", "a was removed");
    pass(SILENCE_MS);
    log.record("address_vanished", "a", "a was removed");
    assert.equal(messages().at(-1)!.endsWith("more since the last entry"), meanwhile > 0);
  }
});

Deno.test("many of one kind are a few entries a minute, and how many there were; another kind has its own", () => {
  const { log, messages, pass } = open();
  for (let n = 0; n < 500; n++) {
    log.record("routing_vanished", `${n}`, `${n} gone`);
    pass(10);
  }
  assert.deepEqual([messages().length, MOST_ENTRIES], [5, 5]);
  log.record("routing_altered", "r", "r changed");
  assert.equal(messages().length, MOST_ENTRIES + 1);
  pass(SILENCE_MS);
  log.record("routing_vanished", "z", "z gone");
  assert.equal(
    messages().at(-1),
    `VI_1: z gone, and ${500 - MOST_ENTRIES} more of this kind before`,
  );
});

Deno.test("an entry leaves its place to another after a minute, which says how many had none, once", () => {
  const { log, messages, pass } = open();
  for (const n of [1, 2, 3, 4, 5, 6]) log.record("routing_vanished", `${n}`, `${n} gone`);
  assert.equal(messages().length, 5);
  pass(SILENCE_MS);
  log.record("routing_vanished", "7", "7 gone");
  log.record("routing_vanished", "8", "8 gone");
  assert.deepEqual(messages().slice(5), [
    "VI_1: 7 gone, and 1 more of this kind before",
    "VI_1: 8 gone",
  ]);
});

Deno.test("what happens together is one text that names a few", () => {
  assert.equal(listText(["a", "b"]), "a, b");
  assert.equal(listText(["a", "b", "c", "d", "e"]), "a, b, c, d, e");
  assert.equal(listText(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
});
