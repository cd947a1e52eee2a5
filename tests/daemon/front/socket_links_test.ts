import assert from "node:assert/strict";
import { join } from "node:path";
import { SocketLinks } from "../../../src/daemon/front/socket_links.ts";
import { inFolder } from "../../cli/captured_context.ts";

async function targetOf(path: string): Promise<string | null> {
  return await Deno.readLink(path).catch(() => null);
}

Deno.test("links are made, kept, and gone at the end", async () => {
  await inFolder(async (folder) => {
    const links = new SocketLinks((why) => assert.fail(why));
    const [one, two] = [join(folder, "deep/one.sock"), join(folder, "two.sock")] as const;
    await links.add([{ path: one, name: "a" }, { path: two, name: "b" }], "/run/front");
    assert.deepEqual([await targetOf(one), await targetOf(two)], ["/run/front/a", "/run/front/b"]);
    await links.add([{ path: one, name: "a" }], "/run/other");
    links.retain([{ path: one, name: "a" }]);
    await links.add([], "/");
    assert.deepEqual([await targetOf(one), await targetOf(two)], ["/run/other/a", null]);
    await links.close();
    assert.equal(await targetOf(one), null);
  });
});

Deno.test("what is in a link's place is left alone, unless it is a link or a dead socket", async () => {
  await inFolder(async (folder) => {
    const problems: string[] = [];
    const links = new SocketLinks((why) => problems.push(why));
    const place = (name: string) => join(folder, name);
    await Deno.writeTextFile(place("file"), "mine");
    await Deno.symlink("/nowhere", place("link"));
    Deno.listen({ transport: "unix", path: place("dead") }).close();
    using live = Deno.listen({ transport: "unix", path: place("live") });
    const names = ["file", "link", "dead", "live"];
    await links.add(names.map((name) => ({ path: place(name), name })), "/run/front");
    assert.deepEqual(await Promise.all(names.map((name) => targetOf(place(name)))), [
      null,
      "/run/front/link",
      "/run/front/dead",
      null,
    ]);
    assert.match(problems[0] ?? "", /file is not a socket: move it away/);
    assert.match(problems[1] ?? "", /another program answers at .*live: see which with ss -lxp/);
    assert.equal(problems.length, 2);
    await links.close();
    assert.equal(await Deno.readTextFile(place("file")), "mine");
    assert.ok(live.addr);
  });
});
