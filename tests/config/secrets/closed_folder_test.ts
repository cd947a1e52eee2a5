import assert from "node:assert/strict";
import { closedFolders, openingCommand } from "../../../src/config/secrets/closed_folder.ts";

const isRoot = Deno.uid() === 0;
/** The owner of the folder; root itself enters every one. */
const [UID, GID] = isRoot ? [65_534, 65_534] : [Deno.uid()!, Deno.gid()!];
const OTHER = 65_000;

const CASES = [
  ["its owner", { uid: UID, gid: OTHER }, 0o677, "u+x"],
  ["its group", { uid: OTHER, gid: GID }, 0o767, "g+x"],
  ["another user", { uid: OTHER, gid: OTHER }, 0o776, "o+x"],
] as const;

for (const [who, reader, mode, change] of CASES) {
  Deno.test(`a folder is closed to ${who} by the permission of its class alone`, async () => {
    const folder = await Deno.makeTempDir();
    if (isRoot) await Deno.chown(folder, UID, GID);
    const closed = () => closedFolders(`${folder}/file`, reader).filter((it) => it.path === folder);
    await Deno.chmod(folder, mode);
    assert.deepEqual(closed(), [{ path: folder, change }]);
    assert.equal(openingCommand(closed()), `chmod ${change} ${folder}`);
    await Deno.chmod(folder, 0o777);
    assert.deepEqual(closed(), []);
    assert.deepEqual(closedFolders(`${folder}/file`, { uid: 0, gid: 0 }), []);
    await Deno.remove(folder);
  });
}
