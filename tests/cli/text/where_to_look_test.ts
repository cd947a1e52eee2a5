/** The commands for a machine that systemd runs, and for another one. */

import assert from "node:assert/strict";
import { startCommands, whereToLook } from "../../../src/cli/text/where_to_look.ts";

Deno.test("on a machine without systemd no message names a command of systemd", async () => {
  const folder = await Deno.makeTempDir();
  const none = `${folder}/none`;
  assert.deepEqual(await startCommands(folder), [
    ...["systemctl daemon-reload", "systemctl enable --now vipd"],
  ]);
  assert.deepEqual(await startCommands(none), ["vipd run"]);
  assert.deepEqual(await whereToLook(none, folder), {
    ...{ engine: "systemctl status vipd", front: "systemctl status vipd-front" },
  });
  assert.deepEqual(await whereToLook(none, none), {
    ...{ engine: "the log of vipd run", front: "the log of vipd front" },
  });
  await Deno.remove(folder);
});
