/** What an engine starts with after a crash or a reboot in a probation, with real files. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { processContext } from "../../../src/cli/context.ts";
import {
  digestOf,
  PROBATION_FILE,
  recordText,
  writeBackCommand,
} from "../../../src/daemon/config/probation_record.ts";
import { loadAny } from "../../../src/daemon/config/load.ts";
import { loadToStart } from "../../../src/daemon/config/start.ts";
import { openStateFile } from "../../../src/daemon/files/state_file.ts";
import { exampleConfig, inFolder } from "../../cli/captured_context.ts";

/** A folder with a configuration of priority 120 that is on probation; the one before had 150. */
async function withProbation(
  act: (parts: { folder: string; path: string; record: string }) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    const earlier = exampleConfig(folder);
    const tried = earlier.replace("priority: 150", "priority: 120");
    await Deno.writeTextFile(path, tried, { mode: 0o600 });
    const store = await openStateFile(join(folder, "state"), PROBATION_FILE);
    const since = "2026-03-01T10:00:00.000Z";
    const until = "2026-03-01T10:01:00.000Z";
    const text = recordText({ path, earlier, tried: digestOf(tried), since, until });
    assert.equal(await store.write(text), null);
    await act({ folder, path, record: join(folder, "state", PROBATION_FILE) });
  });
}

async function priorityAt(
  path: string,
): Promise<{ priority: number; wentBack: string; ended: string }> {
  const { loaded, wentBack, probationEnded } = await loadToStart(path, processContext());
  assert.ok(loaded.ok);
  const [said, ended] = [wentBack?.message ?? "", probationEnded?.message ?? ""];
  return { priority: loaded.config.instances[0]!.priority, wentBack: said, ended };
}

Deno.test("a start in a probation goes back, as often as there is one, and says why", async () => {
  await withProbation(async ({ path, record }) => {
    for (let start = 0; start < 2; start++) {
      const { priority, wentBack, ended } = await priorityAt(path);
      assert.deepEqual([priority, ended], [150, ""]);
      assert.match(wentBack, /before the one in .*vipd\.yaml: it was on probation until 2026/);
    }
    assert.equal((await Deno.stat(record)).mode! & 0o777, 0o600);
    const { loaded } = await loadToStart(path, processContext());
    assert.match(loaded.text!, /priority: 150/, "a further reload begins from there");
  });
});

Deno.test("a file that somebody has edited counts, and the start says that it ends the probation", async () => {
  await withProbation(async ({ folder, path }) => {
    const tried = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, tried.replace("priority: 120", "priority: 110"));
    const { ended, ...edited } = await priorityAt(path);
    assert.deepEqual(edited, { priority: 110, wentBack: "" });
    assert.match(
      ended,
      /^vipd runs with .*vipd\.yaml as it is, although nobody kept it: somebody edit/,
    );
    await Deno.writeTextFile(path, exampleConfig(folder));
    const before = await priorityAt(path);
    assert.deepEqual([before.priority, before.wentBack], [150, ""]);
    assert.match(before.ended, /has what was in use before the probation again: nothing is on/);
  });
});

Deno.test("a half-written edit in a probation keeps no engine from starting: it goes back", async (t) => {
  const halves: Record<string, (text: string) => string> = {
    "a key that is not known": (text) => `${text}\nno_such_key: 1\n`,
    "a text that is cut off": (text) => `${text.slice(0, text.indexOf("instances:"))}instances: [`,
    "a quoted folder, and a word about it": (text) =>
      `${text.replace(/^state_dir: (.*)$/m, 'state_dir: "$1" # ours')}\nno_such_key: 1\n`,
  };
  for (const [name, half] of Object.entries(halves)) {
    await t.step(name, async () => {
      await withProbation(async ({ path, record }) => {
        await Deno.writeTextFile(path, half(await Deno.readTextFile(path)));
        for (let start = 0; start < 2; start++) {
          const { priority, wentBack, ended } = await priorityAt(path);
          assert.deepEqual([priority, ended], [150, ""]);
          assert.match(wentBack, /on probation until 2026.*, and somebody edited it; /);
          assert.match(wentBack, /that file is not valid: .*vipd\.yaml:\d/);
        }
        const { wentBack } = await loadToStart(path, processContext());
        assert.equal(wentBack!.isFileValid, false);
        assert.ok(await Deno.stat(record), "the remedy writes it back");
      });
    });
  }
});

