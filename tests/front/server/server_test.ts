import assert from "node:assert/strict";
import { join } from "node:path";
import { ApiClient } from "../../../src/api/client.ts";
import { DaemonRefusedError, DaemonUnreachableError } from "../../../src/api/client_errors.ts";
import { formatListenAddress } from "../../../src/api/listen_address.ts";
import type { ListenAddress } from "../../../src/config/model.ts";
import { createApi } from "../../../src/front/http/app.ts";
import { ApiListenError, type ApiServer } from "../../../src/front/server/server.ts";
import { serveApi } from "./serve_api.ts";
import { inFolder } from "../../cli/captured_context.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

const LOOPBACK: ListenAddress = { kind: "tcp", host: "127.0.0.1", port: 0 };

function fakeApp(backend = new FakeBackend()) {
  return createApi({
    backend,
    judge: judgeOf(TOKEN),
  });
}

async function serving(
  addresses: readonly ListenAddress[],
  backend: FakeBackend,
  act: (server: ApiServer) => Promise<void>,
): Promise<void> {
  const server = await serveApi(addresses, fakeApp(backend));
  try {
    await act(server);
  } finally {
    await server.close();
  }
}

function clientOf(address: ListenAddress, token = TOKEN, commandTimeoutMs = 5000): ApiClient {
  const target = address.kind === "unix"
    ? address
    : { kind: "http" as const, url: formatListenAddress(address) };
  return new ApiClient(target, {
    token: () => Promise.resolve(token),
    readTimeoutMs: 500,
    commandTimeoutMs,
  });
}

Deno.test("every call reaches the node over loopback and over a unix socket", async (t) => {
  await inFolder(async (folder) => {
    const backend = new FakeBackend();
    backend.journal.record("info", "started", "vipd started");
    const listen: ListenAddress[] = [
      LOOPBACK,
      { kind: "tcp", host: "::1", port: 0 },
      { kind: "unix", path: join(folder, "run", "api.sock") },
    ];
    await serving(listen, backend, async (server) => {
      for (const address of server.addresses) {
        await t.step(formatListenAddress(address), async () => {
          const client = clientOf(address);
          assert.deepEqual(await client.status(), backend.current);
          assert.equal((await client.events())[0]?.code, "started");
          assert.deepEqual(await client.events(1), []);
          assert.equal((await client.command("VI_1", "promote", { for: "10m" })).took_ms, 612);
          await client.command("VI_1", "demote");
          await client.command("VI_1", "release");
          await client.setPriority("VI_1", 77);
          await client.clearPriority("VI_1");
          const instance = "VI_1";
          assert.deepEqual(backend.commands.splice(0), [
            { kind: "promote", instance, forMs: 600_000 },
            { kind: "demote", instance },
            { kind: "release", instance },
            { kind: "set_priority", instance, priority: 77 },
            { kind: "clear_priority", instance },
          ]);
        });
      }
    });
  });
});

Deno.test("the client recognizes a rejection by its code", async () => {
  const backend = new FakeBackend();
  await serving([LOOPBACK], backend, async ({ addresses: [address] }) => {
    await assert.rejects(
      clientOf(address!, "wrong").command("VI_1", "promote"),
      (error) => error instanceof DaemonRefusedError && error.code === "token_wrong",
    );
    await assert.rejects(
      clientOf(address!).command("no such/name", "promote"),
      (error) =>
        error instanceof DaemonRefusedError && error.status === 404 &&
        error.code === "instance_unknown" && /"no such\/name"/.test(error.message),
    );
  });
});

Deno.test("the client shows a token for reading only where one is needed", async () => {
  const backend = new FakeBackend();
  for (
    const [app, asked] of [
      [createApi({ backend, judge: judgeOf(TOKEN) }), 0],
      [createApi({ backend, judge: judgeOf(TOKEN, "reader") }), 1],
    ] as const
  ) {
    const server = await serveApi([LOOPBACK], app);
    try {
      let count = 0;
      const url = formatListenAddress(server.addresses[0]!);
      const readToken = () => {
        count++;
        return Promise.resolve("reader");
      };
      assert.equal(
        (await new ApiClient({ kind: "http", url }, { readToken }).status()).node,
        "lb01",
      );
      assert.equal(count, asked);
    } finally {
      await server.close();
    }
  }
});

Deno.test("guesses are counted by the address that they come from", async () => {
  await serving([LOOPBACK], new FakeBackend(), async ({ addresses: [address] }) => {
    const guess = () =>
      clientOf(address!, "wrong").command("VI_1", "promote").catch((error) => error.code);
    const codes: string[] = [];
    for (let count = 0; count < 11; count++) codes.push(await guess());
    assert.deepEqual(codes.slice(9), ["token_wrong", "too_many_failures"]);
  });
});

