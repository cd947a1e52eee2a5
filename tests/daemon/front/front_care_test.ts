import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../../../src/config/load.ts";
import { FrontCare, type FrontCharge } from "../../../src/daemon/front/front_care.ts";
import { OBSTACLE_MS } from "../../../src/daemon/front/front_child.ts";
import { EngineLink, type FrontSide } from "../../../src/ipc/engine_link.ts";
import { exampleConfig, inFolder } from "../../cli/captured_context.ts";
import { encodeFrame } from "../../../src/ipc/framing.ts";
import { PROTOCOL } from "../../../src/ipc/messages.ts";
import { FakeEngine } from "../../ipc/fake_engine.ts";
import { REAL_TIMERS } from "../../real_timers.ts";

async function until(what: string, holds: () => boolean): Promise<void> {
  const untilMs = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > untilMs) assert.fail(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A front in whose place the test speaks. */
function frontAt(folder: string, key?: string): EngineLink {
  const side: FrontSide = {
    prepare: () => Promise.resolve(null),
    commit: () => link.reportServing({ addresses: [], problem: null }),
    askAgain: () => {},
    askClients: () => {},
    finish: () => Promise.resolve(),
    welcomed: () => {},
    standDown: () => {},
  };
  const path = join(folder, "engine.sock");
  const link = new EngineLink({
    ...{ path, user: "nobody", folder, log: () => {} },
    ...(key !== undefined && { key }),
  }, side);
  void link.run();
  return link;
}

Deno.test("a front that has served and hangs is down, and one that is refused again and again is recorded once", async () => {
  await inFolder(async (folder) => {
    const parsed = parseConfig(exampleConfig(folder), "vipd.yaml", { hostname: "lb01" });
    assert.ok(parsed.ok);
    const recorded: string[] = [];
    const care = await FrontCare.open({
      config: parsed.config,
      charge: { kind: "service", gid: () => Promise.resolve(null) },
      engine: new FakeEngine(),
      timers: REAL_TIMERS,
      record: (_, code) => void recorded.push(code),
      apiDown: () => {},
      serves: () => {},
    });
    assert.equal(care.status().state, "starting");
    const front = frontAt(folder);
    await until("it serves", () => care.status().state === "serving");
    const second = frontAt(folder);
    await until("it is refused", () => recorded.includes("front_refused"));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(recorded.filter((code) => code === "front_refused"), ["front_refused"]);
    second.close();
    const now = performance.now;
    performance.now = () => now.call(performance) + 6000;
    try {
      await until("it hangs", () => care.status().state !== "serving");
      const { state, problem } = care.status();
      assert.deepEqual([state, problem], ["down", "the front does not answer the engine"]);
    } finally {
      performance.now = now;
      front.close();
      await care.close(10);
    }
  });
});

Deno.test("a front that was stopped is no one that failed", async () => {
  await inFolder(async (folder) => {
    const parsed = parseConfig(exampleConfig(folder), "vipd.yaml", { hostname: "lb01" });
    assert.ok(parsed.ok);
    const ends: string[] = [];
    const care = await FrontCare.open({
      config: parsed.config,
      charge: { kind: "service", gid: () => Promise.resolve(null) },
      engine: new FakeEngine(),
      timers: REAL_TIMERS,
      record: (severity, code, message) =>
        code === "front_ended" && ends.push(`${severity}: ${message}`),
      apiDown: () => {},
      serves: () => {},
    });
    const serves = () => care.status().state === "serving";
    const front = frontAt(folder);
    await until("it serves", serves);
    await front.close();
    await until("it is gone", () => ends.length === 1);
    assert.deepEqual(ends, ["notice: the front has ended: it was stopped"]);
    const { restarts, last_exit } = care.status();
    assert.deepEqual([restarts, last_exit?.reason], [0, "it was stopped"]);
    const connection = await Deno.connect({ transport: "unix", path: `${folder}/engine.sock` });
    const hello = {
      ...{ type: "hello", protocol: PROTOCOL, version: "9", pid: 1, user: "nobody", folder },
      startedAt: "2026-03-01T10:00:00.000Z",
    };
    await connection.write(encodeFrame(JSON.stringify(hello)));
    await until("another has come", () => care.status().pid === 1);
    connection.close();
    await until("it is gone, too", () => ends.length === 2);
    assert.match(ends[1]!, /^warning: the front has ended: (?!it was stopped)/);
    assert.equal(care.status().restarts, 1);
    await care.close(10);
  });
});

for (
  const [code, reason, restarts] of [
    [0, "it was stopped", 0],
    [7, "it ended with exit code 7", 1],
  ] as const
) {
  Deno.test(`a child that ends with exit code ${code}: ${reason}`, () =>
    withCare(async (folder, open) => {
      const { care } = await open({ kind: "child", program: { ...PROGRAM, runDir: folder } });
      await until("it has ended", () => care.status().last_exit !== null);
      assert.equal(care.status().last_exit?.reason, reason);
      assert.equal(Math.min(care.status().restarts, 1), restarts);
    }, `exit ${code}`));
}

/** A child that hangs is killed after this time. */
const HANG_LIMIT_MS = 30_000;

/** Gives `act` a way to open a care of a front; the long times of the care are short. */
async function withCare(
  act: (
    folder: string,
    open: (
      charge: FrontCharge,
    ) => Promise<{ care: FrontCare; recorded: string[]; alarms: (string | null)[] }>,
  ) => Promise<void>,
  script = "exit 0",
): Promise<void> {
  const wait = globalThis.setTimeout;
  globalThis.setTimeout =
    ((act: () => void, ms?: number) =>
      wait(act, ms === OBSTACLE_MS || ms === HANG_LIMIT_MS ? 10 : ms)) as typeof wait;
  const execPath = Deno.execPath;
  let opened: FrontCare | null = null;
  try {
    await inFolder(async (folder) => {
      // Another user's front must be able to enter.
      await Deno.chmod(folder, 0o755);
      const program = join(folder, "program");
      await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      Object.assign(Deno, { execPath: () => program });
      await act(folder, async (charge) => {
        const parsed = parseConfig(exampleConfig(folder), "vipd.yaml", { hostname: "lb01" });
        assert.ok(parsed.ok);
        const recorded: string[] = [];
        const alarms: (string | null)[] = [];
        const care = opened = await FrontCare.open({
          ...{ config: parsed.config, charge, engine: new FakeEngine(), timers: REAL_TIMERS },
          record: (_, code) => void recorded.push(code),
          apiDown: (problem) => void alarms.push(problem),
          serves: () => {},
        });
        return { care, recorded, alarms };
      });
      await opened?.close(10);
    });
  } finally {
    globalThis.setTimeout = wait;
    Object.assign(Deno, { execPath });
  }
}

const PROGRAM = {
  build: { kind: "compiled", commit: null },
  key: "k3y",
  readKernelFile: (path: string) => Deno.readTextFileSync(path),
} as const;

Deno.test("a front that cannot reach the engine at the start comes when that is repaired", async () => {
  await withCare(async (folder, open) => {
    const planted = join(folder, "engine.sock");
    await Deno.mkdir(join(planted, "planted"), { recursive: true });
    const { care, alarms } = await open({ kind: "service", gid: () => Promise.resolve(null) });
    assert.equal(alarms.length, 1);
    assert.match(alarms[0] ?? "", /engine\.sock cannot be made: /);
    assert.equal(care.status().state, "down", "as the alarm says");
    assert.equal(care.status().problem, alarms[0]);
    for (const part of care.runDirParts) assert.ok(await part.isThere(), "nothing is lost yet");
    await Deno.remove(planted, { recursive: true });
    const front = frontAt(folder);
    await until("it serves", () => care.status().state === "serving");
    assert.equal(alarms.at(-1), null);
    front.close();
  });
});

Deno.test("a service whose user is not known yet reaches the engine when it is", async () => {
  await withCare(async (folder, open) => {
    let gid: string | null = "there is no user vipd-front";
    const { care, alarms } = await open({ kind: "service", gid: () => Promise.resolve(gid) });
    assert.deepEqual(alarms, ["the front cannot reach the engine: there is no user vipd-front"]);
    gid = null;
    const front = frontAt(folder);
    await until("it serves", () => care.status().state === "serving");
    front.close();
  });
});

Deno.test("a child whose folder cannot be made is started when that is repaired", async () => {
  await withCare(async (folder, open) => {
    const planted = join(folder, "front");
    await Deno.writeTextFile(planted, "");
    const { recorded, alarms, care } = await open({
      kind: "child",
      program: { ...PROGRAM, runDir: folder },
    });
    assert.deepEqual(alarms, [`${planted} is no folder: remove it`]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(!recorded.includes("front_ended"), "none is started");
    assert.deepEqual([care.status().state, care.status().restarts], ["down", 0]);
    await Deno.remove(planted);
    await until("one is started", () => recorded.includes("front_ended"));
  });
});

Deno.test({
  name:
    "the user of a child is chosen at each start: none is started while the kernel does not say",
  // Another engine's front has no other user than its own.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await withCare(async (folder, open) => {
      let descriptors = false;
      const { recorded, alarms } = await open({
        kind: "child",
        program: {
          ...{ ...PROGRAM, runDir: folder },
          readKernelFile: (path) => descriptors ? PROGRAM.readKernelFile(path) : null,
        },
      });
      assert.match(alarms[0] ?? "", /the kernel does not say/);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(!recorded.includes("front_ended"), "none is started");
      descriptors = true;
      await until("one is started", () => recorded.includes("front_ended"));
      const { uid } = await Deno.lstat(join(folder, "front"));
      assert.notEqual(uid, 0);
      assert.equal((await Deno.lstat(join(folder, "engine.sock"))).gid, uid, "it may connect");
    });
  },
});

Deno.test("a child that hangs for half a minute is killed, and the next one is started", async () => {
  await withCare(async (folder, open) => {
    const { care } = await open({ kind: "child", program: { ...PROGRAM, runDir: folder } });
    const front = frontAt(folder, PROGRAM.key);
    await until("it serves", () => care.status().state === "serving");
    const now = performance.now;
    performance.now = () => now.call(performance) + 6000;
    try {
      await until("it is killed", () => care.status().restarts === 1);
    } finally {
      performance.now = now;
      front.close();
    }
    assert.equal(care.status().last_exit?.reason, "it was ended by SIGKILL");
  }, "exec sleep 60");
});
