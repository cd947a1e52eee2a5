/** The user that runs vipd: of its folders, and before there are any. */

import assert from "node:assert/strict";
import { expectedUser, ownerOf } from "../../../src/daemon/service/daemon_user.ts";
import { systemdRuns } from "../../../src/daemon/service/systemd.ts";
import { findAccount } from "../../../src/health/programs/accounts.ts";
import { inFolder } from "../../cli/captured_context.ts";

const SELF = { uid: Deno.uid()!, gid: Deno.gid()! };

Deno.test("systemd runs a machine that has its folder, to which no link leads", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/system`);
    await Deno.symlink(`${folder}/system`, `${folder}/link`);
    assert.equal(await systemdRuns(`${folder}/system`), true);
    assert.equal(await systemdRuns(`${folder}/link`), false);
    assert.equal(await systemdRuns(`${folder}/none`), false);
  }));

Deno.test("before the first start, the unit's user is expected where systemd runs, else this one", () =>
  inFolder(async (folder) => {
    assert.deepEqual(await expectedUser(`${folder}/none`), SELF);
    const account = await findAccount({ name: "vipd" });
    assert.deepEqual(await expectedUser(folder), typeof account === "string" ? SELF : account);
  }));

Deno.test({
  name: "the owner of the first folder that is there runs vipd",
  // Only root can give a folder to others.
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      const [none, state] = [`${folder}/none`, `${folder}/state`];
      await Deno.mkdir(state);
      await Deno.chown(state, 65534, 65534);
      assert.deepEqual(await ownerOf(none, state, folder), { uid: 65534, gid: 65534 });
      assert.deepEqual(await ownerOf(folder, state), SELF);
      assert.equal(await ownerOf(none), null);
    }),
});