Deno.test("the client does not use the proxy of the environment", async () => {
  const saved = Deno.env.get("HTTP_PROXY");
  Deno.env.set("HTTP_PROXY", "http://127.0.0.1:9");
  try {
    await serving([LOOPBACK], new FakeBackend(), async ({ addresses: [address] }) => {
      assert.equal((await clientOf(address!).status()).node, "lb01");
    });
  } finally {
    if (saved === undefined) Deno.env.delete("HTTP_PROXY");
    else Deno.env.set("HTTP_PROXY", saved);
  }
});

Deno.test("the client says where nobody answers and what to do", async (t) => {
  /** A program that takes connections and answers `reply`, or nothing at all. */
  function impostor(reply: string | null) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connections: Deno.TcpConn[] = [];
    (async () => {
      for await (const connection of listener) {
        connections.push(connection);
        if (reply !== null) await connection.write(new TextEncoder().encode(reply));
      }
    })().catch(() => {});
    const close = () => {
      for (const connection of connections) connection.close();
      listener.close();
    };
    return { url: `http://127.0.0.1:${listener.addr.port}`, close };
  }
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  closed.close();
  const silent = impostor(null);
  const babbling = impostor("220 mail.example ESMTP\r\n");
  const other = impostor("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  const stuck = impostor('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"node":');
  const cases = [
    {
      name: "nobody listens",
      url: `http://127.0.0.1:${closed.addr.port}`,
      want: /nobody listens there; is vipd running \(systemctl status vipd, or/,
    },
    { name: "no answer", url: silent.url, want: /no answer .* within 0.2 s/ },
    { name: "half an answer", url: stuck.url, want: /no answer .* within 0.2 s/ },
    { name: "not HTTP", url: babbling.url, want: /cannot reach vipd at/ },
    { name: "another program", url: other.url, want: /what answers at \S+ is not vipd/ },
  ];
  try {
    for (const { name, url, want } of cases) {
      await t.step(name, async () => {
        const client = new ApiClient({ kind: "http", url }, { readTimeoutMs: 200 });
        await assert.rejects(client.status(), (error) => {
          assert.ok(error instanceof DaemonUnreachableError);
          assert.match(error.message, want);
          assert.ok(error.message.includes(url));
          return true;
        });
      });
    }
    await t.step("no such socket", async () => {
      const client = new ApiClient({ kind: "unix", path: "/nonexistent/api.sock" });
      await assert.rejects(client.status(), /unix:\/nonexistent\/api\.sock: nobody listens there/);
    });
  } finally {
    for (const program of [silent, babbling, other, stuck]) program.close();
  }
});

Deno.test("a port in use is named with the remedy, and nothing keeps listening", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    await assert.rejects(
      serveApi([{ kind: "unix", path }, { kind: "tcp", host: "127.0.0.1", port }], fakeApp()),
      (error) =>
        error instanceof ApiListenError && error.message.includes(`127.0.0.1:${port}`) &&
        error.message.includes(`ss -ltnp 'sport = :${port}'`),
    );
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  });
});

Deno.test("an address that the machine does not have is named", async () => {
  await assert.rejects(
    serveApi([{ kind: "tcp", host: "192.0.2.1", port: 0 }], fakeApp()),
    /this machine does not have the address; choose another in api\.listen/,
  );
});

Deno.test("a unix socket is for owner and group, and is gone after close", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    await serving([{ kind: "unix", path }], new FakeBackend(), async () => {
      assert.equal((await Deno.lstat(path)).mode! & 0o777, 0o660);
    });
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  });
});

/** In a thread of its own, which sees each mode that a socket ever has. */
const LOOKS = `
onmessage = ({ data: path }) => {
  const modes = new Set();
  postMessage("looks");
  const endMs = performance.now() + 300;
  while (performance.now() < endMs) {
    try {
      modes.add(Deno.lstatSync(path).mode & 0o777);
    } catch {}
  }
  postMessage([...modes]);
};
`;

Deno.test("a unix socket has the mode that is given, from its first moment on", async () => {
  const looker = new Worker(`data:text/javascript,${encodeURIComponent(LOOKS)}`, {
    type: "module",
  });
  const next = () =>
    new Promise((resolve) => looker.addEventListener("message", resolve, { once: true }))
      .then((event) => (event as MessageEvent).data);
  await inFolder(async (folder) => {
    const before = Deno.umask();
    for (const mode of [0o600, 0o666, 0o660]) {
      const path = join(folder, `${mode}.sock`);
      const looks = next();
      looker.postMessage(path);
      await looks;
      const modes = next();
      await serving([{ kind: "unix", path, mode }], new FakeBackend(), async () => {
        assert.deepEqual(await modes, [mode]);
      });
    }
    assert.equal(Deno.umask(), before);
  });
  looker.terminate();
});

