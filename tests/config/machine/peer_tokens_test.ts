/** `vipd check` looks at the files with the tokens of peers. */

import assert from "node:assert/strict";
import { rereadFileFindings } from "../../../src/config/machine/reread_files.ts";
import { config } from "../../../src/sim/cluster.ts";

const PEER = { name: "lb02", url: "https://192.168.31.12:9112" };

async function findings(...tokenFiles: readonly (string | undefined)[]) {
  const peers = tokenFiles.map((tokenFile) => ({
    ...PEER,
    ...(tokenFile === undefined ? {} : { tokenFile }),
  }));
  return await rereadFileFindings({ ...config("lb01", {}), peers });
}

Deno.test("a token of a peer that is not there, or is no file, is a warning with its place", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [token, missing] = [`${folder}/token`, `${folder}/missing`];
    await Deno.writeTextFile(token, "x", { mode: 0o600 });
    assert.deepEqual(await findings(token, undefined), []);
    const [first, second, ...others] = await findings(token, missing, folder);
    assert.deepEqual(others, []);
    assert.deepEqual([first!.severity, first!.code], ["warning", "peer_token_unreadable"]);
    assert.deepEqual(first!.path, ["peers", 1, "token_file"]);
    assert.equal(first!.message, `${missing}: there is no such file`);
    assert.match(first!.hint, /the peer cannot be asked; `vipd pair` makes it/);
    assert.match(second!.message, /^\S+: it is a folder/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a token of a peer that this user may not read is a finding that names the file",
  ignore: Deno.uid() === 0,
  fn: async () => {
    const [found] = await findings("/etc/shadow");
    assert.equal(found?.unreadable, "/etc/shadow");
  },
});
