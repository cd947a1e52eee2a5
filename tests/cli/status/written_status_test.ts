import assert from "node:assert/strict";
import { join } from "node:path";
import { Problem, problemResponse } from "../../../src/api/problem.ts";
import { EXIT } from "../../../src/exit.ts";
import { engineIn } from "../../daemon/engine_sign.ts";
import { FakeFront, statusOfOneProcess } from "../../daemon/fake_front.ts";
import { exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import type { AlarmStatus } from "../../../src/status/status.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";

const STATUS = exampleStatus({ peers: [examplePeer()] });

interface Scene {
  readonly folder: string;
  /** Options that lead to the vipd of the folder. */
  readonly options: string[];
}

/** The run directory of a vipd whose engine wrote its status so long ago. */
async function withStatusFile(
  { agoMs = 4000, locked = true, hangs = false, child = false, status = STATUS }: {
    readonly agoMs?: number;
    readonly locked?: boolean;
    /** The engine gives no sign of life. */
    readonly hangs?: boolean;
    /** The engine has started the front itself. */
    readonly child?: boolean;
    readonly status?: unknown;
  },
  act: (scene: Scene) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const engine = locked ? await engineIn(folder, hangs) : null;
    if (child) await Deno.mkdir(join(folder, "front"));
    try {
      const config = join(folder, "vipd.yaml");
      await Deno.writeTextFile(config, exampleConfig(folder, "127.0.0.1:1"));
      await Deno.writeTextFile(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
      const written_at = new Date(Date.now() - agoMs).toISOString();
      await Deno.writeTextFile(
        join(folder, "status.json"),
        JSON.stringify({ written_at, status }),
      );
      await act({ folder, options: ["--config", config] });
    } finally {
      await engine?.release();
    }
  });
}

const API_DOWN: AlarmStatus = {
  ...{ code: "api_down", severity: "warning", subject: null },
  ...{ message: "the API does not answer", hint: "see the log", since: STATUS.started_at },
};

const MASTER = /^VI_1 {2}MASTER {2}eth1, VRID 55/m;

Deno.test("while the API is down, vipd status shows what the engine wrote last, and its age", async (t) => {
  await withStatusFile({}, async ({ options }) => {
    await t.step("as text", async () => {
      const { code, out, err } = await capture(["status", ...options]);
      assert.deepEqual([code, err], [EXIT.ok, ""]);
      assert.match(
        out,
        /^! not live, [4-9] s old: the API does not answer \(nobody listens there\), vipd itself runs; see (systemctl status|the log of) vipd.front\nlb01 /,
      );
      assert.match(out, MASTER);
    });
    await t.step("compared with its peers", async () => {
      const { code, out } = await capture(["status", "--all", ...options]);
      assert.equal(code, EXIT.ok);
      assert.match(out, /^VI_1 {2}MASTER[^]*^ {2}state .* MASTER /m);
    });
    await t.step("as JSON, with the age on standard error", async () => {
      const { code, out, err } = await capture(["status", "--json", ...options]);
      assert.equal(code, EXIT.ok);
      assert.deepEqual(JSON.parse(out), STATUS);
      assert.match(err, /^vipd: not live, \d s old: the API does not answer/);
    });
  });
});

Deno.test("a status of an engine that does not run any more is shown and ends with 5", async (t) => {
  for (
    const [name, scene, want] of [
      [
        "nobody has the lock",
        { locked: false },
        /^! not live, [4-9] s old: vipd does not run \(.*\); see (systemctl status vipd|the log of vipd run)$/m,
      ],
      [
        "the engine hangs",
        { hangs: true },
        /^! not live, [4-9] s old: vipd does not answer \(.*\): it hangs or is stopped; see (systemctl status vipd|the log of vipd run)$/m,
      ],
      [
        "the engine has not written for long",
        { agoMs: 16_000 },
        /^! not live, \d\d s old: vipd does not answer \(.*\): it hangs or is stopped/m,
      ],
      [
        "the clock was set back by far",
        { agoMs: -3_600_000 },
        /^! not live, 0 s old: vipd does not answer/m,
      ],
    ] as const
  ) {
    await t.step(name, async () => {
      await withStatusFile(scene, async ({ options }) => {
        const { code, out } = await capture(["status", ...options]);
        assert.equal(code, EXIT.unreachable);
        assert.match(out, want);
        assert.match(out, /^VI_1 {2}was MASTER {2}eth1, VRID 55/m);
        // This machine has none of the example's addresses.
        assert.match(out, /^ {2}address .*: not held$/m);
        assert.doesNotMatch(out, /: held|no alarms|master without/);
      });
    });
  }
});

Deno.test("the addresses of an engine that hangs are those that the kernel has", async () => {
  const { addresses: [address], ...instance } = STATUS.instances[0]!;
  const local = { ...address!, address: "127.0.0.1", held: false };
  const status = { ...STATUS, instances: [{ ...instance, addresses: [address!, local] }] };
  await withStatusFile({ hangs: true, status }, async ({ options }) => {
    const { code, out } = await capture(["status", "--json", ...options]);
    assert.equal(code, EXIT.unreachable);
    const held = JSON.parse(out).instances[0].addresses.map((each: { held: boolean }) => each.held);
    assert.deepEqual(held, [false, true]);
  });
});

