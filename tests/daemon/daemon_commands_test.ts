import assert from "node:assert/strict";
import { join } from "node:path";
import { formatListenAddress } from "../../src/api/listen_address.ts";
import { parseConfig } from "../../src/config/load.ts";
import { EXIT } from "../../src/exit.ts";
import { createApi } from "../../src/front/http/app.ts";
import { serveApi } from "../front/server/serve_api.ts";
import type { ReloadOutcome } from "../../src/status/commands/reloading.ts";
import { capture, exampleConfig, inFolder } from "../cli/captured_context.ts";
import {
  exampleInstance,
  exampleStatus,
  FakeBackend,
  REFUSAL_CODES,
  RELOADED,
  TOKEN,
} from "../front/fake_backend.ts";
import { judgeOf } from "../front/fake_judge.ts";
import { examplePeer } from "../node/pair/example_peer.ts";

interface Fixture {
  readonly backend: FakeBackend;
  /** Options that lead to the fake daemon with the right token. */
  readonly to: string[];
  readonly api: string;
  readonly folder: string;
}

/** A fake daemon on loopback. */
async function withDaemon(act: (fixture: Fixture) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const backend = new FakeBackend();
    const app = createApi({
      backend,
      judge: judgeOf(TOKEN),
    });
    const server = await serveApi([{ kind: "tcp", host: "127.0.0.1", port: 0 }], app);
    const api = formatListenAddress(server.addresses[0]!);
    const tokenFile = join(folder, "token");
    await Deno.writeTextFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    try {
      const to = ["--api", api, "--token-file", tokenFile];
      await act({ backend, to, api, folder });
    } finally {
      await server.close();
    }
  });
}

Deno.test("status shows text, colours where asked for, and the API's JSON", async () => {
  await withDaemon(async ({ api, backend }) => {
    backend.current = exampleStatus({ peers: [examplePeer({ state: "master" })] });
    const plain = await capture(["status", "--api", api]);
    assert.deepEqual([plain.code, plain.err], [EXIT.ok, ""]);
    assert.match(plain.out, /^VI_1 {2}MASTER {2}eth1, VRID 55/m);
    const coloured = await capture(["status", "--api", api], { colour: true });
    assert.ok(coloured.out.includes("\x1b[1;32mMASTER"));
    const refused = await capture(["status", "--api", api, "--no-color"], { colour: true });
    assert.equal(refused.out, plain.out);
    const json = await capture(["status", "--api", api, "--json"], { colour: true });
    assert.deepEqual(JSON.parse(json.out), backend.current);
    const all = await capture(["status", "--api", api, "--all"]);
    assert.match(
      all.out,
      /^VI_1 {2}MASTER {2}eth1, VRID 55[^]*^ {2}state .* MASTER .*<- two masters$/m,
    );
  });
});

Deno.test("a reload prints what changed; what is wrong goes to standard error, with 3", async () => {
  await withDaemon(async ({ to, backend }) => {
    const taken = await capture(["reload", ...to]);
    assert.deepEqual(taken, {
      code: EXIT.ok,
      out: "instance VI_1: priority: 150 -> 120\nreloaded: 1 change, 12 ms\n",
      err: "",
    });
    const { changes } = RELOADED as Extract<ReloadOutcome, { ok: true }>;
    const json = await capture(["reload", "--json", ...to]);
    assert.deepEqual(JSON.parse(json.out), {
      reloaded: true,
      took_ms: 12,
      changes,
      warnings: [],
    });
    const parsed = parseConfig("instances: []\nnoed: x\n", "vipd.yaml", { hostname: "lb01" });
    assert.ok(!parsed.ok);
    backend.reloaded = { ok: false, diagnostics: parsed.diagnostics };
    const refused = await capture(["reload", ...to]);
    assert.deepEqual([refused.code, refused.out], [EXIT.configInvalid, ""]);
    assert.match(refused.err, /^vipd\.yaml:1:12: error: instances: /);
    assert.match(refused.err, /^vipd\.yaml:2:1: error: .*did you mean `node`/m);
    assert.match(refused.err, /^vipd: The configuration is not taken/m);
    const refusedJson = await capture(["reload", "--json", ...to]);
    assert.equal(refusedJson.code, EXIT.configInvalid);
    assert.equal(JSON.parse(refusedJson.out).diagnostics.length, parsed.diagnostics.length);
  });
});

Deno.test("a command prints its outcome", async (t) => {
  const backup = exampleInstance({
    state: "backup",
    master: { address: "192.168.31.12", priority: 100 },
  });
  const until = "2026-03-01T10:10:00.000Z";
  const promoted = exampleInstance({
    override: { kind: "promoted", priority: 254, since: "2026-03-01T10:00:00.000Z", until },
  });
  const cases = [
    {
      argv: ["promote"],
      want: "VI_1: lb01 is master now, 612 ms; lb02 was backup before\n",
      order: { kind: "promote" },
    },
    {
      argv: ["promote", "VI_1", "--for", "10m"],
      instance: promoted,
      want:
        "VI_1: lb01 is master now, 612 ms, until 2026-03-01 10:10:00; lb02 was backup before; " +
        "replaces promoted until 2026-03-01 10:10:00\n",
      order: { kind: "promote", forMs: 600_000 },
    },
    {
      argv: ["demote", "VI_1"],
      instance: backup,
      want: "VI_1: lb01 is backup now, 612 ms; master is 192.168.31.12, priority 100\n",
      order: { kind: "demote" },
    },
    {
      argv: ["release"],
      want: "VI_1: nothing to release; lb01 is master, priority 90\n",
      order: { kind: "release" },
    },
    {
      argv: ["priority", "120"],
      want: "VI_1: priority 90 (configured 150); lb01 is master\n",
      order: { kind: "set_priority", priority: 120 },
    },
    {
      argv: ["priority", "VI_1", "--reset"],
      want: "VI_1: priority 90 (configured 150); lb01 is master\n",
      order: { kind: "clear_priority" },
    },
  ];
  for (const { argv, instance, want, order } of cases) {
    await t.step(argv.join(" "), async () => {
      await withDaemon(async ({ backend, to }) => {
        if (instance) backend.current = exampleStatus({ instances: [instance] });
        const result = await capture([...argv, ...to]);
        assert.deepEqual(result, { code: EXIT.ok, out: want, err: "" });
        assert.deepEqual(backend.commands, [{ instance: "VI_1", ...order }]);
        const json = await capture([...argv, ...to, "--json"]);
        assert.equal(JSON.parse(json.out).took_ms, 612);
      });
    });
  }
});

