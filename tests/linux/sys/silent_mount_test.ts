/** Whether a file system answers is asked where it is mounted (src/runtime/file_system.ts). Needs root, to mount one. */

import assert from "node:assert/strict";
import { inFolder } from "../../cli/captured_context.ts";

const CASES = [
  { kind: "fuse", meanwhile: "nothing", what: "a server that does not answer" },
  { kind: "frozen", meanwhile: "opening", what: "a disk that is frozen, and can be read" },
] as const;

for (const { kind, meanwhile, what } of CASES) {
  Deno.test({
    name: `a mount point is asked below itself: ${what}`,
    ignore: Deno.uid() !== 0,
    fn: async (t) => {
      const said = await asked(kind);
      if (said === "no loop device\n") {
        await t.step({ name: "this kernel has no loop device", ignore: true, fn: () => {} });
        return;
      }
      assert.equal(said, `meanwhile: ${meanwhile}\nafterwards: all\n`);
    },
  });
}

async function asked(kind: string): Promise<string> {
  let said = "";
  await inFolder(async (folder) => {
    const script = new URL("fixtures/silent_mount.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: ["--mount", Deno.execPath(), "run", "-A", "--no-check", script, kind, folder],
    }).output();
    said = new TextDecoder().decode(stdout);
    assert.notEqual(said, "", new TextDecoder().decode(stderr));
  });
  return said;
}