Deno.test("a start without a record of a probation takes the file", async () => {
  await withProbation(async ({ path, record }) => {
    for (const kept of ["", "{", "null", "null\n", '{"version":2}', '{"version":2}\n']) {
      await Deno.writeTextFile(record, kept);
      assert.deepEqual(await priorityAt(path), { priority: 120, wentBack: "", ended: "" });
    }
    await Deno.remove(record);
    assert.deepEqual(await priorityAt(path), { priority: 120, wentBack: "", ended: "" });
  });
});

Deno.test("a shell writes back what vipd went back to, octet by octet", async () => {
  await withProbation(async ({ folder, path, record }) => {
    const file = join(folder, "the file's name");
    await Deno.copyFile(path, file);
    const command = writeBackCommand(record, file);
    const { success } = await new Deno.Command("sh", { args: ["-c", command] }).output();
    assert.ok(success);
    const written = await Deno.readTextFile(file);
    assert.equal(written, exampleConfig(folder));
    assert.notEqual(written, await Deno.readTextFile(path));
  });
});

Deno.test("a record of another file's probation says nothing of this one", async () => {
  await withProbation(async ({ folder, path }) => {
    const other = join(folder, "other.yaml");
    await Deno.copyFile(path, other);
    assert.deepEqual(await priorityAt(other), { priority: 120, wentBack: "", ended: "" });
  });
});

Deno.test("nobody else can write what vipd goes back to", async () => {
  await withProbation(async ({ folder, path }) => {
    await Deno.chmod(join(folder, "state"), 0o777);
    await assert.rejects(loadToStart(path, processContext()), /others could plant files in state/);
  });
});

Deno.test("better the configuration that nobody kept than none", async () => {
  await withProbation(async ({ path, record }) => {
    const [head] = (await Deno.readTextFile(record)).split("\n");
    await Deno.writeTextFile(record, `${head}\ninstances: 1\n`);
    const { loaded, wentBack } = await loadToStart(path, processContext());
    assert.ok(loaded.ok);
    assert.equal(wentBack, undefined);
    assert.ok(loaded.warnings.some(({ code }) => code === "wrong_type"), "it says why");
  });
});

Deno.test("the command that writes the earlier text back keeps a copy each time, and without a record it changes nothing", async () => {
  await withProbation(async ({ folder, path, record }) => {
    const run = async () =>
      await new Deno.Command("sh", { args: ["-c", writeBackCommand(record, path)] }).output();
    const copies = async () => {
      const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
      const texts = names.filter((name) => name.startsWith("vipd.yaml.before-"))
        .map((name) => Deno.readTextFile(join(folder, name)));
      return (await Promise.all(texts)).sort();
    };
    const tried = await Deno.readTextFile(path);
    await Deno.chmod(path, 0o640);
    assert.equal((await run()).code, 0);
    const earlier = await Deno.readTextFile(path);
    assert.match(earlier, /priority: 150/);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o640);
    assert.deepEqual(await copies(), [tried]);
    assert.equal((await run()).code, 0, "as long as the reload has not taken it");
    assert.deepEqual(await copies(), [tried, earlier].sort());
    await Deno.remove(record);
    await Deno.writeTextFile(path, tried);
    const { code, stderr } = await run();
    assert.notEqual(code, 0);
    assert.match(new TextDecoder().decode(stderr), /probation: No such file/);
    await Deno.writeTextFile(record, "");
    assert.notEqual((await run()).code, 0);
    assert.equal(await Deno.readTextFile(path), tried);
    assert.equal((await copies()).length, 2);
  });
});

Deno.test("an engine starts with a peer that is its own API, and a reload refuses it", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    const peers = `peers: [{ name: lb02, url: "unix:${folder}/api.sock" }]\n`;
    await Deno.writeTextFile(path, exampleConfig(folder) + peers, { mode: 0o600 });
    const { loaded } = await loadToStart(path, processContext());
    assert.ok(loaded.ok);
    assert.ok(
      loaded.warnings.some(({ code, key }) => code === "own_peer_url" && key === "peers[0].url"),
    );
    const reloaded = await loadAny(path, processContext());
    assert.ok(!reloaded.ok && reloaded.diagnostics.some(({ code }) => code === "own_peer_url"));
  });
});
