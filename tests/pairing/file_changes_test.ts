import assert from "node:assert/strict";
import { type FileChange, FileChanges, isNews } from "../../src/pairing/file_changes.ts";
import { inFolder } from "../cli/captured_context.ts";

const owner = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
const change = (path: string, text: string, more: Partial<FileChange> = {}): FileChange => ({
  ...{ path, text, owner, mode: 0o600 },
  ...more,
});

async function treeOf(folder: string): Promise<string[]> {
  const script =
    `cd "$0"; find . -printf '%p %m\\n' | sort; find . -type f -exec sha256sum {} + | sort`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, folder] }).output();
  return new TextDecoder().decode(stdout).split("\n");
}

Deno.test("all files are written with their modes, and put back", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "old", { mode: 0o640 });
    const before = await treeOf(folder);
    const changes = new FileChanges([
      change(`${folder}/new/deep/key`, "secret"),
      change(`${folder}/a`, "new", { mode: 0o644, expected: "old" }),
    ]);
    changes.commit();
    assert.equal(await Deno.readTextFile(`${folder}/a`), "new");
    assert.equal((await Deno.stat(`${folder}/new/deep/key`)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(`${folder}/new/deep`)).mode! & 0o777, 0o700);
    changes.rollback();
    assert.deepEqual(await treeOf(folder), before);
  }));

Deno.test("one file that cannot be written puts all of them back", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "old");
    await Deno.mkdir(`${folder}/is_a_folder/inside`, { recursive: true });
    const before = await treeOf(folder);
    for (
      const last of [
        change(`${folder}/is_a_folder`, "text"),
        change(`${folder}/a`, "newer", { expected: "what another editor has replaced" }),
      ]
    ) {
      const changes = new FileChanges([change(`${folder}/x/y`, "1"), last]);
      assert.throws(() => changes.commit());
      assert.deepEqual(await treeOf(folder), before);
    }
  }));

Deno.test("a file that is as it is to be is no news", () =>
  inFolder(async (folder) => {
    const path = `${folder}/key`;
    const wanted = change(path, "secret");
    assert.equal(isNews(wanted), true);
    new FileChanges([wanted]).commit();
    assert.equal(isNews(wanted), false);
    assert.equal(isNews({ ...wanted, text: "other" }), true);
    assert.equal(isNews({ ...wanted, mode: 0o644 }), true);
    assert.equal(isNews({ ...wanted, owner: { ...owner, gid: owner.gid + 1 } }), true);
    await Deno.remove(path);
    assert.equal(isNews(wanted), true);
  }));
