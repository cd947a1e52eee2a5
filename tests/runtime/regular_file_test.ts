import assert from "node:assert/strict";
import { join } from "node:path";
import { readRegular, UnfitFileError } from "../../src/runtime/regular_file.ts";
import { inFolder } from "../cli/captured_context.ts";

Deno.test("a regular file is read up to its bound, through a link too", async () => {
  await inFolder(async (folder) => {
    const [path, link] = [join(folder, "file"), join(folder, "link")];
    await Deno.writeTextFile(path, "Zürich");
    await Deno.symlink(path, link);
    assert.equal(await readRegular(path, 7), "Zürich");
    assert.equal(await readRegular(link, 1024), "Zürich");
    await assert.rejects(readRegular(path, 6), new UnfitFileError("it has 7 octets"));
  });
});

Deno.test("what would be waited for, or never ends, is not opened", async () => {
  await inFolder(async (folder) => {
    const pipe = join(folder, "pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const cases = [
      [pipe, "a named pipe"],
      ["/dev/zero", "a device"],
      [folder, "a folder"],
    ] as const;
    for (const [path, kind] of cases) {
      const unfit = new UnfitFileError(`it is ${kind}, not a file`, kind);
      await assert.rejects(readRegular(path, 1024), unfit);
    }
    await assert.rejects(readRegular(join(folder, "nothing"), 1024), Deno.errors.NotFound);
  });
});
