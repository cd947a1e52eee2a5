import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiClient } from "../../src/api/client.ts";
import { DaemonRefusedError } from "../../src/api/client_errors.ts";
import { changeText } from "../../src/config/changes.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/model.ts";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { publishedTargets } from "../../src/daemon/files/api_addresses.ts";
import { Log } from "../../src/daemon/log.ts";
import type { DaemonNode, DaemonProcess } from "../../src/daemon/machine.ts";
import { Front } from "../../src/front/front.ts";
import type { HostError } from "../../src/host/errors.ts";
import { planReload, type ReloadPlan } from "../../src/node/reload_plan.ts";
import type { PeerReport } from "../../src/status/reports/peer_answer.ts";
import type { NodeOutline, StatusParts } from "../../src/status/status.ts";
import { readToken } from "../../src/tokens/token_file.ts";
import { capture, exampleConfig, inFolder } from "../cli/captured_context.ts";
import { FakeBackend } from "../front/fake_backend.ts";
import type { Ending } from "../../src/pairing/ending.ts";
import { issueCertificate, LIFETIME_MS, makeAuthority } from "../../src/pairing/certificates.ts";
import { REAL_TIMERS } from "../real_timers.ts";

/** A node and the process around it; every step is kept. */
class FakeDaemon extends FakeBackend implements DaemonNode, DaemonProcess {
  readonly steps: string[] = [];
  /** Resolves when `stop` may end. */
  stopped: Promise<void> = Promise.resolve();
  startError: Error | null = null;
  config!: Config;
  signal: (signal: Deno.Signal) => void = () => assert.fail("no signal listener");
  uncaught: (error: unknown) => void = () => assert.fail("no listener for uncaught errors");

  readonly front = () => ({ kind: "service", gid: () => Promise.resolve(null) } as const);
  readonly user = () => Promise.resolve("root");
  readonly bootedAtMs = () => 0;
  readonly bootId = () => "boot";
  readonly recorded = [];
  readonly clientsWanted = [];

  outline(): NodeOutline {
    return this.status();
  }

  statusParts(): StatusParts {
    const { instances, peers, ...head } = this.status();
    return {
      head: () => head,
      instances: instances.map((instance) => ({ name: instance.name, make: () => instance })),
      peers: peers.map((peer) => ({ name: peer.name, make: () => peer })),
    };
  }

  clientAnswered(): void {}

  recordRemains(): void {}

  certificateEnds(ending: Ending | null): void {
    this.steps.push(`certificate ends: ${ending?.hint ?? "no"}`);
  }

  apiDown(problem: string | null): void {
    if (problem !== null) this.steps.push(`API down: ${problem}`);
  }

