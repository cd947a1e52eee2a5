/** One daemon for each run directory, and nobody else keeps it from starting. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { takeRunLock } from "../../../src/daemon/files/run_lock.ts";
import { CliError } from "../../../src/exit.ts";
import { inFolder } from "../../cli/captured_context.ts";

const NOBODY = "65534";

/** A file as vipd 0.1.0 made it: any user can open it, and so lock it. */
async function oldLock(folder: string): Promise<string> {
  const path = join(folder, "lock");
  await Deno.writeTextFile(path, "4711\n", { mode: 0o644 });
  await Deno.chmod(path, 0o644);
  return path;
}

Deno.test("a second daemon with the same run directory is refused before it touches anything", async () => {
  await inFolder(async (folder) => {
    const script = new URL("fixtures/hold_run_lock.ts", import.meta.url);
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script.pathname, folder],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    try {
      const reader = holder.stdout.getReader();
      assert.equal(new TextDecoder().decode((await reader.read()).value), "locked\n");
      await reader.cancel();
      // In a process of its own: the refused wait for the lock ends with the process.
      const second = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", script.pathname, folder],
        stderr: "piped",
      }).output();
      assert.equal(second.code, 1);
      const message = new TextDecoder().decode(second.stderr);
      assert.ok(message.includes(`another vipd (PID ${holder.pid}) runs with ${folder}`), message);
    } finally {
      holder.kill("SIGKILL");
      await holder.status;
    }
    // The kernel lets go of a dead process's lock.
    (await takeRunLock(folder)).release();
  });
});

Deno.test("a run directory that cannot be used is named", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    await assert.rejects(
      takeRunLock(join(folder, "file")),
      (error) => error instanceof CliError && /cannot use the run directory/.test(error.message),
    );
  });
});

Deno.test("the lock is its owner's alone, one of an earlier version becomes so", async () => {
  await inFolder(async (folder) => {
    for (const make of [() => Promise.resolve(), () => oldLock(folder)]) {
      await make();
      const lock = await takeRunLock(folder);
      const path = join(folder, "lock");
      assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
      assert.equal(await Deno.readTextFile(path), `${Deno.pid}\n`);
      lock.release();
      assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
        "lock",
      ]);
    }
  });
});

Deno.test({
  name: "another user cannot lock it",
  // Only root can become another user.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await inFolder(async (folder) => {
      await Deno.chmod(folder, 0o755);
      await oldLock(folder);
      const asNobody = async () => {
        const nobody = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
        const flock = ["flock", "--nonblock", join(folder, "lock"), "true"];
        const { code } = await new Deno.Command("setpriv", {
          args: [...nobody, ...flock],
          stderr: "null",
        }).output();
        return code;
      };
      assert.equal(await asNobody(), 0, "it could before");
      (await takeRunLock(folder)).release();
      // EX_NOINPUT of sysexits.h: flock(1) cannot open it.
      assert.equal(await asNobody(), 66);
    });
  },
});

Deno.test("who has the file of an earlier version open cannot lock the daemon out", async () => {
  await inFolder(async (folder) => {
    using old = await Deno.open(await oldLock(folder));
    const lock = await takeRunLock(folder);
    await old.lock(true);
    lock.release();
    (await takeRunLock(folder)).release();
  });
});

Deno.test("a lock counts only on the file that has the name", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "lock");
    const before = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
    await before.lock(true);
    const taking = takeRunLock(folder);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Deno.remove(path);
    before.close();
    const lock = await taking;
    assert.equal(await Deno.readTextFile(path), `${Deno.pid}\n`);
    lock.release();
  });
});

Deno.test("what somebody puts in the place of the lock is not followed and not written", async () => {
  await inFolder(async (folder) => {
    const [path, target] = [join(folder, "lock"), join(folder, "target")];
    await Deno.writeTextFile(target, "dear data\n");
    await Deno.symlink(target, path);
    const refused = (error: unknown) =>
      error instanceof CliError && /lock is not a file of its own/.test(error.message);
    await assert.rejects(takeRunLock(folder), refused);
    assert.equal(await Deno.readTextFile(target), "dear data\n");
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
    await assert.rejects(takeRunLock(folder), refused);
  });
});
