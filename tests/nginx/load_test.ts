/** Included files: found as glob(3) finds them, and named if they are not read. */

import assert from "node:assert/strict";
import { type ConfigFiles, loadNginxConfig } from "../../src/nginx/load.ts";
import { serversOf } from "../../src/nginx/servers.ts";

/** A disk of these files; `null`: it may not be read. */
function disk(files: Readonly<Record<string, string | null>>): ConfigFiles {
  const paths = Object.keys(files);
  return {
    read: (path) => {
      const text = files[path];
      if (text === undefined) {
        return Promise.resolve({ reason: "there is no such file", missing: true });
      }
      return Promise.resolve(text === null ? { reason: "permission denied" } : { text });
    },
    list: (folder) => {
      const start = folder === "/" ? "/" : `${folder}/`;
      if (files[start] === null) return Promise.resolve({ reason: "permission denied" });
      const inside = paths.filter((path) => path.startsWith(start)).map((path) =>
        path.slice(start.length).split("/")[0]!
      );
      return inside.length === 0
        ? Promise.resolve({ reason: "there is no such folder", missing: true })
        : Promise.resolve({ names: Array.from(new Set(inside)).reverse() });
    },
  };
}

async function load(files: Readonly<Record<string, string | null>>) {
  const loaded = await loadNginxConfig("/etc/nginx/nginx.conf", "/etc/nginx", disk(files));
  return { names: loaded.directives.map(({ name }) => name), ...loaded };
}

const MAIN = "/etc/nginx/nginx.conf";

Deno.test("nginx: included files stand in the place and order of glob(3), relative to the main file", async () => {
  const { names, unread, masks } = await load({
    [MAIN]: "a; include conf.d/*.conf; include one.conf; include /s*/[ab]?/x; z;",
    "/etc/nginx/conf.d/10.conf": "c10;",
    "/etc/nginx/conf.d/9.conf": "c9;",
    "/etc/nginx/conf.d/.hidden.conf": "hidden;",
    "/etc/nginx/conf.d/9.conf.bak": "bak;",
    "/etc/nginx/one.conf": "one; include two.conf;",
    "/etc/nginx/two.conf": "two;",
    "/srv/a1/x": "a1;",
    "/srv/b2/x": "b2;",
    "/srv/c3/x": "c3;",
  });
  assert.deepEqual(names, ["a", "c10", "c9", "one", "two", "a1", "b2", "z"]);
  assert.deepEqual(masks, [
    { folder: "/etc/nginx/conf.d", mask: "*.conf" },
    { folder: "/", mask: "s*" },
    { folder: "/srv", mask: "[ab]?" },
  ]);
  assert.deepEqual(unread, []);
});

Deno.test("nginx: what is not read is named, and all else is there", async () => {
  const { names, unread, faults, files, paths } = await load({
    [MAIN]:
      "include secret.conf; include none.conf; include closed/*; include closed/*/x; include none/*; a;" +
      "include broken.conf; include loop.conf; b;",
    "/etc/nginx/secret.conf": null,
    "/etc/nginx/closed/": null,
    "/etc/nginx/broken.conf": "c;\nd }",
    "/etc/nginx/loop.conf": "e; include loop.conf; include loop.conf;",
  });
  assert.deepEqual(names, ["a", "c", "e", "b"]);
  assert.deepEqual(unread, [
    { path: "/etc/nginx/secret.conf", reason: "permission denied" },
    { path: "/etc/nginx/none.conf", reason: "there is no such file" },
    { path: "/etc/nginx/closed/*", reason: "permission denied" },
    { path: "/etc/nginx/broken.conf", reason: 'line 2: unexpected "}"' },
    { path: "/etc/nginx/loop.conf", reason: "it includes itself" },
  ]);
  assert.deepEqual(
    faults,
    [{ ...unread[1], missing: true }, { ...unread[3], missing: false }],
    "nginx cannot load these either",
  );
  const those = (...names: readonly string[]) => names.map((name) => `/etc/nginx/${name}.conf`);
  assert.deepEqual(files, those("nginx", "broken", "loop"));
  assert.deepEqual(paths, those("secret", "none", "broken", "loop", "nginx"));
});

Deno.test("nginx: a file that is included twice is read once", async () => {
  const { names, files } = await load({
    [MAIN]: "include a.conf; b; include a.conf;",
    "/etc/nginx/a.conf": "a;",
  });
  assert.deepEqual(names, ["a", "b", "a"]);
  assert.deepEqual(files, [MAIN, "/etc/nginx/a.conf"]);
});

Deno.test("nginx: of more than fifty thousand files the others are named", async () => {
  const files: Record<string, string> = { [MAIN]: "include sites/*;" };
  for (let at = 0; at <= 50_000; at++) files[`/etc/nginx/sites/${at + 100_000}`] = "a;";
  const { names, unread } = await load(files);
  assert.equal(names.length, 50_000);
  assert.deepEqual(unread, [
    { path: "/etc/nginx/sites/150000", reason: "there are too many files" },
  ]);
});

Deno.test("nginx: includes that double each other end", async () => {
  const files: Record<string, string> = { [MAIN]: "include 0;" };
  for (let at = 0; at < 30; at++) {
    files[`/etc/nginx/${at}`] = `x; include ${at + 1}; include ${at + 1};`;
  }
  files["/etc/nginx/30"] = "y;";
  const { unread } = await load(files);
  assert.match(unread[0]!.reason, /too many directives/);
});

Deno.test("nginx: a file of a million directives is read, and where there are more that is named", async () => {
  const { names, unread } = await load({ [MAIN]: "a;\n".repeat(1_000_002) });
  assert.equal(names.length, 1_000_001);
  assert.deepEqual(unread, [
    { path: MAIN, reason: "line 1000002: there are too many directives" },
  ]);
});

Deno.test("nginx: ten thousand servers in files of their own", async () => {
  const files: Record<string, string> = { [MAIN]: "http { include sites/*; }" };
  for (let at = 0; at < 10_000; at++) {
    files[`/etc/nginx/sites/${at}`] =
      `server { listen 443 ssl; server_name n${at}.example.com; include snippet; }`;
  }
  files["/etc/nginx/snippet"] = "ssl_certificate /etc/ssl/x.pem; location / { return 200; }";
  const { directives, unread } = await load(files);
  const servers = serversOf(directives, "/etc/nginx");
  assert.equal(new Set(servers.flatMap(({ names }) => names.map(({ text }) => text))).size, 10_000);
  assert.deepEqual(unread, []);
});