  open(config: Config) {
    this.config = config;
    this.steps.push("open");
    return {
      node: this,
      timers: REAL_TIMERS,
      notify: (state: string) => void this.steps.push(state.split("\n")[0]!),
      notifyReloading: () => void this.steps.push("RELOADING=1"),
      warmUp: () => void this.steps.push("warm up"),
      openPipe: () => Promise.resolve("no pipes here"),
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

  reconfigure(config: Config): ReloadPlan {
    const plan = planReload(this.config, config);
    this.config = config;
    this.steps.push(`reload: ${plan.changes.map(changeText).join("; ")}`);
    return plan;
  }

  checksKnown(): Promise<void> {
    return Promise.resolve();
  }

  reloadFailed(problems: readonly string[]): void {
    this.steps.push("reload failed");
    for (const problem of problems) this.journal.record("error", "reload_failed", problem);
  }

  abandon(): void {
    this.steps.push("abandon");
  }

  peerReported(name: string, report: PeerReport): number {
    this.steps.push(`peer ${name}: ${report.ok ? report.answer.node : report.error}`);
    return 60_000;
  }

  journalFile(problem: HostError | null): void {
    if (problem !== null) this.steps.push(`journal: ${problem.message}`);
  }

  notificationsFail(problem: string | null): void {
    this.steps.push(`notifications: ${problem ?? "well"}`);
  }
}

/** A running daemon with the log that it writes. */
function launch(folder: string, listen?: string, more = "") {
  const parse = (text: string) => parseConfig(text, "vipd.yaml", { hostname: "lb01" });
  const file = { text: exampleConfig(folder, listen) + more };
  const parsed = parse(file.text);
  assert.ok(parsed.ok, "the example is valid");
  const config: Config = parsed.config;
  const source = {
    path: "vipd.yaml",
    load: () => Promise.resolve(parse(file.text)),
    renewCertificate: () => Promise.resolve(),
  };
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
  const run = async () => {
    // The other process, as far as it matters here; it comes when the engine is there.
    const front = new Front({
      ...{ path: join(folder, "engine.sock"), folder: join(folder, "front"), user: "nobody" },
      ...{ log: () => {}, shutDown: () => {}, unixUser: () => null, descriptors: 1024 },
      proc: { read: () => null, processes: () => [] },
      userName: () => Promise.resolve("nobody"),
    });
    void front.run();
    try {
      const warnings = [{ code: "config_readable", message: "a warning" }] as const;
      return await runDaemon(config, source, warnings, log, daemon);
    } finally {
      await front.close();
    }
  };
  const until = async (step: string) => {
    while (!daemon.steps.includes(step)) await new Promise((resolve) => setTimeout(resolve, 2));
    // The API is there a moment later.
    if (step !== "READY=1") return;
    while (!text.includes("[front_started]")) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { daemon, run, until, text: () => text, file };
}

const UP = ["open", "start", "READY=1", "warm up", "STATUS=VI_1 master"];
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
      assert.equal((await client.command("VI_1", "promote")).took_ms, 612);
      daemon.signal(signal);
      assert.equal(await end, 0);
      assert.deepEqual(daemon.steps, [...UP, "STOPPING=1", "stop", "stopped", ...DOWN]);
      await assert.rejects(Deno.lstat(socket), Deno.errors.NotFound);
      await assert.rejects(Deno.lstat(join(folder, "engine.sock")), Deno.errors.NotFound);
      await assert.rejects(Deno.lstat(join(folder, "status.json")), Deno.errors.NotFound);
      assert.deepEqual(await publishedTargets(folder), []);
      assert.match(text(), /^<4>a warning \[config_readable\]$/m);
      assert.match(text(), /^<5>vipd \S+ starts on lb01, API on unix:.*api\.sock \[started\]$/m);
      assert.match(text(), new RegExp(`^<5>${signal}: hands over and stops`, "m"));
    }
  });
});

