/** Requests to servers that want to keep their client busy, in clear text and over TLS, on loopback. */

import assert from "node:assert/strict";
import { type HttpRequest, request } from "../../src/http/request.ts";
import { HttpSyntaxError } from "../../src/http/syntax_error.ts";
import { ConnectionShutdown } from "../../src/linux/sys/connection_shutdown.ts";
import { Libc } from "../../src/linux/sys/libc.ts";
import type { ShutDown } from "../../src/runtime/connection.ts";
import type { AnswerName } from "./hostile_answers.ts";
import { CERTIFICATE, HostileServers } from "./hostile_servers.ts";

const NEVER = new AbortController().signal;
const TLS = { name: "www.example.org", caCerts: [Deno.readTextFileSync(CERTIFICATE)] };

function to(port: number, secure: boolean): HttpRequest {
  return {
    destination: { kind: "tcp", host: "127.0.0.1", port, tls: secure ? TLS : null },
    path: "/",
    headers: { Host: "www.example.org" },
  };
}

/** How many sockets this process has. */
function sockets(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
    } catch {
      return false; // The folder's own descriptor.
    }
  }).length;
}

/** Reads all of an answer, of which nothing is enough. */
function readAll(wanted: HttpRequest): Promise<null> {
  return request(wanted, () => null, { signal: NEVER });
}

Deno.test("an answer that does not end by itself is refused, in clear text and over TLS", async (t) => {
  await using servers = await HostileServers.start();
  const cases: readonly (readonly [AnswerName, RegExp])[] = [
    ["interim", /more than 5 interim/],
    ["tinyChunks", /malformed chunk/],
    ["fieldLines", /more than 256 lines/],
    ["statusLine", /head does not end/],
    ["notHttp", /not an HTTP answer/],
    ["cut", /closed within the answer/],
  ];
  for (const [answer, message] of cases) {
    for (const secure of [false, true]) {
      await t.step(secure ? `${answer}, TLS` : answer, async () => {
        const port = servers.port(secure ? `tls:${answer}` : answer);
        await assert.rejects(readAll(to(port, secure)), (error: Error) => {
          assert.ok(error instanceof HttpSyntaxError, String(error));
          assert.match(error.message, message);
          return true;
        });
      });
    }
  }
});

Deno.test("what is seen ends a request, however much comes after it", async (t) => {
  await using servers = await HostileServers.start();
  for (const answer of ["gigabyte", "octetByOctet", "chunkExtensions"] as const) {
    for (const secure of [false, true]) {
      await t.step(secure ? `${answer}, TLS` : answer, async () => {
        const wanted = to(servers.port(secure ? `tls:${answer}` : answer), secure);
        const status = await request(
          wanted,
          ({ headComplete, status }) => headComplete ? status : null,
          { signal: NEVER },
        );
        assert.equal(status, 200);
      });
    }
  }
});

Deno.test("a server that hangs in its handshake or later costs no descriptor", async (t) => {
  const libc = Libc.open();
  const ending = new ConnectionShutdown(libc);
  const shutDown: ShutDown = (connection) => void ending.shutdown(connection);
  await using servers = await HostileServers.start();
  const cases = [
    ["in the handshake", servers.port("neverReads"), true],
    ["with the answer", servers.port("silence"), false],
    ["with the answer, TLS", servers.port("tls:silence"), true],
    ["in an answer without end, TLS", servers.port("tls:endlessBody"), true],
  ] as const;
  for (const [name, port, secure] of cases) {
    await t.step(name, async () => {
      const before = sockets();
      for (let nth = 0; nth < 10; nth++) {
        const late = new AbortController();
        const timer = setTimeout(() => late.abort(), 30);
        const options = { signal: late.signal, shutDown };
        await assert.rejects(request(to(port, secure), () => null, options));
        clearTimeout(timer);
        assert.equal(late.signal.aborted, true, "nothing but its end ended it");
      }
      // The runtime lets go of them in turns of its own.
      const untilMs = performance.now() + 2000;
      while (sockets() > before && performance.now() < untilMs) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      // One more or less is another's.
      assert.ok(sockets() < before + 5, `${sockets()} sockets after ${before}`);
    });
  }
  libc.close();
});

Deno.test("a name that no certificate can have costs no descriptor", async () => {
  await using servers = await HostileServers.start();
  const tls = { name: "a b" };
  const destination = {
    kind: "tcp",
    host: "127.0.0.1",
    port: servers.port("tls:cut"),
    tls,
  } as const;
  const before = sockets();
  for (let nth = 0; nth < 10; nth++) {
    await assert.rejects(readAll({ destination, path: "/", headers: { Host: tls.name } }));
  }
  assert.ok(sockets() < before + 5, `${sockets()} sockets after ${before}`);
});

Deno.test("a request says what was asked for, with a body and its length", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked = (async () => {
    using connection = await listener.accept();
    const octets = new Uint8Array(4096);
    const count = await connection.read(octets) ?? 0;
    await connection.write(new TextEncoder().encode("HTTP/1.1 204 No Content\r\n\r\n"));
    return new TextDecoder().decode(octets.subarray(0, count));
  })();
  const answer = await request(
    {
      ...to(listener.addr.port, false),
      method: "POST",
      path: "/hook?a=b",
      headers: { Host: "www.example.org", "X-Y": "z" },
      body: "körper",
    },
    ({ status }) => status,
    { signal: NEVER },
  );
  assert.equal(answer, 204);
  const [head = "", body] = (await asked).split("\r\n\r\n");
  assert.deepEqual(head.split("\r\n"), [
    "POST /hook?a=b HTTP/1.1",
    "Host: www.example.org",
    "X-Y: z",
    "User-Agent: vipd",
    "Accept-Encoding: identity",
    "Connection: close",
    "Content-Length: 7",
  ]);
  assert.equal(body, "körper");
  listener.close();
});
