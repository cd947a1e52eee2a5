import assert from "node:assert/strict";
import { sendSignal } from "../../lab/process.ts";
import type { ExecCheckConfig } from "../../src/health/check_config.ts";
import { StartGate } from "./start_gate.ts";
import { COMMON, delay, openQueued, probeOnce } from "./probing.ts";

/** Processor time of this thread alone, in milliseconds: other tests may run in other threads (proc_pid_stat(5)). */
function threadProcessorMs(): number {
  const stat = Deno.readTextFileSync("/proc/thread-self/stat");
  // Behind the name, which may contain anything: fields 14 and 15 count from the process id, in 1/100 s.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Begins to count; tells later what share of one processor the daemon's thread had since then. */
function processorShare(): () => number {
  const [usedBefore, beganMs] = [threadProcessorMs(), performance.now()];
  return () => (threadProcessorMs() - usedBefore) / (performance.now() - beganMs);
}

function check(command: readonly [string, ...string[]], timeoutMs = 5000): ExecCheckConfig {
  return { ...COMMON, type: "exec", command, timeoutMs };
}

function shell(script: string, timeoutMs?: number): ExecCheckConfig {
  return check(["/bin/sh", "-c", script], timeoutMs);
}

/** Processes that sleep for a time of which no other test and no other run makes use; a failed test leaves none. */
class Sleepers implements Disposable {
  readonly #seconds: string;

  constructor(number: number) {
    this.#seconds = `${7000 + number}.${Deno.pid}`;
  }

  /** The command that sleeps. */
  get command(): string {
    return `sleep ${this.#seconds}`;
  }

  get count(): number {
    return this.#ids().length;
  }

  /** Waits until so many sleep. */
  async number(wanted: (count: number) => boolean, what: string): Promise<void> {
    for (let tries = 0; tries < 500 && !wanted(this.count); tries++) await delay(10);
    assert.ok(wanted(this.count), `${what}: ${this.count} of "${this.command}"`);
  }

  /** Waits until what was killed is gone. */
  async gone(): Promise<void> {
    await this.number((count) => count === 0, "they outlived their probe");
  }

  [Symbol.dispose](): void {
    for (const id of this.#ids()) sendSignal(id, "SIGKILL");
  }

  #ids(): number[] {
    return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((id) => {
      try {
        const command = Deno.readTextFileSync(`/proc/${id}/cmdline`);
        return command === `sleep\0${this.#seconds}\0`;
      } catch {
        return false; // Not a process, or gone.
      }
    });
  }
}

Deno.test("an exec check passes with exit code 0 alone, and shows the last line", async (t) => {
  const cases: readonly [string, boolean, string][] = [
    ["exit 0", true, "exit code 0"],
    ["echo all is well", true, "exit code 0: all is well"],
    ["echo one; echo two; echo; echo '  '", true, "exit code 0: two"],
    ["exit 1", false, "exit code 1"],
    ["echo half; echo broken >&2; exit 3", false, "exit code 3: broken"],
    ["echo only here; exit 3", false, "exit code 3: only here"],
    ["kill -SEGV $$", false, "killed by SIGSEGV"],
    ["printf 'a\\033[31mb\\tc\\n'", true, "exit code 0: a [31mb c"],
    ["printf '%0200d' 0", true, `exit code 0: ${"0".repeat(160)}...`],
  ];
  for (const [script, ok, detail] of cases) {
    await t.step(script, async () => {
      const result = await probeOnce(shell(script));
      assert.deepEqual([result.ok, result.detail], [ok, detail]);
    });
  }
});

Deno.test("a program that cannot be run never passes", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/plain`, "exit 0\n", { mode: 0o644 });
    await Deno.writeTextFile(`${folder}/no_interpreter`, "#!/no/such/shell\n", { mode: 0o755 });
    const cases: readonly [string, RegExp][] = [
      ["/no/such/program", /no such file/],
      [`${folder}/plain`, /not executable/],
      [folder, /it is a folder/],
      [`${folder}/no_interpreter`, /its interpreter \/no\/such\/shell: there is no such file/],
      ["no-such-program-anywhere", /no such program in \/usr\/local\/sbin:/],
    ];
    for (const [program, detail] of cases) {
      await t.step(program.replace(folder, ""), async () => {
        const result = await probeOnce(check([program]));
        assert.equal(result.ok, false);
        assert.ok(result.detail.startsWith(`cannot run ${program}: `), result.detail);
        assert.match(result.detail, detail);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("text without #! runs in the shell, whatever its file is called", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["program", "name=value"]) {
      await t.step(name, async () => {
        await Deno.writeTextFile(`${folder}/${name}`, 'echo "$VIPD_CHECK $1"\n', { mode: 0o755 });
        const result = await probeOnce(check([`${folder}/${name}`, "one"]));
        assert.equal(result.detail, "exit code 0: test one");
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an exit code that means `cannot be run` is the program's own if it says anything else", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const cases: readonly [string, string][] = [
      ["#!/bin/sh\nexit 126\n", "exit code 126"],
      ["#!/bin/sh\necho gone >&2; exit 127\n", "exit code 127: gone"],
      [
        "#!/usr/bin/env no-such-shell\n",
        "exit code 127: /usr/bin/env: ‘no-such-shell’: No such file or directory",
      ],
    ];
    for (const [script, detail] of cases) {
      await t.step(detail, async () => {
        await Deno.writeTextFile(`${folder}/program`, script, { mode: 0o755 });
        const result = await probeOnce(check([`${folder}/program`]));
        assert.deepEqual([result.ok, result.detail], [false, detail]);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "a program whose file system stops as it is started holds up nothing",
  // fanotify_init(2) of permissions.
  ignore: Deno.uid() !== 0,
  fn: async (t) => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.copyFile("/bin/true", `${folder}/program`);
      await Deno.writeTextFile(`${folder}/script`, "#!/bin/sh\n", { mode: 0o755 });
      for (const name of ["program", "script"]) {
        await t.step(name, async () => {
          const path = `${folder}/${name}`;
          await using gate = await StartGate.close(path);
          const result = await probeOnce(check([path], 200));
          assert.equal(result.detail, "not finished within 200 ms, killed");
          assert.ok(await gate.isClosed(), "the probe waited for the file system");
          await gate.open();
          assert.equal((await probeOnce(check([path]))).detail, "exit code 0");
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("a program gets its arguments as they are and next to no environment", async () => {
  const script = 'echo "$#|$1|$PWD|$VIPD_CHECK|$LANG|${HOME-unset}|$(cat)|"';
  const result = await probeOnce(check(["/bin/sh", "-c", script, "sh", "a b *", "c"]));
  assert.equal(result.detail, "exit code 0: 2|a b *|/|test|C.UTF-8|unset||");
});

Deno.test("a program that does not finish is killed with everything it started", async () => {
  using sleepers = new Sleepers(1);
  const sleep = sleepers.command;
  const script = `${sleep} & ${sleep} & trap '' TERM; ${sleep}`;
  const result = await probeOnce(shell(script, 100));
  assert.deepEqual([result.ok, result.detail], [false, "not finished within 100 ms, killed"]);
  assert.ok(result.tookMs >= 95 && result.tookMs < 1000, `took ${result.tookMs} ms`);
  await sleepers.gone();
});

Deno.test("a program that is too late may tidy up before it is killed", async () => {
  const folder = await Deno.makeTempDir();
  const script = `trap 'echo tidy > ${folder}/done; exit' TERM; while :; do sleep 0.01; done`;
  const result = await probeOnce(shell(script, 100));
  assert.equal(result.detail, "not finished within 100 ms, killed");
  for (let tries = 0; tries < 100; tries++) {
    if (await Deno.stat(`${folder}/done`).catch(() => null)) break;
    await delay(10);
  }
  assert.equal(await Deno.readTextFile(`${folder}/done`), "tidy\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a program that multiplies is ended as a whole", async () => {
  using sleepers = new Sleepers(4);
  // Each of the two parents of a generation starts the next; all ignore SIGTERM.
  const script =
    `trap '' TERM; more() { [ $1 -le 0 ] || { more $(($1 - 1)) & more $(($1 - 1)) & }; ` +
    `${sleepers.command}; }; more 6`;
  const { prober, next } = openQueued(shell(script, 1000));
  prober.probe();
  await sleepers.number((count) => count >= 60, "they multiply");
  assert.equal((await next()).ok, false);
  await delay(300);
  await sleepers.gone();
  prober.close();
});

Deno.test("a hang is one failure, however soon the next probe is due", async () => {
  const { prober, results, next } = openQueued(shell("trap '' TERM; while :; do :; done", 300));
  prober.probe();
  await next();
  prober.probe();
  await next();
  assert.equal(results.length, 2);
  assert.ok(results[1]!.tookMs < 550, "the second has run for its own time");
  prober.close();
});

Deno.test("programs that hang, flood, multiply and stay do not occupy the daemon", async () => {
  const scripts = ["sleep 5", "yes", "trap '' TERM; while sleep 1; do :; done", "setsid sleep 1 &"];
  const probers = Array.from(
    { length: 20 },
    (_, index) => openQueued(shell(scripts[index % scripts.length]!, 200)).prober,
  );
  const share = processorShare();
  const probing = setInterval(() => probers.forEach((prober) => prober.probe()), 250);
  await delay(1500);
  clearInterval(probing);
  const used = share();
  for (const prober of probers) prober.close();
  await delay(300);
  assert.ok(used < 0.5, `the daemon had a processor for ${used} of the time`);
});

Deno.test("the descendants of a program end with it and do not delay the answer", async () => {
  using sleepers = new Sleepers(2);
  const result = await probeOnce(shell(`${sleepers.command} & echo done`));
  assert.deepEqual([result.ok, result.detail], [true, "exit code 0: done"]);
  assert.ok(result.tookMs < 2000, `took ${result.tookMs} ms`);
  await sleepers.gone();
});

Deno.test("a descendant that left the group and holds the pipe does not delay the answer", async () => {
  const result = await probeOnce(shell("setsid sleep 5 & sleep 0.3; echo done"));
  assert.deepEqual([result.ok, result.detail], [true, "exit code 0: done"]);
  assert.ok(result.tookMs < 4000, `took ${result.tookMs} ms`);
});

Deno.test("a flood of output neither stops the program nor occupies the daemon", async () => {
  const { prober, next } = openQueued(
    shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end"),
  );
  prober.probe();
  const finite = await next();
  prober.close();
  assert.deepEqual([finite.ok, finite.detail], [true, "exit code 0: end"]);

  const endless = openQueued(shell("yes", 300));
  endless.prober.probe();
  const share = processorShare();
  const result = await endless.next();
  const used = share();
  endless.prober.close();
  assert.equal(result.detail, "not finished within 300 ms, killed");
  assert.ok(used < 0.5, `the daemon had a processor for ${used} of the time`);
  await delay(100); // The run lets go of its pipes after it was reported late.
});

Deno.test("of output without line ends only the end is kept", async () => {
  const result = await probeOnce(
    shell("head -c 100000 /dev/zero | tr '\\0' x; printf '%01000d' 0"),
  );
  assert.match(result.detail, /^exit code 0: x{24}0{136}\.\.\.$/);
});

Deno.test("closing an exec check ends its program", async () => {
  using sleepers = new Sleepers(3);
  const { prober, results } = openQueued(shell(sleepers.command));
  prober.probe();
  await sleepers.number((count) => count === 1, "it runs");
  prober.close();
  await sleepers.gone();
  await delay(20);
  assert.deepEqual(results, []);
});
