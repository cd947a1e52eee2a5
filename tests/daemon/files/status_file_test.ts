import assert from "node:assert/strict";
import { join } from "node:path";
import { StatusFile } from "../../../src/daemon/files/status_file.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { FakeEngine } from "../../ipc/fake_engine.ts";

Deno.test("the status file has the whole status, follows what happens, and is gone at the end", async () => {
  await inFolder(async (folder) => {
    const engine = new FakeEngine();
    const file = new StatusFile(folder, engine);
    const path = join(folder, "status.json");
    const written = async () => {
      const text = await Deno.readTextFile(path).catch(() => null);
      return text === null ? null : JSON.parse(text);
    };
    const until = async (node: string) => {
      const endMs = performance.now() + 5000;
      for (let found = await written();; found = await written()) {
        if (found?.status.node === node) return found;
        assert.ok(performance.now() < endMs, `no status of ${node}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const first = await until("lb01");
    assert.deepEqual(first.status, JSON.parse(JSON.stringify(engine.status)));
    assert.ok(Math.abs(Date.parse(first.written_at) - Date.now()) < 60_000);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o644);
    engine.status = { ...engine.status, node: "lb09" };
    engine.journal.record("notice", "reloaded", "another name");
    await until("lb09");
    await file.close();
    engine.journal.record("notice", "stopped", "nobody writes any more");
    const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assert.deepEqual(left, []);
  });
});

Deno.test("the status file is written once a second at most, however much happens", async () => {
  await inFolder(async (folder) => {
    const engine = new FakeEngine();
    let written = 0;
    const parts = engine.statusParts.bind(engine);
    engine.statusParts = () => {
      written++;
      return parts();
    };
    const beganMs = performance.now();
    const file = new StatusFile(folder, engine);
    while (performance.now() - beganMs < 1300) {
      engine.journal.record("info", "check_changed", "something");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const most = 1 + (performance.now() - beganMs) / 1000;
    await file.close();
    assert.ok(written >= 2 && written <= most, `${written} times, not ${most}`);
  });
});
