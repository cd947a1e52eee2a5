import assert from "node:assert/strict";
import { join } from "node:path";
import { type MaintainedPart, RunDirKeeper } from "../../../src/daemon/files/run_dir_keeper.ts";
import { takeRunLock } from "../../../src/daemon/files/run_lock.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { REAL_TIMERS } from "../../real_timers.ts";

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + 5000;
  while (!await holds()) {
    if (performance.now() > untilMs) assert.fail(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A run directory in a folder, with a lock and this part, looked after all the time. */
async function withKeeper(
  part: (runDir: string) => MaintainedPart,
  act: (scene: {
    readonly runDir: string;
    readonly lost: readonly string[];
    readonly looked: readonly unknown[];
  }) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const runDir = join(folder, "run");
    const lock = await takeRunLock(runDir);
    const lost: string[] = [];
    const looked: unknown[] = [];
    const keeper = new RunDirKeeper({
      timers: REAL_TIMERS,
      runDir,
      sign: () => lock.sign(),
      parts: [lock, part(runDir)],
      lost: (message) => void lost.push(message),
      looked: (...outcome) => void looked.push(outcome),
      everyMs: 5,
    });
    try {
      await act({ runDir, lost, looked });
    } finally {
      await keeper.close();
      lock.release();
    }
  });
}

const NOTHING: MaintainedPart = {
  name: "nothing",
  isThere: () => Promise.resolve(true),
  makeAgain: () => assert.fail("it is there"),
};

function fileIn(runDir: string): MaintainedPart {
  const path = join(runDir, "front");
  return {
    name: "front",
    isThere: () => Deno.lstat(path).then(() => true, () => false),
    makeAgain: () => Deno.writeTextFile(path, ""),
  };
}

Deno.test("a sign of life is given again and again", async () => {
  await withKeeper(() => NOTHING, async ({ runDir, lost }) => {
    const path = join(runDir, "lock");
    const long = new Date(0);
    for (let round = 0; round < 2; round++) {
      await Deno.utime(path, long, long);
      await until(
        "a sign",
        async () => Date.now() - (await Deno.stat(path)).mtime!.getTime() < 60_000,
      );
    }
    assert.deepEqual(lost, []);
  });
});

Deno.test("a run directory that is moved away is made again, with its lock and all parts", async () => {
  await withKeeper(fileIn, async ({ runDir, lost, looked }) => {
    await until("the first part", () => lost.length === 1);
    assert.deepEqual(lost, [
      `of run_dir ${runDir} was lost: front; it is made again: see who removes it`,
    ]);
    assert.deepEqual(looked, [[["front"], null]]);
    await Deno.rename(runDir, `${runDir}.gone`);
    await until("all of it", async () => {
      const names = await Array.fromAsync(Deno.readDir(runDir), ({ name }) => name).catch(() => []);
      return names.length === 2 && lost.length > 1;
    });
    assert.match(lost.slice(1).join("\n"), /was lost: lock.*; it is made again/);
    assert.equal(await Deno.readTextFile(join(runDir, "lock")), `${Deno.pid}\n`);
    assert.equal((await Deno.stat(runDir)).mode! & 0o777, 0o755);
  });
});

Deno.test("what cannot be made again is reported once, with the reason", async () => {
  let tries = 0;
  const part: MaintainedPart = {
    name: "engine.sock",
    isThere: () => Promise.resolve(tries >= 5),
    makeAgain: () => {
      tries++;
      return tries < 5 ? Promise.reject(new Error("no space")) : Promise.resolve();
    },
  };
  await withKeeper(() => part, async ({ runDir, lost, looked }) => {
    await until("it is made", () => looked.length === 5);
    assert.deepEqual(lost, [
      `of run_dir ${runDir} was lost: engine.sock; it cannot be made again: no space`,
      `of run_dir ${runDir} was lost: engine.sock; it is made again: see who removes it`,
    ]);
    assert.deepEqual(looked[0], [["engine.sock"], "no space"]);
  });
});

Deno.test({
  name: "a run directory that another vipd has taken meanwhile is left to it",
  // The wait for the lock ends with this process.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await withKeeper(() => NOTHING, async ({ runDir, lost, looked }) => {
      const beside = join(runDir, "other");
      using other = await Deno.open(beside, { createNew: true, write: true, mode: 0o600 });
      await other.lock(true);
      await other.write(new TextEncoder().encode("4711\n"));
      await Deno.rename(beside, join(runDir, "lock"));
      await until("it was tried again", () => looked.length >= 5);
      assert.equal(lost.length, 1);
      assert.match(lost[0]!, /lost: lock; it cannot be made again: another vipd \(PID 4711\) runs/);
    });
  },
});

Deno.test("parts are looked for only after a name in the folder has changed, and then until it is sure that no other has", async () => {
  let looks = 0;
  const part = (runDir: string): MaintainedPart => {
    const file = fileIn(runDir);
    return { ...file, isThere: () => (looks++, file.isThere()) };
  };
  await withKeeper(part, async ({ runDir, lost }) => {
    await Deno.writeTextFile(join(runDir, "front"), "");
    await until("it is looked for again and again", () => looks > 10);
    const longAgo = new Date(Date.now() - 10_000);
    await Deno.utime(runDir, longAgo, longAgo);
    const quiet = async () => {
      const before = looks;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return looks === before;
    };
    await until("it is looked for no more", quiet);
    await Deno.remove(join(runDir, "front"));
    await until("its loss is noticed", () => lost.some((text) => /front; it is made/.test(text)));
  });
});
