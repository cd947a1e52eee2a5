/** One command for several instances. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { EXIT } from "../../../src/exit.ts";
import type { CommandResult } from "../../../src/status/commands/commands.ts";
import { exampleInstance, exampleStatus, FakeBackend, TOKEN } from "../../front/fake_backend.ts";
import { capture, inFolder } from "../captured_context.ts";
import { FakeDaemonApi, withDaemonApi } from "../fake_daemon_api.ts";

/** Three instances, of which VI_1 and VI_3 move together. */
async function withThree(
  act: (backend: FakeBackend, options: readonly string[]) => Promise<void>,
): Promise<void> {
  await withDaemonApi(async (daemon: FakeDaemonApi) => {
    await inFolder(async (folder) => {
      const tokenFile = join(folder, "token");
      await Deno.writeTextFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
      daemon.backend.current = exampleStatus({
        instances: [
          exampleInstance({ name: "VI_1", sync_group: "web" }),
          exampleInstance({ name: "VI_2" }),
          exampleInstance({ name: "VI_3", sync_group: "web" }),
        ],
      });
      await act(daemon.backend, ["--api", daemon.api, "--token-file", tokenFile]);
    });
  });
}

Deno.test("each instance has a line, and a sync group is one command", async () => {
  await withThree(async (backend, options) => {
    const argv = ["demote", "--all", "--for", "2h", "--reason", "disk swap", ...options];
    const { code, out, err } = await capture(argv);
    assert.deepEqual([code, err], [EXIT.ok, ""]);
    assert.deepEqual(
      out.match(/^VI_\d: lb01 is /gm),
      ["VI_1", "VI_3", "VI_2"].map((name) => `${name}: lb01 is `),
    );
    const demote = { kind: "demote", forMs: 7_200_000, reason: "disk swap" } as const;
    // The commands are under way at once, so that either may come first.
    assert.deepEqual(
      new Set(backend.commands),
      new Set(["VI_1", "VI_2"].map((instance) => ({ instance, ...demote }))),
    );
  });
});

Deno.test("those that fail are named, the others are done, and the exit code is theirs", async () => {
  await withThree(async (backend, options) => {
    const refused: CommandResult = {
      ok: false,
      code: "no_other_master",
      message: "VI_1 stays master: nobody took over",
    };
    backend.outcomeOf = (name) => name === "VI_1" ? refused : null;
    const { code, out, err } = await capture(["demote", "VI_2", "web", ...options]);
    assert.equal(code, EXIT.refused);
    assert.match(out, /^VI_2: lb01 is .*\n$/);
    assert.equal(
      err,
      "vipd: VI_1 stays master: nobody took over\n" +
        "vipd: demote failed for 2 of 3 instances: VI_1, VI_3\n",
    );
    const json = await capture(["demote", "--all", "--json", ...options]);
    const results = JSON.parse(json.out);
    assert.equal(json.code, EXIT.refused);
    assert.deepEqual(
      results.map((
        { instance, moved }: { instance: string; moved: string[] },
      ) => [instance, moved]),
      [["VI_1", ["VI_1", "VI_3"]], ["VI_2", ["VI_2"]]],
    );
    assert.equal(results[0].error.code, "no_other_master");
    assert.equal(results[1].answer.instance.name, "VI_2");
  });
});

Deno.test("several commands are under way at once", async () => {
  await withThree(async (backend, options) => {
    let running = 0;
    let most = 0;
    backend.outcomeOf = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 50));
      running--;
      return null;
    };
    assert.equal((await capture(["release", "--all", ...options])).code, EXIT.ok);
    assert.equal(most, 2);
  });
});

Deno.test("several names are before the priority", async () => {
  await withThree(async (backend, options) => {
    const { code } = await capture(["priority", "VI_2", "VI_3", "77", ...options]);
    assert.equal(code, EXIT.ok);
    // The commands are under way at once, so that either may come first.
    assert.deepEqual(
      new Set(backend.commands),
      new Set(
        ["VI_2", "VI_3"].map((instance) => ({ kind: "set_priority", instance, priority: 77 })),
      ),
    );
  });
});
