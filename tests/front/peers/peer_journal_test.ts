/** A peer's journal, also that of a newer vipd, or of something that is no vipd at all. */

import assert from "node:assert/strict";
import { MAX_ENTRIES, readPeerJournal } from "../../../src/front/peers/peer_journal.ts";
import { PeerJournals } from "../../../src/front/peers/peer_journals.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";

const ENTRY: JournalEntry = {
  id: 7,
  time: "2026-03-01T10:00:00.000Z",
  severity: "notice",
  code: "state_changed",
  message: "VI_1: backup -> master",
  subject: "VI_1",
  transition: { from: "backup", to: "master", reason: "master_silent" },
};

const read = (value: unknown) => readPeerJournal(JSON.stringify(value));

Deno.test("a peer's journal is read, whatever a newer one says more, and only its end", () => {
  const newer = { ...ENTRY, moon: "full", by: { kind: "angel" } };
  assert.deepEqual(read([newer]), [ENTRY]);
  assert.deepEqual(read([{ ...ENTRY, subject: {}, transition: 1 }]), [{
    ...{ id: 7, time: ENTRY.time, severity: "notice", code: "state_changed" },
    message: ENTRY.message,
  }]);
  const many = Array.from({ length: MAX_ENTRIES + 5 }, (_, at) => ({ ...ENTRY, id: at + 1 }));
  assert.deepEqual(read(many)?.map(({ id }) => id), many.slice(5).map(({ id }) => id));
  assert.equal(read([{ ...ENTRY, message: "x".repeat(5000) }])?.[0]?.message.length, 1000);
});

Deno.test("what is no journal is none", () => {
  const wrong = [{}, null, 1, [1], [{}], [{ ...ENTRY, id: 0 }], [{ ...ENTRY, time: "yesterday" }], [
    {
      ...ENTRY,
      severity: "mad",
    },
  ], [{ ...ENTRY, code: "c".repeat(65) }]];
  for (const value of wrong) assert.equal(read(value), null, JSON.stringify(value));
});

Deno.test("many readers of a peer's journal are one reader there, for two seconds", async () => {
  let asked = 0;
  const answers = [Response.json([ENTRY]), new Response("", { status: 500 })];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    assert.equal(new URL(url).pathname, "/v1/events");
    return answers[asked++]!;
  });
  try {
    let nowMs = 0;
    const journals = new PeerJournals({ readFile: Deno.readTextFile, nowMs: () => nowMs });
    journals.follow([{ name: "lb02", url: `http://127.0.0.1:${server.addr.port}` }]);
    assert.equal(journals.entries("lb03"), undefined);
    const both = await Promise.all([journals.entries("lb02"), journals.entries("lb02")]);
    assert.deepEqual(both, [[ENTRY], [ENTRY]]);
    nowMs = 1999;
    assert.deepEqual(await journals.entries("lb02"), [ENTRY]);
    nowMs = 2000;
    assert.equal(await journals.entries("lb02"), null);
    assert.equal(asked, 2);
  } finally {
    await server.shutdown();
  }
});
