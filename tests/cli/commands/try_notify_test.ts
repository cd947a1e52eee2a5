import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../src/exit.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";

Deno.test("a test notification goes to each target, and its outcome is reported", async () => {
  await inFolder(async (folder) => {
    const script = join(folder, "notify.sh");
    await Deno.writeTextFile(script, `#!/bin/sh\necho "$*" > ${folder}/told\n`, { mode: 0o755 });
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const config = `${exampleConfig(folder)}notify:
  - { type: exec, name: script, command: [${script}] }
  - { type: webhook, name: hook, url: "http://127.0.0.1:${port}/s3cr3t" }
`;
    const path = join(folder, "vipd.yaml");
    await Deno.writeTextFile(path, config);
    const all = await capture(["notify-test", "--config", path]);
    assert.equal(all.code, EXIT.failure);
    assert.match(all.out, /^script \(exec\): delivered$/m);
    assert.match(
      all.out,
      new RegExp(`^hook \\(webhook\\): not delivered: 127\\.0\\.0\\.1:${port}: `, "m"),
    );
    assert.ok(!all.out.includes("s3cr3t"));
    assert.equal(await Deno.readTextFile(join(folder, "told")), "NODE lb01 TEST 0\n");
    const one = await capture(["notify-test", "script", "--config", path]);
    assert.deepEqual([one.code, one.out], [EXIT.ok, "script (exec): delivered\n"]);
    const unknown = await capture(["notify-test", "scirpt", "--config", path]);
    assert.equal(unknown.code, EXIT.usage);
    assert.match(unknown.err, /there is no target "scirpt"; there is: script, hook/);
  });
});

Deno.test("without anybody to notify that is said", async () => {
  await inFolder(async (folder) => {
    const { code, err } = await capture(["notify-test", "--config", "-"], {
      stdin: exampleConfig(folder),
    });
    assert.equal(code, EXIT.failure);
    assert.match(err, /`notify` is empty/);
  });
});
