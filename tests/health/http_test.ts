import assert from "node:assert/strict";
import type { HttpCheckConfig } from "../../src/health/check_config.ts";
import { COMMON, delay, listen, openQueued, probeOnce } from "./probing.ts";

function check(port: number, more: Partial<HttpCheckConfig> = {}): HttpCheckConfig {
  return {
    ...COMMON,
    type: "http",
    url: `http://127.0.0.1:${port}/`,
    status: { from: 200, to: 399 },
    ...more,
  };
}

/** A real HTTP server. */
function serve(handler: (request: Request) => Response | Promise<Response>) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
}

/** Answers every connection with these octets, once it has sent something, and then closes. */
function answering(text: string) {
  return listen(async (connection) => {
    await connection.read(new Uint8Array(4096));
    await connection.write(new TextEncoder().encode(text));
  });
}

/** Takes the request and never answers. */
function silent() {
  return listen(async (connection) => {
    while (await connection.read(new Uint8Array(4096)) !== null);
  });
}

Deno.test("an http check judges the status", async (t) => {
  const cases: readonly [number, { from: number; to: number }, string | RegExp][] = [
    [200, { from: 200, to: 399 }, /^HTTP 200 in \d+ ms$/],
    [200, { from: 200, to: 200 }, /^HTTP 200 in \d+ ms$/],
    [302, { from: 200, to: 399 }, /^HTTP 302 in \d+ ms$/],
    [302, { from: 200, to: 299 }, "HTTP 302, expected 200-299"],
    [404, { from: 200, to: 399 }, "HTTP 404, expected 200-399"],
    [502, { from: 200, to: 399 }, "HTTP 502, expected 200-399"],
    [204, { from: 204, to: 204 }, /^HTTP 204 in \d+ ms$/],
    [304, { from: 200, to: 399 }, /^HTTP 304 in \d+ ms$/],
    [304, { from: 304, to: 304 }, /^HTTP 304 in \d+ ms$/],
    [304, { from: 200, to: 303 }, "HTTP 304, expected 200-303"],
  ];
  for (const [answer, status, detail] of cases) {
    await t.step(`${answer} with ${status.from}-${status.to}`, async () => {
      await using server = serve(() =>
        new Response(answer === 204 || answer === 304 ? null : "x", {
          status: answer,
          headers: { location: "/elsewhere" },
        })
      );
      const result = await probeOnce(check(server.addr.port, { status }));
      assert.equal(result.ok, typeof detail !== "string");
      if (typeof detail === "string") assert.equal(result.detail, detail);
      else assert.match(result.detail, detail);
    });
  }
});

Deno.test("an http check asks as it is configured, on a new connection each time", async () => {
  const requests: string[] = [];
  await using server = listen(async (connection) => {
    const octets = new Uint8Array(4096);
    const count = await connection.read(octets) ?? 0;
    requests.push(new TextDecoder().decode(octets.subarray(0, count)));
    await connection.write(
      new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );
  });
  const url = `http://127.0.0.1:${server.port}/health%20y?deep=1`;
  await probeOnce(check(server.port, { url }));
  await probeOnce(check(server.port, { url, hostHeader: "www.example.org" }));
  assert.equal(server.connections, 2);
  const lines = requests.map((request) => request.split("\r\n"));
  assert.equal(lines[0]![0], "GET /health%20y?deep=1 HTTP/1.1");
  assert.ok(lines[0]!.includes(`Host: 127.0.0.1:${server.port}`));
  assert.ok(lines[1]!.includes("Host: www.example.org"));
  assert.ok(lines.every((request) => request.includes("Connection: close")));
  assert.ok(requests.every((request) => request.endsWith("\r\n\r\n")));
});

