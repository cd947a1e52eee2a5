/** `vipd reload` with its options, and `vipd maintenance`, against the API of a fake load balancer. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { ConfigChange } from "../../../src/config/changes.ts";
import { EXIT } from "../../../src/exit.ts";
import { STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import type { ReloadedInstance } from "../../../src/status/commands/reloading.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";
import { exampleInstance, exampleStatus, RELOADED, TOKEN } from "../../front/fake_backend.ts";
import { capture, inFolder } from "../captured_context.ts";
import { type FakeDaemonApi, withDaemonApi } from "../fake_daemon_api.ts";

/** Runs a command against a fake daemon, with its token. */
async function withDaemon(
  act: (
    daemon: FakeDaemonApi,
    run: (...argv: string[]) => ReturnType<typeof capture>,
  ) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "token");
    await Deno.writeTextFile(file, TOKEN, { mode: 0o600 });
    await withDaemonApi(async (daemon) => {
      const to = ["--api", daemon.api, "--token-file", file];
      await act(daemon, (...argv) => capture([...argv, ...to]));
    });
  });
}

const PROBATION = { since: "2026-03-01T10:00:00.000Z", until: "2026-03-01T10:01:00.000Z" };

Deno.test("a reload asks for what was said, and shows first verdicts and probation", async () => {
  await withDaemon(async ({ backend }, run) => {
    assert.ok(RELOADED.ok);
    backend.reloaded = {
      ...RELOADED,
      verdicts: {
        checks: [{ name: "site", state: "down", detail: "connection refused" }],
        instances: [
          { name: "VI_1", state: "fault", faults: ["check site is down"] },
          { name: "VI_2", state: "master", handing_over: true, faults: ["check site is down"] },
        ],
      },
      probation: PROBATION,
    };
    const { code, out } = await run("reload", "--confirm", "60s", "--force");
    assert.equal(code, EXIT.ok);
    assert.match(
      out,
      /\ncheck site: down: connection refused\nVI_1: FAULT, check site is down\nVI_2: MASTER, handing over, check site is down\n/,
    );
    assert.match(out, /\non probation until 2026-03-01 10:01:00: vipd reload --keep keeps/);
    await run("reload");
    assert.deepEqual(backend.reloads, [{ confirmMs: 60_000, force: true }, {}]);
  });
});

Deno.test("a reload says which instances end and begin, and that addresses are away meanwhile", async (t) => {
  const whole = (name: string, change: string) => ({
    subject: `instance ${name}`,
    key: "",
    change,
  });
  const leaving: ReloadedInstance = {
    ...{ name: "VI_1", state: "master", handing_over: true, faults: [] },
  };
  const other = (name: string): ReloadedInstance => ({ name, state: "backup", faults: [] });
  const cases: Record<string, [ConfigChange[], ReloadedInstance[], string[]]> = {
    "another name": [
      [whole("VI_9", "added"), whole("VI_1", "removed")],
      [leaving],
      [
        "VI_1: MASTER, handing over, ends",
        "VI_9: begins",
        "the addresses of VI_1 are away until another node or VI_9 here is master",
      ],
    ],
    "another VRID": [
      [{ subject: "instance VI_1", key: "vrid", change: "55 -> 56" }],
      [leaving],
      [
        "VI_1: MASTER, handing over, begins as another virtual router",
        "the addresses of VI_1 are away until another node or VI_1 here is master",
      ],
    ],
    "one less, which is gone": [
      [whole("VI_1", "removed")],
      [other("VI_2")],
      ["VI_2: BACKUP", "VI_1: ended"],
    ],
    "one less of many, and one that is there": [
      [whole("VI_5", "added"), whole("VI_1", "removed")],
      [leaving, other("VI_2"), other("VI_3"), other("VI_4"), other("VI_5")],
      [
        "VI_1: MASTER, handing over, ends",
        "VI_5: BACKUP, begins",
        "the addresses of VI_1 are away until another node or VI_5 here is master",
        "3 instances without a fault",
      ],
    ],
    "the priority": [
      [{ subject: "instance VI_1", key: "priority", change: "150 -> 100" }],
      [leaving],
      ["VI_1: MASTER, handing over"],
    ],
  };
  for (const [name, [changes, instances, lines]] of Object.entries(cases)) {
    await t.step(name, async () => {
      await withDaemon(async ({ backend }, run) => {
        assert.ok(RELOADED.ok);
        backend.reloaded = { ...RELOADED, changes, verdicts: { checks: [], instances } };
        const { out } = await run("reload");
        assert.deepEqual(out.trimEnd().split("\n").slice(changes.length + 1), lines);
      });
    });
  }
});

Deno.test("an older vipd that knows no probation is not taken for one that does", async () => {
  await withDaemon(async (_, run) => {
    const { code, err } = await run("reload", "--confirm", "60s");
    assert.equal(code, EXIT.failure);
    assert.match(err, /knows no probation: the configuration is in force for good/);
  });
});