Deno.test("a unix socket takes another mode while it is served", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    await serving([{ kind: "unix", path }], new FakeBackend(), async (server) => {
      (await server.prepare([{ kind: "unix", path, mode: 0o600 }])).commit();
      assert.equal((await Deno.lstat(path)).mode! & 0o777, 0o600);
      const [address] = server.addresses;
      assert.equal((await clientOf(address!).status()).node, "lb01");
    });
  });
});

Deno.test("the stale socket of a dead vipd is replaced", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    const script = `Deno.listen({ transport: "unix", path: ${JSON.stringify(path)} });` +
      `Deno.kill(Deno.pid, "SIGKILL");`;
    await new Deno.Command(Deno.execPath(), { args: ["eval", script], stdout: "null" }).output();
    assert.ok((await Deno.lstat(path)).isSocket);
    await serving([{ kind: "unix", path }], new FakeBackend(), async ({ addresses: [address] }) => {
      assert.equal((await clientOf(address!).status()).node, "lb01");
    });
  });
});

Deno.test("a socket that somebody answers on is left alone", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    await serving([{ kind: "unix", path }], new FakeBackend(), async ({ addresses: [address] }) => {
      await assert.rejects(
        serveApi([{ kind: "unix", path }], fakeApp()),
        (error) => error instanceof ApiListenError && /another program answers/.test(error.message),
      );
      assert.equal((await clientOf(address!).status()).node, "lb01");
    });
  });
});

Deno.test("a file in the socket's place is left alone", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "api.sock");
    await Deno.writeTextFile(path, "precious");
    await assert.rejects(serveApi([{ kind: "unix", path }], fakeApp()), /not a socket/);
    assert.equal(await Deno.readTextFile(path), "precious");
  });
});

Deno.test("close does not wait for clients that send or read slowly", async () => {
  const backend = new FakeBackend();
  const server = await serveApi([LOOPBACK], fakeApp(backend));
  const address = server.addresses[0]!;
  assert.ok(address.kind === "tcp");
  const slow = [
    "GET /v1/sta",
    "POST /v1/instances/VI_1/promote HTTP/1.1\r\nHost: localhost\r\n" +
    `Authorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
  ];
  const connections: Deno.TcpConn[] = [];
  for (const text of slow) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
    await connection.write(new TextEncoder().encode(text));
    connections.push(connection);
  }
  assert.equal((await clientOf(address).status()).node, "lb01");
  // Neither request ever ends: without its grace this would wait for good.
  await server.close();
  assert.deepEqual(backend.commands, []);
  for (const connection of connections) connection.close();
});

Deno.test("when descriptors are used up that is reported, its end too, and the listener lives", async () => {
  // A process of its own, whose limit is low and whose descriptors a test can use up.
  const script = `
    import { serveApi } from ${JSON.stringify(import.meta.resolve("./serve_api.ts"))};
    const app = { fetch: () => new Response("here") };
    const told = [];
    const options = { problem: (text) => told.push(text) };
    const server = await serveApi([{ kind: "tcp", host: "127.0.0.1", port: 0 }], app, options);
    const { port } = server.addresses[0];
    const files = [];
    // Connected before, accepted after.
    const connecting = Deno.connect({ hostname: "127.0.0.1", port });
    try {
      while (true) files.push(Deno.openSync("/dev/null"));
    } catch {
      // None is left.
    }
    const conn = await connecting.catch(() => null);
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const file of files) file.close();
    conn?.close();
    const answer = await (await fetch("http://127.0.0.1:" + port)).text();
    while (told.length === 1) await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify({ told, answer }));
    Deno.exit();
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    // Deno itself raises the soft limit to the hard one.
    const run =
      `ulimit -n 100; exec ${Deno.execPath()} run -A --no-check --config ${config} ${file}`;
    const { stdout, stderr } = await new Deno.Command("sh", { args: ["-c", run] }).output();
    const text = new TextDecoder().decode(stdout);
    assert.match(text, /^\{/, new TextDecoder().decode(stderr));
    const { told, answer } = JSON.parse(text);
    assert.equal(answer, "here");
    assert.equal(told.length, 2);
    assert.match(told[0], /cannot take connections on http:.*Too many open files.*LimitNOFILE/);
    assert.equal(told[1], null);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("close lets a running command end", async () => {
  const backend = new FakeBackend();
  backend.delayMs = 200;
  const server = await serveApi([LOOPBACK], fakeApp(backend));
  const order = clientOf(server.addresses[0]!).command("VI_1", "demote");
  while (backend.commands.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await server.close();
  assert.equal((await order).took_ms, 612);
});
