import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { ApiClient } from "../../../src/api/client.ts";
import { DaemonUnreachableError } from "../../../src/api/client_errors.ts";
import { Problem, problemResponse } from "../../../src/api/problem.ts";
import { EXIT } from "../../../src/exit.ts";
import { noProcesses } from "../../../src/status/status.ts";
import { engineIn } from "../../daemon/engine_sign.ts";
import { FakeFront, type Fate, statusOfOneProcess } from "../../daemon/fake_front.ts";
import { exampleStatus, TOKEN } from "../../front/fake_backend.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";

/** Gives `act` a fake front and a command line that leads to it. */
async function withFront(
  act: (front: FakeFront, options: string[]) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    await using front = new FakeFront(folder);
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, exampleConfig(folder));
    await Deno.writeTextFile(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
    await act(front, ["--config", config]);
  });
}

const away = () =>
  problemResponse(new Problem("engine_unreachable", "the engine does not answer"), "/");

const DONE = /^VI_1: lb01 is master now, 612 ms/;
const ORDERS: readonly (readonly [argv: string[], said: RegExp, orders: number])[] = [
  [["promote"], DONE, 1],
  [["demote"], DONE, 1],
  [["release"], /^VI_1: nothing to release/, 1],
  [["priority", "120"], /^VI_1: priority 90/, 1],
  [["priority", "--reset"], /^VI_1: priority 90/, 1],
  [["reload"], /^instance VI_1: priority: 150 -> 120/, 0],
];

for (const [argv, said, orders] of ORDERS) {
  Deno.test(`${argv.join(" ")} learns what came of it when the front dies before the answer`, async () => {
    await withFront(async (front, options) => {
      front.fates.push("break after", "break before");
      const { code, out, err } = await capture([...argv, ...options]);
      assert.deepEqual([code, err], [EXIT.ok, ""]);
      assert.match(out, said);
      assert.equal(front.ids.length, 3);
      assert.equal(new Set(front.ids).size, 1, "all of them are one command");
      assert.equal(front.backend.commands.length, orders, "it is carried out once");
    });
  });
}

Deno.test("a question whose connection is cut is asked again, and one that nobody hears is not", async () => {
  await withFront(async (front, options) => {
    front.readFate = "break before";
    setTimeout(() => front.readFate = "answer", 300);
    const { code, err } = await capture(["demote", ...options]);
    assert.deepEqual([code, err], [EXIT.ok, ""]);
    assert.equal(front.backend.commands.length, 1);
  });
});

Deno.test("reload sends no command to a front that does not answer its question", async () => {
  await withFront(async (front, options) => {
    front.readFate = "hang";
    const { code } = await capture(["reload", ...options]);
    assert.equal(code, EXIT.unreachable);
    assert.deepEqual(front.ids, []);
  });
});

Deno.test("two commands have two ids", async () => {
  await withFront(async (front, options) => {
    await capture(["promote", ...options]);
    await capture(["promote", ...options]);
    assert.equal(new Set(front.ids).size, 2);
  });
});

Deno.test("a command that no engine answers is sent again", async () => {
  await withFront(async (front, options) => {
    front.fates.push(away(), away());
    const result = await capture(["promote", ...options]);
    assert.equal(result.code, EXIT.ok, result.err);
    assert.equal(front.ids.length, 3);
  });
});

Deno.test("a command waits for a front that is started again", async () => {
  await withFront(async (front, options) => {
    front.fates.push("hang");
    const ordered = capture(["promote", ...options]);
    await Promise.race([front.ordered, ordered]);
    await front.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    front.start();
    const { code, out } = await ordered;
    assert.equal(code, EXIT.ok);
    assert.match(out, DONE);
  });
});

Deno.test("a command that is given while the front is started again waits for it, if the engine runs", async () => {
  await withFront(async (front, options) => {
    const folder = dirname(front.path);
    const given = async () => {
      await front.stop();
      const given = capture(["promote", ...options]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      front.start();
      return await given;
    };
    assert.equal((await given()).code, EXIT.unreachable, "nothing is known to come back");
    const file = { written_at: new Date().toISOString(), status: exampleStatus() };
    await Deno.writeTextFile(join(folder, "status.json"), JSON.stringify(file));
    const engine = await engineIn(folder);
    try {
      const { code, out, err } = await given();
      assert.deepEqual([code, err], [EXIT.ok, ""]);
      assert.match(out, DONE);
      assert.equal(front.ids.length, 1);
    } finally {
      await engine.release();
    }
  });
});

Deno.test("an engine that was started again since is not asked: it would carry the command out again", async () => {
  await withFront(async (front, options) => {
    const { engine, front: own } = exampleStatus().processes;
    front.fates.push("break after");
    const ordered = capture(["promote", ...options]);
    await Promise.race([front.ordered, ordered]);
    const later = { ...engine, started_at: "2026-03-01T10:04:00.000Z" };
    front.backend.current = exampleStatus({ processes: { engine: later, front: own } });
    const { code, err } = await ordered;
    assert.equal(code, EXIT.unreachable);
    assert.match(err, /vipd was started again before it answered: vipd status shows/);
    assert.equal(front.ids.length, 1);
  });
});

for (
  const [name, status] of [
    ["vipd 0.1.0", statusOfOneProcess()],
    ["a part of another program", exampleStatus({ processes: noProcesses(0) })],
  ] as const
) {
  Deno.test(`${name}, which knows no ids, is asked once`, async () => {
    await withFront(async (front, options) => {
      front.backend.current = status;
      front.fates.push("break after");
      const { code, err } = await capture(["promote", ...options]);
      assert.equal(code, EXIT.unreachable);
      assert.match(err, /cannot reach vipd/);
      assert.equal(front.ids.length, 1);
    });
  });
}

Deno.test("an id that was another command's is rejected", async () => {
  await withFront(async (front, options) => {
    const problem = new Problem("order_id_reused", "the id is that of another order");
    front.fates.push(problemResponse(problem, "/"));
    const { code, err } = await capture(["promote", ...options]);
    assert.deepEqual([code, err], [EXIT.refused, "vipd: the id is that of another order\n"]);
    assert.equal(front.ids.length, 1);
  });
});

Deno.test("a command is repeated as long as it may be, and then nobody knows its outcome", async () => {
  await withFront(async (front) => {
    const repeat = { pauseMs: 10, limitMs: 200 };
    const token = () => Promise.resolve(TOKEN);
    const client = new ApiClient({ kind: "unix", path: front.path }, { token, repeat });
    await client.status();
    front.fates.push(...Array<Fate>(1000).fill("break before"));
    const startedMs = performance.now();
    await assert.rejects(client.command("VI_1", "promote"), (error) => {
      assert.ok(error instanceof DaemonUnreachableError);
      assert.match(
        error.message,
        /whether the command was carried out is not known: see vipd status/,
      );
      return true;
    });
    assert.ok(performance.now() - startedMs >= repeat.limitMs - repeat.pauseMs);
    assert.ok(front.ids.length > 1, "more than once");
    assert.ok(front.ids.length <= 21, "not without a pause");
  });
});
