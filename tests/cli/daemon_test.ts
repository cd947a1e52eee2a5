import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiClient } from "../../src/api/client.ts";
import { readToken } from "../../src/api/token_file.ts";
import { type DaemonNode, type DaemonProcess, runDaemon } from "../../src/cli/daemon.ts";
import { CliError } from "../../src/cli/errors.ts";
import { Log } from "../../src/cli/log.ts";
import { takeRunLock } from "../../src/cli/run_lock.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/model.ts";
import { FakeBackend } from "../api/fake_backend.ts";
import { exampleConfig, inFolder } from "./captured_context.ts";

/** A node and the process around it; every step is kept. */
class FakeDaemon extends FakeBackend implements DaemonNode, DaemonProcess {
  readonly steps: string[] = [];
  /** Resolves when `stop` may end. */
  stopped: Promise<void> = Promise.resolve();
  startError: Error | null = null;
  signal: (signal: Deno.Signal) => void = () => assert.fail("no signal listener");
  uncaught: (error: unknown) => void = () => assert.fail("no listener for uncaught errors");

  open() {
    this.steps.push("open");
    return {
      node: this,
      notify: (state: string) => void this.steps.push(state.split("\n")[0]!),
      close: () => {
        this.steps.push("close");
        return Promise.resolve();
      },
    };
  }

  onSignal(listener: (signal: Deno.Signal) => void): () => void {
    this.signal = listener;
    return () => this.steps.push("signals off");
  }

  onUncaught(listener: (error: unknown) => void): () => void {
    this.uncaught = listener;
    return () => this.steps.push("uncaught off");
  }

  start(): void {
    this.steps.push("start");
    if (this.startError) throw this.startError;
  }

  async stop(): Promise<void> {
    this.steps.push("stop");
    await this.stopped;
    this.steps.push("stopped");
  }

  abandon(): void {
    this.steps.push("abandon");
  }
}

/** A running daemon with the log that it writes. */
function launch(folder: string, listen?: string) {
  const parsed = parseConfig(exampleConfig(folder, listen), "vipd.yaml", { hostname: "lb01" });
  assert.ok(parsed.ok, "the example is valid");
  const config: Config = parsed.config;
  const daemon = new FakeDaemon();
  let text = "";
  const log = new Log({
    format: "systemd",
    level: "info",
    write: (octets) => {
      text += new TextDecoder().decode(octets);
      return Promise.resolve(octets.length);
    },
  });
  const run = () =>
    runDaemon(config, [{ code: "config_readable", message: "a warning" }], log, daemon);
  const until = async (step: string) => {
    while (!daemon.steps.includes(step)) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return { daemon, run, until, text: () => text };
}

const UP = ["open", "start", "READY=1"];
const DOWN = ["signals off", "close", "uncaught off"];

Deno.test("a daemon serves until a signal, hands over and leaves nothing behind", async () => {
  await inFolder(async (folder) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const { daemon, run, until, text } = launch(folder);
      const end = run();
      await until("READY=1");
      const socket = join(folder, "api.sock");
      const client = new ApiClient({ kind: "unix", path: socket }, {
        token: () => readToken(join(folder, "token")),
      });
      assert.equal((await client.status()).node, "lb01");
      assert.equal((await client.order("VI_1", "promote")).took_ms, 612);
      daemon.signal(signal);
      assert.equal(await end, 0);
      assert.deepEqual(daemon.steps, [...UP, "STOPPING=1", "stop", "stopped", ...DOWN]);
      await assert.rejects(Deno.lstat(socket), Deno.errors.NotFound);
      assert.match(text(), /^<4>a warning \[config_readable\]$/m);
      assert.match(text(), /^<5>vipd \S+ starts on lb01, API on unix:.*api\.sock \[started\]$/m);
      assert.match(text(), new RegExp(`^<5>${signal}: hands over and stops`, "m"));
    }
  });
});

Deno.test("a second signal ends the daemon at once, without its addresses", async () => {
  await inFolder(async (folder) => {
    const { daemon, run, until, text } = launch(folder);
    daemon.stopped = new Promise(() => {});
    const end = run();
    await until("READY=1");
    daemon.signal("SIGTERM");
    await until("stop");
    daemon.signal("SIGINT");
    assert.equal(await end, 1);
    assert.deepEqual(daemon.steps, [...UP, "STOPPING=1", "stop", "abandon", ...DOWN]);
    assert.match(text(), /^<4>second SIGINT: stops at once/m);
  });
});

Deno.test("an error that nothing caught takes the addresses off and ends with 1", async () => {
  await inFolder(async (folder) => {
    for (const during of ["READY=1", "stop"]) {
      const { daemon, run, until, text } = launch(folder);
      daemon.stopped = new Promise(() => {});
      const end = run();
      await until("READY=1");
      if (during === "stop") daemon.signal("SIGTERM");
      await until(during);
      daemon.uncaught(new Error("boom"));
      assert.equal(await end, 1);
      assert.ok(daemon.steps.includes("abandon"));
      assert.deepEqual(daemon.steps.slice(-3), DOWN);
      assert.match(text(), /^<3>a defect of vipd.*Error: boom.*\[crashed\]$/m);
    }
  });
});

Deno.test("SIGHUP does not end the daemon", async () => {
  await inFolder(async (folder) => {
    const { daemon, run, until, text } = launch(folder);
    const end = run();
    await until("READY=1");
    daemon.signal("SIGHUP");
    daemon.signal("SIGTERM");
    assert.equal(await end, 0);
    assert.match(text(), /^<4>SIGHUP is ignored: .*restart vipd/m);
  });
});

Deno.test("an API that cannot listen keeps the node from starting", async () => {
  await inFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { daemon, run } = launch(folder, `127.0.0.1:${taken.addr.port}`);
    await assert.rejects(run(), /the port is in use/);
    assert.deepEqual(daemon.steps, ["open", ...DOWN]);
    (await takeRunLock(folder)).release();
  });
});

Deno.test("a node that fails while it starts is abandoned", async () => {
  await inFolder(async (folder) => {
    const { daemon, run } = launch(folder);
    daemon.startError = new Error("no such luck");
    await assert.rejects(run(), /no such luck/);
    assert.deepEqual(daemon.steps, ["open", "start", "abandon", ...DOWN]);
  });
});

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
