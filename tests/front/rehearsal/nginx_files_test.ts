/** nginx's files are read once for each change of them, whatever the number of rehearsals. */

import assert from "node:assert/strict";
import { NginxFiles } from "../../../src/front/rehearsal/nginx_files.ts";
import { readRegular } from "../../../src/runtime/regular_file.ts";
import { inFolder } from "../../cli/captured_context.ts";

const SITES = 300;

/** A tree of that many sites, and the files that were read since the last look. */
async function withSites(
  act: (tree: {
    readonly path: (name: string) => string;
    readonly load: (seconds?: number) => Promise<{ names: string[]; reads: string[] }>;
  }) => Promise<void>,
  sites = SITES,
): Promise<void> {
  await inFolder(async (folder) => {
    const path = (name: string) => `${folder}/${name}`;
    await Deno.mkdir(path("sites"));
    await Deno.writeTextFile(path("nginx.conf"), "events {} http { include sites/*; }");
    for (let at = 0; at < sites; at++) {
      await Deno.writeTextFile(path(`sites/${at}`), site(`s${at}`));
    }
    let reads: string[] = [];
    let aheadMs = 0;
    const files = new NginxFiles({
      user: "vipd-front",
      read: (file, most) => {
        reads.push(file.slice(folder.length + 1));
        return readRegular(file, most);
      },
      nowMs: () => Date.now() + aheadMs,
    });
    const load = async (seconds = 10) => {
      [reads, aheadMs] = [[], seconds * 1000];
      const { servers } = await files.load(path("nginx.conf"));
      const names = servers!.flatMap((server) => server.names.map((name) => JSON.stringify(name)));
      return { names, reads };
    };
    await act({ path, load });
  });
}

function site(name: string): string {
  return `server { listen 80; server_name ${name}.example.com; }`;
}

Deno.test("a tree that has not changed is not read again, and of another only what has", async () => {
  await withSites(async ({ path, load }) => {
    const first = await load();
    assert.equal(first.reads.length, SITES + 1);
    const second = await load();
    assert.deepEqual(second, { names: first.names, reads: [] });

    await Deno.writeTextFile(path("sites/7"), site("seven"));
    const changed = await load();
    assert.deepEqual(changed.reads, ["sites/7"]);
    assert.match(changed.names.join(), /seven\.example\.com/);

    await Deno.writeTextFile(path("next"), site("moved"));
    await Deno.rename(path("next"), path("sites/8"));
    await Deno.writeTextFile(path("sites/new"), site("new"));
    await Deno.remove(path("sites/9"));
    const other = await load();
    assert.deepEqual(other.reads.toSorted(), ["sites/8", "sites/new"]);
    assert.match(other.names.join(), /moved\.example\.com.*new\.example\.com/);
    assert.doesNotMatch(other.names.join(), /"s9\.example\.com/);
    assert.equal((await load()).reads.length, 0);

    await Deno.writeTextFile(path("sites/9"), site("s9"));
    assert.deepEqual((await load()).reads, ["sites/9"], "it was forgotten with its file");
  });
});

Deno.test("a link that leads to another file is another file", async () => {
  await withSites(async ({ path, load }) => {
    await Deno.mkdir(path("available"));
    for (const name of ["one", "two"]) {
      await Deno.writeTextFile(path(`available/${name}`), site(name));
    }
    await Deno.symlink("../available/one", path("sites/link"));
    await load();
    await Deno.remove(path("sites/link"));
    await Deno.symlink("../available/two", path("sites/link"));
    const { names, reads } = await load();
    assert.deepEqual(reads, ["sites/link"]);
    assert.match(names.join(), /two\.example\.com/);
  });
});

Deno.test("a file that has just changed is read again: the next change may not show", async () => {
  await withSites(async ({ path, load }) => {
    // Both changes in one second of the file system, whose clock goes in steps.
    await new Promise((resolve) => setTimeout(resolve, 1050 - Date.now() % 1000));
    await Deno.writeTextFile(path("sites/0"), site("before"));
    await load(0);
    const { mtime } = await Deno.stat(path("sites/0"));
    await Deno.writeTextFile(path("sites/0"), site("behind"));
    await Deno.utime(path("sites/0"), mtime!, mtime!);
    assert.match((await load(0)).names.join(), /behind\.example\.com/);
  }, 1);
});