Deno.test("an http check looks for its text in the body", async (t) => {
  const late = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode("all is w"));
      await delay(20);
      controller.enqueue(new TextEncoder().encode("ell"));
      controller.close();
    },
  });
  const cases: readonly [string, () => Response, boolean][] = [
    ["there", () => new Response("all is well, says the server"), true],
    ["there, across two chunks", () => new Response(late), true],
    ["not there", () => new Response("all is lost"), false],
    ["an empty body", () => new Response(null), false],
  ];
  for (const [name, answer, ok] of cases) {
    await t.step(name, async () => {
      await using server = serve(answer);
      const result = await probeOnce(check(server.addr.port, { bodyContains: "is well" }));
      assert.equal(result.ok, ok);
      if (!ok) assert.equal(result.detail, 'body does not contain "is well"');
    });
  }
});

Deno.test("an http check stops reading a body without end", async () => {
  let sent = 0;
  await using server = listen(async (connection) => {
    await connection.read(new Uint8Array(4096));
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
    const octets = new Uint8Array(16_384).fill(0x61);
    for (;;) sent += await connection.write(octets);
  });
  const result = await probeOnce(check(server.port, { bodyContains: "b" }));
  assert.equal(result.detail, 'body does not contain "b"');
  assert.ok(sent > 64 * 1024, "the whole window was looked at");
});

Deno.test("an http check says why there is no answer", async (t) => {
  await t.step("connection refused", async () => {
    const server = silent();
    await server[Symbol.asyncDispose]();
    const result = await probeOnce(check(server.port));
    assert.deepEqual([result.ok, result.detail], [false, "connection refused"]);
  });
  await t.step("closed without an answer", async () => {
    await using server = answering("");
    const result = await probeOnce(check(server.port));
    assert.deepEqual([result.ok, result.detail], [false, "connection closed without an answer"]);
  });
  await t.step("another protocol", async () => {
    await using server = answering("220 mail.example.org ESMTP\r\n");
    const result = await probeOnce(check(server.port));
    assert.deepEqual([result.ok, result.detail], [
      false,
      'not an HTTP answer: "220 mail.example.org ESMTP"',
    ]);
  });
  await t.step("https to a server without TLS", async () => {
    await using server = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    const result = await probeOnce(
      check(server.port, { url: `https://127.0.0.1:${server.port}/` }),
    );
    assert.equal(result.ok, false);
    assert.match(result.detail, /message|TLS|corrupt/i);
  });
});

Deno.test("an http check does not outlast its timeout", async (t) => {
  const drip = () =>
    listen(async (connection) => {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
      for (;;) {
        await connection.write(new TextEncoder().encode("x"));
        await delay(10);
      }
    });
  const cases: readonly [string, () => ReturnType<typeof listen>, Partial<HttpCheckConfig>][] = [
    ["no answer", silent, {}],
    ["a body that drips", drip, { bodyContains: "never" }],
  ];
  for (const [name, start, more] of cases) {
    await t.step(name, async () => {
      await using server = start();
      const result = await probeOnce(check(server.port, { ...more, timeoutMs: 100 }));
      assert.deepEqual([result.ok, result.detail], [false, "no answer within 100 ms"]);
      assert.ok(result.tookMs >= 95 && result.tookMs < 1000, `took ${result.tookMs} ms`);
      await delay(50);
      assert.equal(server.open, 0, "the connection is closed");
    });
  }
});

Deno.test("an http check runs one probe at a time and ends it when closed", async () => {
  await using server = silent();
  const { prober, results } = openQueued(check(server.port, { timeoutMs: 60 }));
  prober.probe();
  prober.probe();
  await delay(30);
  assert.deepEqual([server.connections, server.open], [1, 1]);
  prober.close();
  prober.probe();
  await delay(60);
  assert.deepEqual([server.connections, server.open], [1, 0]);
  assert.deepEqual(results, []);
});

Deno.test("localhost is either loopback address", async (t) => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    await t.step(hostname, async () => {
      await using server = listen(async (connection) => {
        await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
      }, hostname);
      const url = `http://localhost:${server.port}/`;
      const result = await probeOnce(check(server.port, { url }));
      assert.equal(result.ok, true, result.detail);
    });
  }
});
