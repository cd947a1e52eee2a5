import assert from "node:assert/strict";
import { join } from "node:path";
import { openFresh, writeAll } from "../../../src/daemon/files/fresh_file.ts";
import { inFolder } from "../../cli/captured_context.ts";

Deno.test("a fresh file takes the place of an old one or a link, and writes to neither", async () => {
  await inFolder(async (folder) => {
    const [path, target] = [join(folder, "api.new"), join(folder, "target")];
    await Deno.writeTextFile(target, "dear data\n");
    const places = [
      () => Promise.resolve(),
      () => Deno.writeTextFile(path, "left by a crash, and longer\n", { mode: 0o644 }),
      () => Deno.link(target, path),
      () => Deno.symlink(target, path),
      () => Deno.symlink(join(folder, "nowhere"), path),
    ];
    for (const place of places) {
      await place();
      using file = await openFresh(path, 0o600);
      await writeAll(file, "new\n");
      const { mode, isFile } = await Deno.lstat(path);
      assert.deepEqual([isFile, mode! & 0o777], [true, 0o600]);
      assert.equal(await Deno.readTextFile(path), "new\n");
      assert.equal(await Deno.readTextFile(target), "dear data\n");
      await Deno.remove(path);
    }
  });
});
