import assert from "node:assert/strict";
import type { ExecNotifyConfig } from "../../src/config/notify_model.ts";
import { execTarget } from "../../src/notify/exec.ts";
import { event } from "./support.ts";

const ALIVE = new AbortController().signal;

async function withScript(
  script: string,
  test: (config: ExecNotifyConfig, output: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/notify.sh`;
  await Deno.writeTextFile(path, `#!/bin/sh\nout=${folder}/out\n${script}\n`, { mode: 0o755 });
  const config: ExecNotifyConfig = {
    name: "script",
    type: "exec",
    on: ["master"],
    command: [path, "mine"],
    timeoutMs: 5000,
    appendArguments: true,
  };
  try {
    await test(config, () => Deno.readTextFile(`${folder}/out`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a script gets keepalived's arguments after its own", async () => {
  await withScript('echo "$*" >> "$out"', async (config, output) => {
    const target = execTarget(config);
    assert.deepEqual(await target.deliver([event(1)], ALIVE), { ok: true });
    const group = { ...event(2, "fault", "SG"), scope: "group" as const, priority: 0 };
    await target.deliver([group], ALIVE);
    await execTarget({ ...config, appendArguments: false }).deliver([event(3)], ALIVE);
    assert.equal(await output(), "mine INSTANCE VI_1 MASTER 150\nmine GROUP SG FAULT 0\nmine\n");
  });
});

Deno.test("a script finds what happened in its environment", async () => {
  const script =
    'printf "%s|%s|%s|%s|%s" "$VIPD_EVENT" "$VIPD_NAME" "$VIPD_MESSAGE" "$PATH" "$HOME"';
  await withScript(`${script} > "$out"`, async (config, output) => {
    await execTarget(config).deliver([event(1)], ALIVE);
    const [kind, name, message, path, home] = (await output()).split("|");
    assert.deepEqual([kind, name, message, home], [
      "master",
      "VI_1",
      "VI_1: backup -> master: as a test",
      "",
    ]);
    assert.match(path!, /^\/usr\/local\/sbin:/);
  });
});

Deno.test("the outcome of a script is reported as it is", async (t) => {
  const cases = [
    { script: "echo oops >&2; exit 3", why: /^exit code 3: oops$/, unheard: false },
    { script: "kill -9 $$", why: /^killed by SIGKILL$/, unheard: true },
    {
      script: "trap '' TERM; sleep 60",
      why: /^not finished within 200 ms, killed$/,
      unheard: true,
    },
  ];
  for (const { script, why, unheard } of cases) {
    await t.step(script, async () => {
      await withScript(script, async (config) => {
        const delivery = await execTarget({ ...config, timeoutMs: 200 }).deliver([event(1)], ALIVE);
        assert.ok(!delivery.ok);
        assert.match(delivery.why, why);
        assert.deepEqual([delivery.retry, delivery.unheard], [false, unheard]);
      });
    });
  }
  await t.step("a script that others can change", async () => {
    await withScript('echo run > "$out"', async (config, output) => {
      await Deno.chmod(config.command[0], 0o777);
      const delivery = await execTarget(config).deliver([event(1)], ALIVE);
      assert.ok(!delivery.ok && delivery.unheard);
      assert.match(delivery.why, /every user can write/);
      await assert.rejects(output(), Deno.errors.NotFound);
    });
  });
});

Deno.test("what a script starts goes on after it", async () => {
  await withScript('(sleep 0.2; echo later > "$out") >/dev/null 2>&1 &', async (config, output) => {
    assert.deepEqual(await execTarget(config).deliver([event(1)], ALIVE), { ok: true });
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(await output(), "later\n");
  });
});
