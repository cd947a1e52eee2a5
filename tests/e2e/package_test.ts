/**
 * The Debian package comes, stays and goes, on a host with files of its own. The program in it is a stand-in: what is
 * tested is the package. Needs root.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Lab } from "../../lab/network.ts";
import { ownFiles } from "./own_files.ts";

const DEB = new URL("../../build/deb.ts", import.meta.url).pathname;
const CONFIG = "/etc/vipd/vipd.yaml";

async function makePackage(folder: string): Promise<string> {
  const binary = join(folder, "vipd");
  await Deno.writeTextFile(binary, "#!/bin/sh\necho stand-in\n", { mode: 0o755 });
  const args = ["run", "-A", DEB, "--binary", binary, "--output", folder];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name:
    "the Debian package installs, keeps the administrator's configuration, and leaves nothing after a purge",
  ignore: Deno.uid() !== 0,
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "vipd-deb-" });
  try {
    const file = await makePackage(folder);
    await using lab = await Lab.open(`package-${crypto.randomUUID()}`, { lb01: {} });
    const host = lab.host("lb01");
    await ownFiles(host);
    const run = async (...argv: string[]) => (await host.run(argv)).stdout;
    const page = (name: string) => run("zcat", `/usr/share/man/${name}.gz`);
    // Images of containers leave documentation out.
    const install = () => run("dpkg", "--path-include=/usr/share/*", "-i", file);
    const there = async (path: string) =>
      (await host.run(["test", "-e", path], { check: false })).code === 0;

    assert.match(await install(), /next: vipd init/);
    assert.equal(await run("/usr/bin/vipd"), "stand-in\n");
    for (const user of ["vipd", "vipd-front"]) {
      for (const database of ["passwd", "group"]) {
        assert.match(await run("getent", database, user), new RegExp(`^${user}:`), database);
      }
    }
    assert.equal(await run("dpkg", "--verify", "vipd"), "");
    const unit = (name: string) => run("cat", `/usr/lib/systemd/system/${name}.service`);
    assert.match(await unit("vipd"), /^ExecStart=\/usr\/bin\/vipd run /m);
    assert.match(await unit("vipd-front"), /^ExecStart=\/usr\/bin\/vipd front /m);
    assert.match(await page("man8/vipd.8"), /keeps a virtual IP address alive/);
    assert.match(await page("man5/vipd.yaml.5"), /advert_interval/);
    assert.ok(!await there(CONFIG), "it brings no configuration");

    await run("sh", "-c", `echo "# the administrator's" >${CONFIG}`);
    assert.doesNotMatch(await install(), /next: vipd init/);
    await run("dpkg", "--remove", "vipd");
    assert.ok(!await there("/usr/bin/vipd"));
    assert.equal(await run("cat", CONFIG), "# the administrator's\n");
    await run("dpkg", "--purge", "vipd");
    assert.ok(!await there("/etc/vipd"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
