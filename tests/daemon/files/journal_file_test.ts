import assert from "node:assert/strict";
import {
  addToJournal,
  JournalFile,
  type JournalFileOptions,
  journalPaths,
  readJournal,
} from "../../../src/daemon/files/journal_file.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";
import { inFolder } from "../../cli/captured_context.ts";

function entry(id: number, message = `entry ${id}`): JournalEntry {
  return { id, time: "2026-03-01T10:00:00.000Z", severity: "notice", code: "test", message };
}

function openFile(folder: string, options: Partial<JournalFileOptions> = {}) {
  const refused: string[] = [];
  let batches = 0;
  const file = new JournalFile(folder, {
    refused: ({ message }) => void refused.push(message),
    taken: () => void batches++,
    retryMs: 5,
    ...options,
  });
  return { file, refused, batches: () => batches };
}

async function write(folder: string, entries: readonly JournalEntry[], rotateOctets?: number) {
  const { file, refused } = openFile(folder, rotateOctets === undefined ? {} : { rotateOctets });
  for (const each of entries) {
    file.add(each);
    // One batch each, as if time passed between them.
    if (rotateOctets !== undefined) await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await file.close(1000);
  assert.deepEqual(refused, []);
}

Deno.test("what one run records the next one finds, for root alone to read", async () => {
  await inFolder(async (folder) => {
    const stateDir = `${folder}/state`;
    await write(stateDir, [entry(1), { ...entry(2), subject: "VI_1", alarm: "flapping" }]);
    await write(stateDir, [entry(3)]);
    const found = await readJournal(stateDir);
    assert.deepEqual(found.problems, []);
    assert.deepEqual(found.entries, [
      entry(1),
      { ...entry(2), subject: "VI_1", alarm: "flapping" },
      entry(3),
    ]);
    assert.equal((await Deno.stat(journalPaths(stateDir).current)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(stateDir)).mode! & 0o777, 0o700);
  });
});

Deno.test("somebody else adds to the journal of an engine that has ended, or says why not", async () => {
  await inFolder(async (folder) => {
    const stateDir = `${folder}/state`;
    await write(stateDir, [entry(1), entry(2)]);
    const add = () =>
      addToJournal(stateDir, (journal) => journal.record("warning", "engine_died", "x", "VI_1"));
    assert.equal(await add(), null);
    const { entries: [, , third, ...more] } = await readJournal(stateDir);
    const { id, code, subject } = third!;
    assert.deepEqual([id, code, subject, more], [3, "engine_died", "VI_1", []]);
    await Deno.remove(stateDir, { recursive: true });
    await Deno.writeTextFile(stateDir, "in the way");
    assert.match((await add())!.message, /not a directory|Not a directory|in the way|exists/);
  });
});

Deno.test("nothing is found where nothing was kept", async () => {
  assert.deepEqual(await readJournal("/nonexistent/vipd"), { entries: [], problems: [] });
});

Deno.test("the files are bounded: the older half goes first", async () => {
  await inFolder(async (folder) => {
    const entries = Array.from({ length: 60 }, (_, i) => entry(i + 1, "x".repeat(100)));
    await write(folder, entries, 2000);
    const { current, old } = journalPaths(folder);
    assert.ok((await Deno.stat(old)).size < 2500);
    assert.ok((await Deno.stat(current).catch(() => ({ size: 0 }))).size < 2500);
    const found = await readJournal(folder);
    assert.deepEqual(found.problems, []);
    assert.equal(found.entries.at(-1)?.id, 60);
    assert.ok(found.entries.length > 5 && found.entries.length < 40);
  });
});

Deno.test("damaged lines are left out and reported, and a cut line does not spoil the next", async () => {
  await inFolder(async (folder) => {
    await write(folder, [entry(1)]);
    const { current } = journalPaths(folder);
    const damaged = [
      "{",
      "null",
      "[]",
      '{"id":"2"}',
      JSON.stringify(entry(1)),
      '\u0000{"id":2,"ti',
    ];
    await Deno.writeTextFile(current, damaged.join("\n"), { append: true });
    await write(folder, [entry(2)]);
    const found = await readJournal(folder);
    assert.deepEqual(found.entries, [entry(1), entry(2)]);
    assert.equal(found.problems.length, 1);
    assert.match(found.problems[0]!, /journal\.jsonl: 6 damaged lines are left out/);
  });
});

Deno.test("a file that is something else is reported and harms nothing", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(journalPaths(folder).current);
    const found = await readJournal(folder);
    assert.deepEqual(found.entries, []);
    assert.match(found.problems[0]!, /journal\.jsonl cannot be read/);
  });
});

Deno.test("while the disk refuses, the newest entries wait for it", async () => {
  await inFolder(async (folder) => {
    const stateDir = `${folder}/state`;
    await Deno.writeTextFile(stateDir, "in the way");
    const { file, refused, batches } = openFile(stateDir);
    for (let id = 1; id <= 1500; id++) file.add(entry(id));
    while (refused.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let id = 1501; id <= 1600; id++) file.add(entry(id));
    await Deno.remove(stateDir);
    while (batches() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await file.close(1000);
    const { entries } = await readJournal(stateDir);
    assert.deepEqual(entries.map(({ id }) => id), Array.from({ length: 1000 }, (_, i) => i + 601));
  });
});

Deno.test("a full disk is reported", async () => {
  await inFolder(async (folder) => {
    const script = new URL("fixtures/record_until_refused.ts", import.meta.url).pathname;
    // A file system of its own, of two pages, which nobody else sees.
    const mount = `mount -t tmpfs -o size=8k none ${folder} && exec "$@"`;
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        ...(Deno.uid() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"]),
        ...["sh", "-c", mount, "sh", Deno.execPath(), "run", "-A", "--no-check", script, folder],
      ],
    }).output();
    const decoder = new TextDecoder();
    assert.match(decoder.decode(stdout), /No space left/, decoder.decode(stderr));
  });
});