Deno.test("a configuration that leaves nobody is refused, and not called invalid", async () => {
  await withDaemon(async ({ backend }, run) => {
    const place = { file: "vipd.yaml", line: null, column: null, key: null, excerpt: null };
    const problem = { severity: "error", code: "leaves_nobody", message: "m", hint: "h" } as const;
    backend.reloaded = { ok: false, diagnostics: [{ ...place, ...problem }] };
    assert.equal((await run("reload")).code, EXIT.refused);
  });
});

Deno.test("--keep keeps, or says why not, and stands alone", async () => {
  await withDaemon(async ({ backend }, run) => {
    assert.equal(
      (await run("reload", "--keep")).out,
      "the configuration is kept: its probation is over\n",
    );
    assert.deepEqual(backend.reloads, []);
    backend.kept = { ok: false, message: "nothing is on probation" };
    const { code, err } = await run("reload", "--keep");
    assert.deepEqual([code, err], [EXIT.refused, "vipd: nothing is on probation\n"]);
    for (const more of [["--confirm", "60s"], ["--force"]]) {
      assert.equal((await run("reload", "--keep", ...more)).code, EXIT.usage);
    }
    assert.equal((await run("reload", "--confirm", "soon")).code, EXIT.usage);
  });
});

const DEMOTED: Partial<InstanceStatus> = {
  state: "backup",
  master: { address: "192.168.31.12", priority: 80 },
  override: { kind: "demoted", priority: 1, since: "2026-03-01T10:00:00.000Z", until: null },
};

Deno.test("maintenance demotes all, and says that it is safe once another node serves", async () => {
  await withDaemon(async ({ backend }, run) => {
    backend.current = exampleStatus({ instances: [exampleInstance(DEMOTED)] });
    const { code, out } = await run("maintenance", "--for", "2h");
    assert.equal(code, EXIT.ok);
    assert.match(
      out,
      /safe to reboot: 192\.168\.31\.12 serves VI_1; what its nginx serves is not known; lb01 stays demoted, also after/,
    );
    assert.deepEqual(backend.commands.map(({ kind }) => kind), ["demote"]);
    const { said, ...json } = JSON.parse((await run("maintenance", "--for", "2h", "--json")).out);
    assert.deepEqual(said, out.trimEnd().split("\n"), "it has all that the text says");
    assert.deepEqual(json, {
      ...{ safe: true, node: "lb01", for: "2h" },
      instances: [{
        name: "VI_1",
        waits: null,
        unrehearsed: "what its nginx serves is not known",
        served_by: "192.168.31.12",
      }],
    });
    backend.current = exampleStatus({ instances: [] });
    // Every entry makes a new status.
    backend.journal.record("notice", "state_changed", "VI_1: backup -> init", "VI_1");
    const nothing = JSON.parse((await run("maintenance", "--json")).out);
    assert.deepEqual(nothing, {
      ...{ safe: true, node: "lb01", for: null, instances: [] },
      said: ["safe to reboot: lb01 has no instance"],
    });
  });
});

Deno.test("maintenance is not safe while this node serves, or if it cannot hand over", async () => {
  await withDaemon(async ({ backend }, run) => {
    const late = await run("maintenance", "--wait", "1ms");
    assert.equal(late.code, EXIT.refused);
    assert.match(late.out, /^not safe to reboot: VI_1: this node is still master/m);
    backend.outcome = { ok: false, code: "no_other_master", message: "VI_1 stays master" };
    const refused = await run("maintenance");
    assert.equal(refused.code, EXIT.refused);
  });
});

Deno.test("the end of a maintenance releases what is demoted, and nothing else", async () => {
  await withDaemon(async ({ backend }, run) => {
    assert.match((await run("maintenance", "--end")).out, /^nothing to end: no instance of lb01/);
    backend.current = exampleStatus({ instances: [exampleInstance(DEMOTED)] });
    // Every entry makes a new status.
    backend.journal.record("notice", "state_changed", "VI_1: master -> backup", "VI_1");
    assert.equal((await run("maintenance", "--end")).code, EXIT.ok);
    assert.deepEqual(backend.commands.map(({ kind }) => kind), ["release"]);
  });
});

Deno.test("maintenance with --unless-worse demotes nothing if the other node would serve less", async () => {
  await withDaemon(async ({ backend }, run) => {
    const reason = {
      code: "rehearsal_failed" as const,
      ...{ node: "lb02", message: "lb02 would serve 1 of 2 names", hint: "see its nginx" },
    };
    const [peer] = structuredClone(STATUS_EXAMPLE.peers);
    backend.current = exampleStatus({ peers: [{ ...peer!, rehearsal: [reason] }] });
    const { code, err } = await run("maintenance", "--unless-worse", "--wait", "1ms");
    assert.equal(code, EXIT.refused);
    assert.match(err, /lb02 would serve 1 of 2 names/);
    assert.deepEqual(backend.commands, []);
  });
});
