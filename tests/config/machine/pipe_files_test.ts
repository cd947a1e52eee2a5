/** `vipd check` looks at the path of a named pipe. */

import assert from "node:assert/strict";
import { rereadFileFindings } from "../../../src/config/machine/reread_files.ts";
import { config } from "../../../src/sim/cluster.ts";

Deno.test("a pipe may be missing, but nothing else may be there, and its folder must be", async (t) => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
  const cases: readonly [string, RegExp | null][] = [
    ["pipe", null],
    ["new", null],
    ["file", /file: something is there that is no named pipe/],
    [".", /something is there that is no named pipe/],
    ["missing/pipe", /there is no folder .*\/missing/],
  ];
  try {
    for (const [name, expected] of cases) {
      await t.step(name, async () => {
        const path = `${folder}/${name}`;
        const target = { name: "pipe", type: "fifo", path, on: ["master"] } as const;
        const found = await rereadFileFindings({ ...config("lb01", {}), notify: [target] });
        assert.equal(found.length, expected === null ? 0 : 1);
        if (expected === null) return;
        assert.equal(found[0]!.code, "notify_pipe_unusable");
        assert.match(found[0]!.message, expected);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
