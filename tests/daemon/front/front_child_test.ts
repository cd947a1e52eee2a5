import assert from "node:assert/strict";
import { join } from "node:path";
import { FrontChild } from "../../../src/daemon/front/front_child.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { REAL_TIMERS } from "../../real_timers.ts";

const PAGES_OF_256_MIB = 65_536;

/** A hundred times as fast as real time, because its memory is looked at once a second. */
const FAST_TIMERS = {
  nowMs: () => 100 * REAL_TIMERS.nowMs(),
  setTimer: (atMs: number, fire: () => void) => REAL_TIMERS.setTimer(atMs / 100, fire),
};

Deno.test("a child that takes more than 256 MiB is killed, and started again", async () => {
  await inFolder(async (folder) => {
    const program = join(folder, "sleeper");
    await Deno.writeTextFile(program, "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
    const { execPath } = Deno;
    let looks = 0;
    let pages = PAGES_OF_256_MIB;
    const pids: number[] = [];
    const ends: string[] = [];
    Object.assign(Deno, { execPath: () => program });
    const until = async (what: string, holds: () => boolean) => {
      const endMs = performance.now() + 5000;
      while (!holds()) {
        assert.ok(performance.now() < endMs, `not within 5 s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const child = new FrontChild(
      {
        ...{ build: { kind: "compiled", commit: null }, runDir: folder, key: "k3y" },
        readKernelFile: (path) => {
          assert.equal(path, `/proc/${pids.at(-1)}/statm`);
          looks++;
          return `999999 ${pages} 1 1 0 1 0`;
        },
      },
      () => Promise.resolve(null),
      {
        started: (pid) => void pids.push(pid),
        obstructed: (why) => assert.fail(why),
        ended: (why) => void ends.push(why),
      },
      FAST_TIMERS,
    );
    try {
      await until("it is looked at", () => looks >= 3);
      assert.deepEqual(ends, [], "so much it may take");
      pages++;
      await until("it is killed", () => ends.length > 0);
      pages = 1;
      assert.deepEqual(ends, ["it took more memory than it may"]);
      await until("another is started", () => pids.length === 2);
    } finally {
      Object.assign(Deno, { execPath });
      await child.close();
    }
  });
});
