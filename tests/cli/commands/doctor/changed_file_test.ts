/** A file of the system that `vipd doctor --fix` changes: what stays as it was. */

import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { changeFile } from "../../../../src/cli/commands/doctor/changed_file.ts";
import { inFolder } from "../../captured_context.ts";

const added = (text: string) => `${text}added\n`;

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).toSorted();
}

Deno.test("a file that is not there is made, without a copy", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "60-vipd.conf");
    assert.equal(await changeFile(path, added), null);
    assert.equal(await Deno.readTextFile(path), "added\n");
    assert.equal((await Deno.stat(path)).mode! & 0o7777, 0o644);
    assert.deepEqual(await names(folder), ["60-vipd.conf"]);
  });
});

Deno.test("owner and mode stay, also those of the copy", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "60-vipd.conf");
    await Deno.writeTextFile(path, "ours\n");
    await Deno.chmod(path, 0o640);
    // Root alone may give a file away.
    if (Deno.uid() === 0) await Deno.chown(path, 1234, 4321);
    const { uid, gid } = await Deno.stat(path);
    const copy = await changeFile(path, added);
    assert.ok(copy !== null);
    assert.equal(await Deno.readTextFile(copy), "ours\n");
    assert.equal(await Deno.readTextFile(path), "ours\nadded\n");
    for (const each of [path, copy]) {
      const info = await Deno.stat(each);
      assert.deepEqual([info.mode! & 0o7777, info.uid, info.gid], [0o640, uid, gid], each);
    }
    assert.deepEqual(await names(folder), ["60-vipd.conf", basename(copy)]);
  });
});

Deno.test("a link stays one, and what it points to is changed", async () => {
  await inFolder(async (folder) => {
    const [path, real] = [join(folder, "60-vipd.conf"), join(folder, "managed/site.conf")];
    await Deno.mkdir(join(folder, "managed"));
    await Deno.writeTextFile(real, "ours\n");
    await Deno.symlink("managed/site.conf", path);
    const copy = await changeFile(path, added);
    assert.equal(await Deno.readLink(path), "managed/site.conf");
    assert.equal(await Deno.readTextFile(real), "ours\nadded\n");
    assert.match(copy!, /\/managed\/site\.conf\.before-\w+$/);
  });
});

Deno.test("what is no text file is refused with the reason, and stays", async () => {
  await inFolder(async (folder) => {
    const [lost, masked] = [join(folder, "lost.conf"), join(folder, "masked.conf")];
    const latin = join(folder, "latin.conf");
    await Deno.symlink("nowhere.conf", lost);
    await Deno.symlink("/dev/null", masked);
    await Deno.writeFile(latin, Uint8Array.of(0x23, 0xe4, 0x0a));
    const before = await names(folder);
    await assert.rejects(changeFile(lost, added), /is a link to nowhere\.conf, which is not there/);
    await assert.rejects(changeFile(masked, added), /\/dev\/null is no regular file/);
    await assert.rejects(changeFile(latin, added), /latin\.conf is not UTF-8/);
    assert.deepEqual(await names(folder), before);
    assert.equal((await Deno.stat("/dev/null")).isCharDevice, true);
  });
});

Deno.test("on a full disk the file stays as it was, and no half copy stays with it", async () => {
  for (
    const [pages, reason] of [[3, "no copy of .* can be kept"], [5, "cannot write .*"]] as const
  ) {
    await inFolder(async (folder) => {
      const script = new URL("fixtures/change_on_full_disk.ts", import.meta.url).pathname;
      // A file system of its own, which nobody else sees: one page more than the file, and its folder.
      const mount = `mount -t tmpfs -o size=${pages * 4}k none ${folder} && exec "$@"`;
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          ...(Deno.uid() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"]),
          ...["sh", "-c", mount, "sh", Deno.execPath(), "run", "-A", "--no-check", script, folder],
        ],
      }).output();
      const decoder = new TextDecoder();
      assert.match(
        decoder.decode(stdout),
        new RegExp(
          `^${reason}: No space left on device; the file is as it was\n60-vipd.conf 6000\n$`,
        ),
        decoder.decode(stderr),
      );
    });
  }
});
