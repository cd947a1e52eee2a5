/** What somebody has put in the place of vipd's files is neither followed nor written, nor waited for. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { JournalFile, readJournal } from "../../../src/daemon/files/journal_file.ts";
import { openToAppend } from "../../../src/daemon/files/own_file.ts";
import { openStateFile } from "../../../src/daemon/files/state_file.ts";
import { StatusFile } from "../../../src/daemon/files/status_file.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { FakeEngine } from "../../ipc/fake_engine.ts";

/** What is planted in a file's place, with a file of somebody else's as its target. */
const PLANTS:
  readonly (readonly [name: string, (path: string, target: string) => Promise<unknown>])[] = [
    ["a link", (path, target) => Deno.symlink(target, path)],
    ["another name of a file", (path, target) => Deno.link(target, path)],
    ["a link to nothing", (path, target) => Deno.symlink(`${target}-2`, path)],
    ["a pipe", (path) => new Deno.Command("mkfifo", { args: [path] }).output()],
    ["a folder", (path) => Deno.mkdir(path)],
  ];

for (const [name, plant] of PLANTS) {
  Deno.test(`what is planted in the journal's place is an error, not written: ${name}`, async () => {
    await inFolder(async (folder) => {
      const [path, target] = [join(folder, "journal.jsonl"), join(folder, "target")];
      await Deno.writeTextFile(target, "dear data\n");
      await plant(path, target);
      const refused: string[] = [];
      const file = new JournalFile(folder, {
        refused: ({ message }) => refused.push(message),
        taken: () => refused.push("taken"),
      });
      const time = "2026-03-01T10:00:00.000Z";
      file.add({ id: 1, time, severity: "info", code: "started", message: "x" });
      await file.close(2000);
      assert.equal(refused.length, 1);
      assert.match(refused[0]!, /journal\.jsonl is a.*: see who has put it there, and remove it$/);
      assert.equal(await Deno.readTextFile(target), "dear data\n");
      await assert.rejects(Deno.stat(`${target}-2`), Deno.errors.NotFound);
      // Nor does the next start wait for it.
      assert.deepEqual((await readJournal(folder)).entries, []);
    });
  });

  Deno.test(`what is planted next to the state and the status is written by neither: ${name}`, async () => {
    await inFolder(async (folder) => {
      const target = join(folder, "target");
      await Deno.writeTextFile(target, "dear data\n");
      await plant(join(folder, "state.json.new"), target);
      await plant(join(folder, "status.json.new"), target);
      const state = await openStateFile(folder);
      // A folder is removed where it is empty, and so a planted one is no obstacle.
      assert.equal(await state.write("new"), null);
      const status = new StatusFile(folder, new FakeEngine());
      const written = () => Deno.stat(join(folder, "status.json")).catch(() => null);
      for (let tries = 0; await written() === null && tries < 400; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.ok(await written());
      await status.close();
      assert.equal(await Deno.readTextFile(target), "dear data\n");
      await assert.rejects(Deno.stat(`${target}-2`), Deno.errors.NotFound);
    });
  });

  Deno.test(`what is planted in the state's place is not waited for: ${name}`, async () => {
    await inFolder(async (folder) => {
      const target = join(folder, "target");
      await Deno.writeTextFile(target, "dear data\n");
      await plant(join(folder, "state.json"), target);
      const { found } = await openStateFile(folder);
      assert.equal(found.kind === "text" && found.text.includes("orders"), false);
    });
  });
}

Deno.test("a file of one's own is made for its owner alone, and written at its end", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "file");
    for (const text of ["a", "b"]) {
      using file = await openToAppend(path, 0o600);
      await file.write(new TextEncoder().encode(text));
    }
    assert.equal(await Deno.readTextFile(path), "ab");
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  });
});
