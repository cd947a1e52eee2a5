/** `vipd maintenance --end`: what it prints, and the options that it takes. */

import assert from "node:assert/strict";
import { EXIT } from "../../../src/exit.ts";
import { exampleInstance, exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import { capture, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

const DEMOTED = {
  ...{ kind: "demoted", priority: 150 } as const,
  ...{ since: "2026-03-01T10:00:00.000Z", until: null },
};

/** The answer of `vipd maintenance --end --json` on a node with these demoted instances; `kept` is demoted again. */
async function ended(names: readonly string[], kept?: string) {
  const answers: unknown[] = [];
  await withDaemonApi((daemon) =>
    inFolder(async (folder) => {
      const file = `${folder}/token`;
      await Deno.writeTextFile(file, `${TOKEN}\n`, { mode: 0o600 });
      const released = new Set<string>();
      const show = () => {
        daemon.backend.current = exampleStatus({
          instances: ["VI_1", "VI_2"].map((name) => {
            const isDemoted = names.includes(name) && !released.has(name);
            return exampleInstance({ name, override: isDemoted ? DEMOTED : null });
          }),
        });
      };
      show();
      daemon.backend.outcomeOf = (name) => {
        if (name !== kept) released.add(name);
        show();
        daemon.backend.journal.record("notice", "order_given", `${name}: released`, name);
        return null;
      };
      const line = ["maintenance", "--end", "--json", "--api", daemon.api, "--token-file", file];
      const { code, out, err } = await capture(line);
      assert.deepEqual([code, err], [EXIT.ok, ""]);
      answers.push(JSON.parse(out));
    })
  );
  return answers[0] as { readonly node: string; readonly ended: string[]; readonly said: string[] };
}

for (const names of [[], ["VI_1"], ["VI_1", "VI_2"]]) {
  Deno.test(`the end of a maintenance is one object for a program: ${names.length} instances`, async () => {
    const answer = await ended(names);
    assert.deepEqual(Object.keys(answer), ["node", "ended", "said"]);
    assert.deepEqual([answer.node, answer.ended], ["lb01", names]);
    assert.equal(answer.said.length, Math.max(1, names.length));
  });
}

Deno.test("an instance that is demoted afterwards is not named as released", async () => {
  assert.deepEqual((await ended(["VI_1", "VI_2"], "VI_2")).ended, ["VI_1"]);
});

Deno.test("the end takes no option that is of the beginning", async () => {
  for (const option of ["--for 10m", "--wait 10s", "--unless-worse"]) {
    const { code, err } = await capture(["maintenance", "--end", ...option.split(" ")]);
    assert.equal(code, EXIT.usage);
    assert.match(err, /--end takes no --for, --wait or --unless-worse/);
  }
});