Deno.test("an override that is not on the disk is in force, and is said to end with the run", async (t) => {
  const notKept = "No space left on device (os error 28)";
  const orders = [["promote"], ["demote", "--for", "2h"], ["release"], ["priority", "120"]];
  for (const argv of orders) {
    await t.step(argv.join(" "), async () => {
      await withDaemon(async ({ backend, to }) => {
        const instance = exampleInstance();
        backend.outcome = { ok: true, tookMs: 7, instance, peers: [], notKept };
        const { code, out, err } = await capture([...argv, ...to]);
        assert.deepEqual([code, err], [EXIT.ok, ""]);
        assert.match(
          out,
          /^VI_1: .*; but this would not outlive a restart: No space left on .*\n$/,
        );
        const json = await capture([...argv, ...to, "--json"]);
        assert.equal(JSON.parse(json.out).not_kept, notKept);
      });
    });
  }
});

Deno.test("with several instances a command must name one", async () => {
  await withDaemon(async ({ backend, to }) => {
    const second = exampleInstance({ name: "VI_2" });
    backend.current = exampleStatus({ instances: [exampleInstance(), second] });
    const { code, err } = await capture(["promote", ...to]);
    assert.equal(code, EXIT.usage);
    assert.match(err, /name instances of lb01, or give --all for all of them: VI_1, VI_2/);
    assert.equal((await capture(["promote", "VI_2", ...to])).code, EXIT.ok);
    assert.deepEqual(backend.commands, [{ kind: "promote", instance: "VI_2" }]);
  });
});

Deno.test("a command that the node refuses ends with 6 and its reason", async (t) => {
  for (const code of REFUSAL_CODES) {
    await t.step(code, async () => {
      await withDaemon(async ({ backend, to }) => {
        backend.outcome = { ok: false, code, message: `no: ${code}` };
        const result = await capture(["demote", "VI_1", ...to]);
        assert.deepEqual(result, { code: EXIT.refused, out: "", err: `vipd: no: ${code}\n` });
      });
    });
  }
});

Deno.test("without the right token a command ends with 4", async (t) => {
  await withDaemon(async ({ api, backend, folder }) => {
    await t.step("wrong token", async () => {
      const path = join(folder, "wrong");
      await Deno.writeTextFile(path, "wrong\n");
      const { code, err } = await capture(["promote", "--api", api, "--token-file", path]);
      assert.equal(code, EXIT.notPermitted);
      assert.match(err, /token is not the one in the token file/);
    });
    await t.step("no token file", async () => {
      const path = join(folder, "none");
      const { code, err } = await capture(["promote", "--api", api, "--token-file", path]);
      assert.equal(code, EXIT.notPermitted);
      assert.match(err, new RegExp(`cannot read the token file ${path}: it does not exist`));
    });
    assert.deepEqual(backend.commands, []);
  });
});

Deno.test("a defect of the daemon ends with 1", async () => {
  await withDaemon(async ({ backend, to }) => {
    backend.outcome = new Error("broken");
    const { code, err } = await capture(["promote", ...to]);
    assert.equal(code, EXIT.failure);
    assert.match(err, /defect of vipd; its log has the details/);
  });
});

Deno.test("without a daemon a command ends with 5 and says what to do", async () => {
  await inFolder(async (folder) => {
    const argv = ["--api", `unix:${folder}/api.sock`, "--token-file", `${folder}/token`];
    for (const command of ["status", "promote", "demote", "release"]) {
      const options = command === "status" ? argv.slice(0, 2) : argv;
      const { code, out, err } = await capture([command, ...options]);
      assert.deepEqual([code, out], [EXIT.unreachable, ""]);
      assert.match(err, /cannot reach vipd at unix:.*systemctl status vipd/);
    }
  });
});

Deno.test("address and token come from the configuration that is named", async () => {
  await withDaemon(async ({ api, backend, folder }) => {
    const path = join(folder, "vipd.yaml");
    await Deno.writeTextFile(path, exampleConfig(folder, api.replace("http://", "")));
    assert.equal((await capture(["status", "--config", path])).code, EXIT.ok);
    assert.equal((await capture(["promote", "--config", path])).code, EXIT.ok);
    assert.equal(backend.commands.length, 1);
  });
});

Deno.test("a named configuration that is not valid ends with 3", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    const missing = await capture(["status", "--config", path]);
    assert.equal(missing.code, EXIT.configInvalid);
    assert.match(missing.err, /vipd\.yaml: error: /);
    await Deno.writeTextFile(path, "instances: 7\n");
    assert.equal((await capture(["status", "--config", path])).code, EXIT.configInvalid);
  });
});