Deno.test("a front that the engine has started itself has no unit to look at", async () => {
  await withStatusFile({ child: true }, async ({ options }) => {
    const { out } = await capture(["status", ...options]);
    assert.match(out, /vipd itself runs; see .* vipd( run)?, which starts the front itself$/m);
    const { err } = await capture(["promote", ...options]);
    assert.match(err, /its API is down: see .* vipd( run)?, which starts the front itself, and/);
    assert.doesNotMatch(out + err, /status vipd-front/);
  });
});

Deno.test("a file that holds no status is none", async (t) => {
  for (
    const [name, text] of [
      ["cut off", '{ "written_at": "2026-'],
      ["of another kind", '{ "written_at": "2026-03-01T10:00:00.000Z", "status": {} }'],
      ["without its time", JSON.stringify({ status: STATUS })],
      ["null", "null"],
    ] as const
  ) {
    await t.step(name, async () => {
      await withStatusFile({}, async ({ folder, options }) => {
        await Deno.writeTextFile(join(folder, "status.json"), text);
        const { code, out, err } = await capture(["status", ...options]);
        assert.deepEqual([code, out], [EXIT.unreachable, ""]);
        assert.match(err, /cannot reach vipd/);
      });
    });
  }
});

Deno.test("an API that takes the question and does not answer is given a second", async () => {
  await withStatusFile({}, async ({ folder, options }) => {
    await using front = new FakeFront(folder);
    front.readFate = "hang";
    const startedMs = performance.now();
    const { code, out } = await capture(["status", ...options]);
    assert.equal(code, EXIT.ok);
    assert.match(out, /^! not live, .*the API does not answer \(no answer within 1 s\)/);
    assert.ok(performance.now() - startedMs >= 1000);
  });
});

Deno.test("an API that answers is what counts, and the file is not shown", async () => {
  await withStatusFile({ status: statusOfOneProcess() }, async ({ folder, options }) => {
    await using front = new FakeFront(folder);
    const { code, out, err } = await capture(["status", "--json", ...options]);
    assert.deepEqual([code, err], [EXIT.ok, ""]);
    assert.deepEqual(JSON.parse(out), front.backend.current);
  });
});

Deno.test("a front without its engine says so, and what the engine wrote counts while it has its lock", async (t) => {
  const gone = new Problem("engine_unreachable", "the engine does not answer");
  for (
    const [name, locked, hangs, code, want] of [
      ["the engine has ended", false, false, EXIT.unreachable, /^$/],
      ["the engine runs", true, false, EXIT.ok, /\(the engine does not answer\), vipd itself runs/],
      ["the engine hangs", true, true, EXIT.unreachable, /: it hangs or is stopped/],
    ] as const
  ) {
    await t.step(name, async () => {
      await withStatusFile({ locked, hangs }, async ({ folder, options }) => {
        await using front = new FakeFront(folder);
        front.readFate = problemResponse(gone, "/v1/status");
        const result = await capture(["status", ...options]);
        assert.equal(result.code, code);
        assert.match(result.out, want);
        assert.equal(result.err, locked ? "" : "vipd: the engine does not answer\n");
      });
    });
  }
});

Deno.test("a command says that the API is down and what to look at", async () => {
  const { engine, front } = STATUS.processes;
  const down = { ...front, state: "down", problem: "127.0.0.1:9112 is in use" } as const;
  const status = exampleStatus({ processes: { engine, front: down }, alarms: [API_DOWN] });
  await withStatusFile({ status }, async ({ options }) => {
    for (const command of ["promote", "release", "reload", "events"]) {
      const { code, out, err } = await capture([command, ...options]);
      assert.deepEqual([code, out], [EXIT.unreachable, ""]);
      assert.match(
        err,
        /its API is down \(127\.0\.0\.1:9112 is in use\): see .* vipd.front, and vipd status/,
        command,
      );
    }
  });
});

Deno.test("another node's status is not taken from this one's run directory", async () => {
  await withStatusFile({}, async ({ folder, options }) => {
    const other = ["--api", `unix:${folder}/other.sock`];
    const { code, out } = await capture(["status", ...options, ...other]);
    assert.deepEqual([code, out], [EXIT.unreachable, ""]);
    const own = ["--api", `unix:${folder}/api.sock`];
    assert.equal((await capture(["status", ...options, ...own])).code, EXIT.ok);
  });
});

Deno.test("a support bundle has what the engine wrote last", async () => {
  await withStatusFile({}, async ({ options }) => {
    const { code, out } = await capture(["support-bundle", "--output", "-", ...options]);
    assert.equal(code, EXIT.ok);
    const { status, kept_status } = JSON.parse(out);
    assert.match(status.error, /its API is down/);
    assert.deepEqual(kept_status.status, STATUS);
    assert.equal(kept_status.engineRuns, true);
  });
});

Deno.test("a status by vipd 0.1.0 is shown as before", async () => {
  await inFolder(async (folder) => {
    await using front = new FakeFront(folder);
    front.backend.current = statusOfOneProcess();
    const { code, out } = await capture(["status", "--api", `unix:${front.path}`]);
    assert.equal(code, EXIT.ok);
    assert.match(out, /^lb01 {2}vipd 0\.1\.0, up 8 min, no alarms\n\nVI_1/);
  });
});
