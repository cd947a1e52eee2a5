/** What a look at nginx's files says of an nginx that a test pretends to be. */

import assert from "node:assert/strict";
import { NginxLoads } from "../../../src/front/rehearsal/nginx_load.ts";
import { findNginx, sharesPlace } from "../../../src/front/rehearsal/nginx_process.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { procFilesOf } from "./proc_files.ts";

/** Beyond the ids that Linux gives. */
const [MASTER, WORKER] = [5_000_001, 5_000_002];
const ROOT = "22 1 8:1 / / rw - ext4 /dev/sda1 rw";

/** An nginx whose worker has started so many seconds from now; `mounts`: the machine's and its own. */
function machine(config: string, seconds: number, mounts: readonly string[] = []) {
  const uptime = Deno.readTextFileSync("/proc/uptime");
  const ticks = Math.round((parseFloat(uptime) + seconds) * 100);
  const proc = procFilesOf({
    "/proc/uptime": uptime,
    [`/proc/${MASTER}/cmdline`]: `nginx: master process nginx -c ${config}\0`,
    [`/proc/${MASTER}/task/${MASTER}/children`]: `${WORKER}`,
    [`/proc/${WORKER}/cmdline`]: "nginx: worker process",
    [`/proc/${WORKER}/stat`]: `${WORKER} (nginx) S ${"0 ".repeat(18)}${ticks} 0`,
    ...Object.fromEntries(
      mounts.map((text, index) => [`/proc/${index === 0 ? "self" : MASTER}/mountinfo`, text]),
    ),
  });
  const loads = new NginxLoads(proc, "vipd-front");
  const look = async (place = config) => {
    const { stale, unloadable } = await loads.look(findNginx(proc), place);
    return { stale: stale?.replace(/ is .*/, "") ?? null, unloadable };
  };
  return { proc, look };
}

const SERVER = `server { listen 9 ssl; ssl_certificate shop.pem; ssl_certificate_key shop.key; }`;

Deno.test("a certificate, a key or an included file that goes under a running nginx is named, until it is back", async () => {
  await inFolder(async (folder) => {
    const config = `${folder}/nginx.conf`;
    const names = ["shop.pem", "shop.key", "more.conf"];
    for (const name of names) await Deno.writeTextFile(`${folder}/${name}`, "");
    await Deno.writeTextFile(config, `http { ${SERVER} include more.conf; }`);
    const later = machine(config, 1000);
    const known = machine(config, 1);
    const fresh = { stale: null, unloadable: null };
    assert.deepEqual(await known.look(), fresh);
    for (const name of names) {
      const path = `${folder}/${name}`;
      await Deno.rename(path, `${path}.aside`);
      const gone = { stale: null, unloadable: `${path}: there is no such file` };
      assert.deepEqual(await known.look(), gone);
      assert.deepEqual(await later.look(), gone, "to one who has not seen it");
      await Deno.rename(`${path}.aside`, path);
      assert.deepEqual(await known.look(), fresh, "nginx serves by it still");
    }
  });
});

Deno.test("what nginx sees and vipd does not is not missing", async () => {
  await inFolder(async (folder) => {
    const config = `${folder}/nginx.conf`;
    await Deno.writeTextFile(config, `http { ${SERVER} }`);
    const own = `${ROOT}\n30 22 8:1 /private${folder} ${folder} rw - ext4 /dev/sda1 rw`;
    const missing = `${folder}/shop.pem: there is no such file`;
    assert.equal((await machine(config, 1000, [own, own]).look()).unloadable, missing);
    assert.equal((await machine(config, 1000, [ROOT, own]).look()).unloadable, null);
    // Its place is a guess.
    assert.equal((await machine("/no/such.conf", 1000).look()).unloadable, null);
  });
});

Deno.test("the place of a path is that of its last mount, whatever its root is called", () => {
  const shares = (own: string, its: string, path: string) => {
    const { proc } = machine("/x", 0, [own, its]);
    return sharesPlace(proc, findNginx(proc)!, path);
  };
  const bound = `${ROOT}\n30 22 8:1 /etc /etc ro - ext4 /dev/sda1 rw`;
  assert.equal(shares(ROOT, bound, "/etc/ssl/a.pem"), true, "the same folder, read-only");
  const blank = `${ROOT}\n30 22 8:1 /b /a\\040b rw - ext4 /dev/sda1 rw`;
  assert.equal(shares(ROOT, blank, "/a b/c"), false);
  assert.equal(shares(ROOT, blank, "/a bc"), true);
  const homes = `${ROOT}\n31 22 0:50 / /home ro - tmpfs tmpfs ro`;
  assert.equal(shares(homes, ROOT, "/home/a/cert.pem"), false);
  assert.equal(shares(homes, ROOT, "/etc/cert.pem"), true);
});

Deno.test("a named pipe among the files is named, ahead of other faults", async () => {
  await inFolder(async (folder) => {
    const config = `${folder}/nginx.conf`;
    await Deno.mkdir(`${folder}/sites`);
    await Deno.writeTextFile(config, "http { include missing.conf; include sites/*; }");
    const { look } = machine(config, -1000);
    const { success } = await new Deno.Command("mkfifo", { args: [`${folder}/sites/p`] }).output();
    assert.ok(success);
    assert.equal(
      (await look()).unloadable,
      `${folder}/sites/p: it is a named pipe, not a file`,
    );
    await Deno.remove(`${folder}/sites/p`);
    await Deno.mkdir(`${folder}/sites/p`);
    await Deno.writeTextFile(`${folder}/missing.conf`, "");
    assert.equal((await look()).unloadable, `${folder}/sites/p: it is a folder, not a file`);
    await Deno.remove(`${folder}/sites/p`);
    await Deno.symlink("/dev/null", `${folder}/sites/p`);
    assert.equal((await look()).unloadable, null);
    // Somebody has written into it: nginx has loaded it.
    const fed = machine(config, 1000);
    await Deno.remove(`${folder}/sites/p`);
    await new Deno.Command("mkfifo", { args: [`${folder}/sites/p`] }).output();
    assert.equal((await fed.look()).unloadable, null);
  });
});
