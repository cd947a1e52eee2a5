/** Keys of signed adverts in files of their own. */

import assert from "node:assert/strict";
import { permitting, readKeyFiles } from "../../../src/config/secrets/key_files.ts";
import { readingGroup } from "../../../src/config/secrets/reading_group.ts";

const WITH_VIPD = "root:x:0:\nadm:x:4:syslog\nvipd:x:990:\n";
const WITHOUT = "root:x:0:\nadm:x:4:syslog\n";

function signing(keyFile: string, stateDir: string) {
  const authentication = { type: "hmac", keys: [{ id: 1, key_file: keyFile }] };
  return { state_dir: stateDir, instances: [{ authentication }] };
}

Deno.test("a file is for the group that runs vipd: that of the state directory, else vipd if there is one", () => {
  const folder = Deno.makeTempDirSync();
  const { gid } = Deno.statSync(folder);
  assert.equal(readingGroup({ state_dir: "/nonexistent" }, WITH_VIPD), "vipd");
  assert.equal(readingGroup({ state_dir: "/nonexistent" }, WITHOUT), null);
  assert.equal(readingGroup({ state_dir: "/" }, WITH_VIPD), "vipd");
  assert.equal(readingGroup({ state_dir: "/" }, WITHOUT), null);
  if (Deno.uid() === 0) Deno.chownSync(folder, 4, 4);
  const own = Deno.uid() === 0 ? "adm" : gid === 0 ? null : `${gid}`;
  assert.equal(readingGroup({ state_dir: folder }, WITHOUT), own);
  Deno.removeSync(folder);
});

Deno.test("the command that makes a missing key works where there is no group vipd", async () => {
  const folder = await Deno.makeTempDir();
  const data = signing(`${folder}/vrrp.key`, "/nonexistent");
  const read = (groups: string) => readKeyFiles(data, (known) => readingGroup(known, groups));
  assert.match(read(WITH_VIPD).findings[0]!.hint, /\| install -m 640 -g vipd \/dev\/stdin \S+$/);
  const [, command] = /if neither has one: (.*)$/.exec(read(WITHOUT).findings[0]!.hint) ?? [];
  // The octets are of no concern here, and not every machine has openssl.
  const typed = command!.replace("openssl rand -hex 32", `echo ${"5a".repeat(32)}`);
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", typed] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.deepEqual(read(WITHOUT).findings, []);
  assert.equal((await Deno.stat(`${folder}/vrrp.key`)).mode! & 0o777, 0o600);
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name:
    "if a folder keeps vipd's user from a key, the remedy is for that folder, else for the file",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const [closed, key] = [`${folder}/keys`, `${folder}/keys/vrrp.key`];
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(closed);
    await Deno.writeTextFile(key, "5a".repeat(32));
    const remedy = async (mode: number, gid: number) => {
      await Deno.chown(closed, 0, gid);
      await Deno.chmod(closed, mode);
      return permitting(key, "65533");
    };
    const ofFile = `let the user of vipd read it: chgrp 65533 ${key} && chmod 640 ${key}`;
    assert.equal(await remedy(0o755, 0), ofFile);
    assert.equal(await remedy(0o750, 65533), ofFile);
    assert.equal(await remedy(0o700, 0), `let the user of vipd get to it: chmod o+x ${closed}`);
    assert.equal(await remedy(0o701, 65533), `let the user of vipd get to it: chmod g+x ${closed}`);
    await Deno.remove(folder, { recursive: true });
  },
});
