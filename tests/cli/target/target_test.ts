import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../src/exit.ts";
import { engineIn } from "../../daemon/engine_sign.ts";
import { FakeFront } from "../../daemon/fake_front.ts";
import { exampleStatus } from "../../front/fake_backend.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

/** A configuration that listens there; returns the options that name it. */
async function configOf(folder: string, listen: string): Promise<string[]> {
  const path = join(folder, "vipd.yaml");
  await Deno.writeTextFile(path, exampleConfig(folder, listen));
  return ["--config", path];
}

Deno.test("the vipd of this machine is asked over the socket in its run directory, whatever api.listen says", async (t) => {
  await withDaemonApi(async (elsewhere) => {
    elsewhere.backend.current = exampleStatus({ node: "elsewhere" });
    const listens = [
      ["loopback", () => elsewhere.api.replace("http://", "")],
      ["nothing listens there", () => "127.0.0.1:1"],
      ["the socket itself", (folder: string) => `unix:${folder}/api.sock`],
      ["another socket", (folder: string) => `unix:${folder}/other.sock`],
    ] as const;
    for (const [name, listen] of listens) {
      await t.step(name, async () => {
        await inFolder(async (folder) => {
          await using _front = new FakeFront(folder);
          const options = await configOf(folder, listen(folder));
          const { code, out, err } = await capture(["status", "--json", ...options]);
          assert.deepEqual([code, err], [EXIT.ok, ""]);
          assert.equal(JSON.parse(out).node, "lb01");
        });
      });
    }
  });
});

Deno.test("vipd 0.1.0, without that socket, is asked where api.listen says", async () => {
  await withDaemonApi(async ({ api }) => {
    await inFolder(async (folder) => {
      const options = await configOf(folder, api.replace("http://", ""));
      const { code, err } = await capture(["status", ...options]);
      assert.deepEqual([code, err], [EXIT.ok, ""]);
    });
  });
});

Deno.test("vipd 0.1.0 whose api.listen was changed is asked where it listens still", async () => {
  await inFolder(async (folder) => {
    await using front = new FakeFront(folder, "before.sock");
    await Deno.writeTextFile(join(folder, "api"), `unix:${front.path}\n`);
    const options = await configOf(folder, `unix:${folder}/after.sock`);
    const { code, err } = await capture(["status", ...options]);
    assert.equal(code, EXIT.ok);
    assert.match(err, /^vipd: nobody listens on unix:\S+after\.sock yet; .* unix:\S+before\.sock/);
  });
});

Deno.test("another program that listens where api.listen says is not asked in place of a front that is gone", async () => {
  await withDaemonApi(async (other) => {
    other.backend.current = exampleStatus({ node: "other" });
    await inFolder(async (folder) => {
      const engine = await engineIn(folder);
      try {
        const file = { written_at: new Date().toISOString(), status: exampleStatus() };
        await Deno.writeTextFile(join(folder, "status.json"), JSON.stringify(file));
        const options = await configOf(folder, other.api.replace("http://", ""));
        const { out } = await capture(["status", ...options]);
        assert.match(out, /^! not live, .*\nlb01 {2}vipd/);
        const ordered = await capture(["promote", ...options]);
        assert.equal(ordered.code, EXIT.unreachable);
        assert.deepEqual(other.backend.commands, []);
      } finally {
        await engine.release();
      }
    });
  });
});
