/** Named pipes of the machine: made, given to their user, and never waited for. */

import assert from "node:assert/strict";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { NamedPipe } from "../../../src/linux/sys/named_pipe.ts";
import { inFolder } from "../../cli/captured_context.ts";

async function withFolder(body: (folder: string, libc: Libc) => Promise<void>): Promise<void> {
  const libc = Libc.open();
  try {
    await inFolder((folder) => body(folder, libc));
  } finally {
    libc.close();
  }
}

async function opened(libc: Libc, path: string): Promise<NamedPipe> {
  const pipe = await NamedPipe.open(libc, path, null);
  assert.ok(typeof pipe !== "string", `${pipe}`);
  return pipe;
}

Deno.test("a missing pipe is made for its owner alone, and one that is there is taken", async () => {
  await withFolder(async (folder, libc) => {
    const path = `${folder}/pipe`;
    const first = await opened(libc, path);
    const { isFifo, mode } = await Deno.lstat(path);
    assert.deepEqual([isFifo, mode! & 0o777], [true, 0o600]);
    const second = await opened(libc, path);
    assert.equal(second.write("again\n"), null);
    first.close();
    second.close();
    assert.equal(first.write("late\n"), "it is closed");
  });
});

Deno.test("a reader gets the lines, also those that were written before it came", async () => {
  await withFolder(async (folder, libc) => {
    const path = `${folder}/pipe`;
    const pipe = await opened(libc, path);
    assert.equal(pipe.write("one\n"), null);
    const reader = await Deno.open(path);
    assert.equal(pipe.write("two\n"), null);
    const octets = new Uint8Array(100);
    const length = await reader.read(octets);
    assert.equal(new TextDecoder().decode(octets.subarray(0, length!)), "one\ntwo\n");
    reader.close();
    assert.equal(pipe.write("a reader that ends does no harm\n"), null);
    pipe.close();
  });
});

Deno.test("a pipe that nobody reads refuses whole lines when it is full, and does not wait", async () => {
  await withFolder(async (folder, libc) => {
    const pipe = await opened(libc, `${folder}/pipe`);
    const line = 'INSTANCE "VI_1" MASTER 150\n';
    let lines = 0;
    while (lines < 100_000 && pipe.write(line) === null) lines++;
    assert.ok(lines > 100 && lines < 100_000, `${lines} lines`);
    assert.equal(pipe.write(line), "the pipe is full, because nobody reads it");
    pipe.close();
  });
});

Deno.test("what is no pipe is not written to", async (t) => {
  await withFolder(async (folder, libc) => {
    await Deno.writeTextFile(`${folder}/file`, "mine");
    await Deno.symlink(`${folder}/file`, `${folder}/link`);
    const cases: readonly [string, RegExp][] = [
      ["file", /no named pipe/],
      ["link", /neither opened nor made/],
      [".", /neither opened nor made/],
      ["missing/pipe", /neither opened nor made/],
    ];
    for (const [name, why] of cases) {
      await t.step(name, async () => {
        assert.match(`${await NamedPipe.open(libc, `${folder}/${name}`, null)}`, why);
        assert.equal(await Deno.readTextFile(`${folder}/file`), "mine");
      });
    }
  });
});

Deno.test({
  name: "a pipe is given to the user that it is made for",
  // Only root can give files away.
  ignore: Deno.uid() !== 0,
  async fn() {
    await withFolder(async (folder, libc) => {
      const pipe = await NamedPipe.open(libc, `${folder}/pipe`, { uid: 12, gid: 34 });
      assert.ok(typeof pipe !== "string");
      pipe.close();
      const { uid, gid } = await Deno.lstat(`${folder}/pipe`);
      assert.deepEqual([uid, gid], [12, 34]);
    });
  },
});