Deno.test("the last notifications are sent before a daemon ends, and the status names the targets", async () => {
  await inFolder(async (folder) => {
    const script = join(folder, "notify.sh");
    await Deno.writeTextFile(script, `#!/bin/sh\necho "$*" >> ${folder}/told\n`, { mode: 0o755 });
    const notify = `notify: [{ type: exec, name: ops, command: [${script}], on: [daemon] }]\n`;
    const { daemon, run, until } = launch(folder, undefined, notify);
    const end = run();
    await until("READY=1");
    const client = new ApiClient({ kind: "unix", path: join(folder, "api.sock") }, {
      token: () => readToken(join(folder, "token")),
    });
    const [target] = (await client.status()).notifications;
    assert.deepEqual([target?.name, target?.type, target?.lost], ["ops", "exec", 0]);
    daemon.signal("SIGTERM");
    assert.equal(await end, 0);
    const lines = (await Deno.readTextFile(join(folder, "told"))).trim().split("\n");
    assert.deepEqual(lines, ["NODE lb01 DAEMON 0", "NODE lb01 DAEMON 0", "NODE lb01 DAEMON 0"]);
    assert.deepEqual(daemon.steps.slice(-3), DOWN);
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

/** A running daemon, its file to edit, and the client that reloads it. */
async function whileItRuns(
  act: (
    running: ReturnType<typeof launch> & { client: ApiClient; folder: string },
  ) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const launched = launch(folder);
    const end = launched.run();
    await launched.until("READY=1");
    const client = new ApiClient({ kind: "unix", path: join(folder, "api.sock") }, {
      token: () => readToken(join(folder, "token")),
    });
    try {
      await act({ ...launched, client, folder });
    } finally {
      launched.daemon.signal("SIGTERM");
      assert.equal(await end, 0);
    }
  });
}

Deno.test("SIGHUP reads the file again, and the service manager learns when that is over", async () => {
  await whileItRuns(async ({ daemon, file, until }) => {
    file.text = file.text.replace("priority: 150", "priority: 120");
    daemon.signal("SIGHUP");
    const reloaded = "reload: instance VI_1: priority: 150 -> 120";
    await until(reloaded);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(daemon.steps.slice(2), [...UP.slice(2), "RELOADING=1", reloaded, "READY=1"]);
  });
});

Deno.test("reloads never overlap: who comes while one runs shares the next", async () => {
  await whileItRuns(async ({ daemon, file, client }) => {
    const edits = [110, 120, 130, 140];
    const answers = edits.map((priority) => {
      file.text = file.text.replace(/priority: \d+/, `priority: ${priority}`);
      return client.reload();
    });
    await Promise.all(answers);
    assert.equal(daemon.config.instances[0]!.priority, 140);
    const steps = daemon.steps.filter((step) => /RELOADING|READY/.test(step)).slice(1);
    assert.ok(steps.length >= 2 && steps.length <= 8, steps.join());
    steps.forEach((step, index) => assert.match(step, index % 2 === 0 ? /RELOADING/ : /READY/));
  });
});

Deno.test("any error keeps the configuration that runs, and all errors are reported", async () => {
  await whileItRuns(async ({ daemon, file, client, text, folder }) => {
    const valid = file.text;
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const cases: [edit: string, codes: string[]][] = [
      [valid.replace("vrid: 55", "vrid: 300").replace("priority", "priorty"), [
        "out_of_range",
        "unknown_key",
      ]],
      [`${valid}start_delay: 5s\n`.replace(`run_dir: ${folder}`, "run_dir: /run/x"), [
        "needs_restart",
        "needs_restart",
      ]],
      [valid.replace(/listen: .*/, `listen: 127.0.0.1:${taken.addr.port}`), ["listen_failed"]],
      [valid.replace(/listen: .*/, `token_file: ${folder}`), ["token_file_failed"]],
      ["", ["file_empty"]],
    ];
    for (const [edit, codes] of cases) {
      file.text = edit;
      await assert.rejects(client.reload(), (error) => {
        assert.ok(error instanceof DaemonRefusedError);
        assert.deepEqual([error.status, error.code], [422, "reload_failed"]);
        assert.deepEqual(error.diagnostics.map(({ code }) => code).sort(), codes);
        return true;
      });
    }
    assert.ok(!daemon.steps.some((step) => step.startsWith("reload:")), daemon.steps.join());
    assert.match(text(), /^<3>vipd\.yaml: error: run_dir: only a restart changes this; restart/m);
    assert.match(text(), /^<3>vipd\.yaml: error: api\.listen: .*the port is in use/m);
    file.text = valid;
    assert.deepEqual((await client.reload()).changes, []);
  });
});

Deno.test("the API moves to other addresses: new ones first, those that stay are not closed", async () => {
  await whileItRuns(async ({ file, client, folder }) => {
    const socket = join(folder, "first.sock");
    const other = join(folder, "other.sock");
    const listen = (list: string) => file.text = file.text.replace(/listen: .*/, `listen: ${list}`);
    listen(`"unix:${socket}"`);
    await client.reload();
    await told(folder, socket);
    // A connection that is kept open sees whether its listener was closed.
    using open = await Deno.connect({ transport: "unix", path: socket });
    listen(`["unix:${socket}", "unix:${other}"]`);
    assert.match((await client.reload()).changes[0]!.change, /other\.sock added$/);
    await open.write(new TextEncoder().encode("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"));
    const octets = new Uint8Array(100);
    const length = await open.read(octets);
    assert.match(new TextDecoder().decode(octets.subarray(0, length ?? 0)), /^HTTP\/1.1 200/);
    const otherClient = new ApiClient({ kind: "unix", path: other }, {
      token: () => readToken(join(folder, "another")),
    });
    assert.equal((await otherClient.status()).node, "lb01");
    // The old place goes with its listener, the token with its file.
    listen(`"unix:${other}"\n  token_file: ${folder}/another`);
    await client.reload();
    assert.deepEqual((await otherClient.reload()).changes, []);
    await told(folder, other);
    const oldToken = new ApiClient({ kind: "unix", path: other }, {
      token: () => readToken(join(folder, "token")),
    });
    await assert.rejects(oldToken.reload(), /The token is not the one/);
    // The local command line's own socket is there whatever the configuration names.
    assert.equal((await client.status()).node, "lb01");
  });
});

Deno.test("a certificate that ends is reported after the reload that brings it, until one that brings another", async () => {
  await whileItRuns(async ({ file, client, folder, until }) => {
    const before = file.text;
    const [cert, key] = [`${folder}/api.pem`, `${folder}/api.key`];
    const made = issueEnding();
    await Deno.writeTextFile(cert, made.cert);
    await Deno.writeTextFile(key, made.key, { mode: 0o600 });
    file.text = before.replace(
      /listen: .*/,
      `listen: ["unix:${folder}/api.sock", "0.0.0.0:${freePort()}"]
  tls: { cert: ${cert}, key: ${key} }`,
    );
    await client.reload();
    await until("certificate ends: renew it where it came from, then vipd reload");
    file.text = before;
    await client.reload();
    await until("certificate ends: no");
  });
});

function freePort(): number {
  using listener = Deno.listen({ port: 0 });
  return listener.addr.port;
}

function issueEnding() {
  const nowMs = Date.now() - LIFETIME_MS;
  return issueCertificate(makeAuthority("lb01"), { node: "lb01", names: ["lb01"], nowMs });
}

/** Waits until the run directory says that the API listens on this socket. */
async function told(folder: string, socket: string): Promise<void> {
  const wanted = JSON.stringify([{ kind: "unix", path: socket }]);
  while (JSON.stringify(await publishedTargets(folder)) !== wanted) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

Deno.test("the command line finds the daemon before and after a change of api.listen", async () => {
  await whileItRuns(async ({ file, folder }) => {
    const path = join(folder, "vipd.yaml");
    file.text = file.text.replace(/listen: .*/, `listen: "unix:${folder}/other.sock"`);
    await Deno.writeTextFile(path, file.text, { mode: 0o600 });
    await told(folder, join(folder, "api.sock"));
    const reloaded = await capture(["reload", "--config", path]);
    assert.deepEqual([reloaded.code, reloaded.err], [0, ""]);
    await told(folder, join(folder, "other.sock"));
    assert.deepEqual((await capture(["status", "--config", path])).err, "");
  });
});

Deno.test("peers are asked, and follow a reload", async () => {
  await whileItRuns(async ({ file, client, folder, until }) => {
    const peer = (url: string) => `peers: [{ name: lb02, url: "${url}" }]\n`;
    const valid = file.text;
    file.text = valid + peer("unix:/nonexistent/lb02.sock");
    assert.deepEqual((await client.reload()).changes.map(changeText), ["peer lb02: added"]);
    await until("peer lb02: nobody listens there");
    // This daemon itself answers.
    file.text = valid + peer(`unix:${folder}/api.sock`);
    await client.reload();
    await until("peer lb02: lb01");
  });
});

Deno.test("an API that cannot listen keeps no node from starting: it serves where it can", async () => {
  await inFolder(async (folder) => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { daemon, run, until } = launch(folder, `127.0.0.1:${taken.addr.port}`);
    const end = run();
    const client = new ApiClient({ kind: "unix", path: join(folder, "api.sock") });
    while (!daemon.steps.some((step) => /^API down: .*the port is in use/.test(step))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(daemon.steps.includes("READY=1"));
    assert.equal((await client.status()).node, "lb01");
    const orders = new ApiClient({ kind: "unix", path: join(folder, "api.sock") }, {
      token: () => readToken(join(folder, "token")),
    });
    assert.deepEqual((await orders.reload()).changes, [], "who holds the port refuses no reload");
    // Whoever had the port gives it up.
    taken.close();
    await until("READY=1");
    daemon.signal("SIGTERM");
    assert.equal(await end, 0);
  });
});

Deno.test("a token file that cannot be made keeps no node from starting: it is made when that is possible", async () => {
  await inFolder(async (folder) => {
    const place = join(folder, "place");
    await Deno.writeTextFile(place, "a file where a folder should be");
    const { daemon, run, until } = launch(
      folder,
      `unix:${folder}/api.sock\n  token_file: ${place}/token`,
    );
    const end = run();
    await until("READY=1");
    while (!daemon.steps.some((step) => /^API down: cannot use the token file/.test(step))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const client = new ApiClient({ kind: "unix", path: join(folder, "api.sock") }, {
      token: () => readToken(join(place, "token")),
    });
    assert.equal((await client.status()).node, "lb01");
    await Deno.remove(place);
    const other = new ApiClient({ kind: "unix", path: join(folder, "api.sock") }, {
      token: () => Promise.resolve("guess"),
    });
    // Whoever shows a token has the file looked for.
    await assert.rejects(other.reload(), /The token is not the one/);
    assert.deepEqual((await client.reload()).changes, []);
    daemon.signal("SIGTERM");
    assert.equal(await end, 0);
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

Deno.test("the journal goes on where the last run has left it, and damage is reported", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "state", "journal.jsonl");
    for (const [first, count] of [[1, 3], [4, 3]] as const) {
      const { daemon, run, until } = launch(folder);
      const end = run();
      await until("READY=1");
      assert.equal(daemon.journal.since(first - 1)[0]?.id, first);
      daemon.signal("SIGTERM");
      assert.equal(await end, 0);
      const lines = (await Deno.readTextFile(file)).trim().split(/\n+/).map((line) =>
        JSON.parse(line)
      );
      assert.ok(lines.length >= count * (first === 1 ? 1 : 2));
      assert.deepEqual(lines.map(({ id }) => id), lines.map((_, index) => index + 1));
    }
    await Deno.writeTextFile(file, "{", { append: true });
    const { daemon, run, until, text } = launch(folder);
    const end = run();
    await until("READY=1");
    daemon.signal("SIGTERM");
    await end;
    assert.match(text(), /^<4>.*1 damaged lines are left out \[journal_damaged\]$/m);
    assert.doesNotMatch(text(), /clock_set_back/);
  });
});

Deno.test("a clock that was set back while vipd was down is reported, at the first start alone", async () => {
  await inFolder(async (folder) => {
    const entry = { severity: "info", code: "started", message: "x" };
    const time = new Date(Date.now() + 3 * 3_600_000).toISOString();
    await Deno.mkdir(join(folder, "state"));
    await Deno.writeTextFile(
      join(folder, "state", "journal.jsonl"),
      `${JSON.stringify({ id: 7, time, ...entry })}\n`,
    );
    for (const isReported of [true, false]) {
      const { daemon, run, until, text } = launch(folder);
      const end = run();
      await until("READY=1");
      daemon.signal("SIGTERM");
      await end;
      const said = /^<4>.* 2 h 59 min later than this .*\[clock_set_back\]$/m;
      assert.equal(said.test(text()), isReported, text());
    }
  });
});
