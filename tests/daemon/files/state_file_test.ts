import assert from "node:assert/strict";
import { join } from "node:path";
import { openStateFile } from "../../../src/daemon/files/state_file.ts";
import { inFolder } from "../../cli/captured_context.ts";

const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

Deno.test("what was written is found by the next run, in a folder and a file of its owner alone", async () => {
  await inFolder(async (folder) => {
    const stateDir = join(folder, "a", "state");
    const first = await openStateFile(stateDir);
    assert.deepEqual(first.found, { kind: "nothing" });
    assert.equal(await first.write("one"), null);
    assert.equal(await first.write("two"), null);
    const { found, path } = await openStateFile(stateDir);
    assert.deepEqual(found, { kind: "text", text: "two" });
    assert.deepEqual(await names(stateDir), ["state.json"]);
    assert.equal((await Deno.stat(stateDir)).mode! & 0o777, 0o700);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  });
});

Deno.test("what is removed leaves no file, and may be removed again", async () => {
  await inFolder(async (folder) => {
    const store = await openStateFile(folder);
    assert.equal(await store.write("one"), null);
    assert.equal(await store.remove(), null);
    assert.deepEqual(await names(folder), []);
    assert.equal(await store.remove(), null);
    await Deno.mkdir(store.path);
    await Deno.writeTextFile(join(store.path, "a"), "");
    assert.ok(await store.remove(), "why not is an outcome");
  });
});

Deno.test("a write that breaks off leaves the old text whole", async () => {
  await inFolder(async (folder) => {
    const store = await openStateFile(folder);
    assert.equal(await store.write("old"), null);
    // As a process leaves it that dies in the middle of a write.
    await Deno.writeTextFile(join(folder, "state.json.new"), "ne");
    const next = await openStateFile(folder);
    assert.deepEqual(next.found, { kind: "text", text: "old" });
    assert.equal(await next.write("new"), null);
    assert.deepEqual(await names(folder), ["state.json"]);
  });
});

Deno.test("what cannot be read is set aside under another name, nothing of it lost", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "state.json"), "rubbish");
    const store = await openStateFile(folder);
    const aside = await store.setAside();
    assert.equal(typeof aside, "string");
    assert.match(aside as string, /\/state\.json\.\d{8}T\d{6}Z$/);
    assert.equal(await store.write("new"), null);
    assert.equal(await Deno.readTextFile(aside as string), "rubbish");
    assert.equal(await Deno.readTextFile(store.path), "new");
  });
});

Deno.test("a place that cannot be read or written is an outcome with a reason", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const behindFile = await openStateFile(join(folder, "file"));
    assert.equal(behindFile.found.kind, "unreadable");
    assert.match((await behindFile.write("x"))?.message ?? "", /directory|exists/i);
    await Deno.mkdir(join(folder, "state.json"));
    const isFolder = await openStateFile(folder);
    assert.equal(isFolder.found.kind, "unreadable");
    assert.ok(await isFolder.write("x"));
    await Deno.remove(join(folder, "state.json"));
    await Deno.writeFile(join(folder, "state.json"), new Uint8Array(2 * 1024 * 1024));
    const huge = (await openStateFile(folder)).found;
    assert.deepEqual(huge, { kind: "unreadable", message: "it has 2097152 octets" });
  });
});
