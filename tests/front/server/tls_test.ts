/** The API over TLS. */

import assert from "node:assert/strict";
import { ApiClient } from "../../../src/api/client.ts";
import { DaemonUnreachableError } from "../../../src/api/client_errors.ts";
import { parseTarget } from "../../../src/api/exchange.ts";
import { formatListenAddress } from "../../../src/api/listen_address.ts";
import type { ListenAddress } from "../../../src/config/model.ts";
import { createApi } from "../../../src/front/http/app.ts";
import { httpLimits } from "../../../src/front/server/limits.ts";
import { ApiListenError } from "../../../src/front/server/server.ts";
import { serveApi } from "./serve_api.ts";
import { ConnectionShutdown } from "../../../src/linux/sys/connection_shutdown.ts";
import { Libc } from "../../../src/linux/sys/libc.ts";
import { type Certificate, certificate } from "../certificates.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

async function withCertificates(
  act: (first: Certificate, second: Certificate) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(await certificate(folder, "first"), await certificate(folder, "second"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where TLS is spoken; the loopback stands for an address that other machines reach. */
function address(tls: Certificate, port = 0): ListenAddress {
  return { kind: "tcp", host: "127.0.0.1", port, tls };
}

function app() {
  return createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) });
}

function clientOf(listen: ListenAddress, ...caCerts: string[]): ApiClient {
  const target = parseTarget(formatListenAddress(listen))!;
  return new ApiClient(target, {
    caCerts,
    token: () => Promise.resolve(TOKEN),
    readTimeoutMs: 2000,
  });
}

const unreachable = (why: RegExp) => (error: unknown) =>
  error instanceof DaemonUnreachableError && why.test(error.message);

Deno.test("over TLS the client reads and commands when it trusts the certificate, and not otherwise", async () => {
  await withCertificates(async ({ cert, key }, other) => {
    const server = await serveApi([address({ cert, key })], app());
    try {
      const [listen] = server.addresses;
      assert.match(formatListenAddress(listen!), /^https:\/\/127\.0\.0\.1:\d+$/);
      const client = clientOf(listen!, cert);
      assert.equal((await client.status()).node, "lb01");
      assert.equal((await client.command("VI_1", "promote")).took_ms, 612);
      for (const distrusting of [clientOf(listen!), clientOf(listen!, other.cert)]) {
        await assert.rejects(distrusting.status(), unreachable(/certificate/));
      }
      const plain = formatListenAddress(listen!).replace("https", "http");
      await assert.rejects(new ApiClient(parseTarget(plain)!).status(), unreachable(/./));
    } finally {
      await server.close();
    }
  });
});

Deno.test("a new certificate takes the place of the old one on the same port", async () => {
  await withCertificates(async (first, second) => {
    const server = await serveApi([address(first)], app());
    try {
      const [open] = server.addresses;
      assert.ok(open?.kind === "tcp");
      const { port } = open;
      (await server.prepare([address(second, port)])).commit();
      assert.equal((await clientOf(open, second.cert).status()).node, "lb01");
      await assert.rejects(clientOf(open, first.cert).status(), unreachable(/certificate/));
    } finally {
      await server.close();
    }
  });
});

Deno.test("a certificate and a key that do not belong together change nothing", async () => {
  await withCertificates(async (first, second) => {
    const server = await serveApi([address(first)], app());
    try {
      const [open] = server.addresses;
      assert.ok(open?.kind === "tcp");
      const mixed = { cert: second.cert, key: first.key };
      await assert.rejects(
        server.prepare([address(mixed, open.port)]),
        (error) => error instanceof ApiListenError && /belong together/.test(error.message),
      );
      assert.equal((await clientOf(open, first.cert).status()).node, "lb01");
    } finally {
      await server.close();
    }
  });
});

Deno.test("when a later address cannot be opened, the old certificate is in its place again", async () => {
  await withCertificates(async (first, second) => {
    const server = await serveApi([address(first)], app());
    try {
      const [open] = server.addresses;
      assert.ok(open?.kind === "tcp");
      const nowhere: ListenAddress = { kind: "tcp", host: "192.0.2.1", port: 0 };
      await assert.rejects(
        server.prepare([address(second, open.port), nowhere]),
        (error) => error instanceof ApiListenError && error.message.includes("192.0.2.1"),
      );
      assert.equal((await clientOf(open, first.cert).status()).node, "lb01");
    } finally {
      await server.close();
    }
  });
});

Deno.test("HTTP/1.1 is all that is offered", async (t) => {
  await withCertificates(async ({ cert, key }) => {
    const server = await serveApi([address({ cert, key })], app());
    const [open] = server.addresses;
    assert.ok(open?.kind === "tcp");
    const connect = async (alpnProtocols?: string[]) => {
      const place = { hostname: "127.0.0.1", port: open.port, caCerts: [cert] };
      const conn = await Deno.connectTls({ ...place, ...(alpnProtocols && { alpnProtocols }) });
      try {
        return (await conn.handshake()).alpnProtocol;
      } finally {
        conn.close();
      }
    };
    try {
      await t.step("to who prefers HTTP/2", async () => {
        assert.equal(await connect(["h2", "http/1.1"]), "http/1.1");
      });
      await t.step("to who does not ask", async () => {
        assert.equal(await connect(), null);
      });
      await t.step("and who speaks HTTP/2 only is refused", async () => {
        await assert.rejects(connect(["h2"]));
      });
    } finally {
      await server.close();
    }
  });
});

Deno.test("a handshake that does not come to its end is given up", async () => {
  await withCertificates(async ({ cert, key }) => {
    const libc = Libc.open();
    const shutdowns = new ConnectionShutdown(libc);
    const server = await serveApi([address({ cert, key })], app(), {
      limits: { ...httpLimits(1024), handshakeMs: 200 },
      shutdown: (conn) => void shutdowns.shutdown(conn),
    });
    const [open] = server.addresses;
    assert.ok(open?.kind === "tcp");
    try {
      // Nothing, and the beginning of a record.
      for (const text of [[], [22, 3, 1, 2, 0, 1]] as const) {
        using conn: Deno.TcpConn = await Deno.connect({ hostname: "127.0.0.1", port: open.port });
        if (text.length > 0) await conn.write(Uint8Array.from(text));
        const startMs = performance.now();
        const buffer = new Uint8Array(100);
        // An alert may come first.
        while (await conn.read(buffer).catch(() => null) !== null);
        assert.ok(performance.now() - startMs < 3000);
      }
      assert.equal((await clientOf(open, cert).status()).node, "lb01");
    } finally {
      await server.close();
      libc.close();
    }
  });
});

Deno.test("a new certificate does not wait for who follows the events", async () => {
  await withCertificates(async (first, second) => {
    const server = await serveApi([address(first)], app());
    try {
      const [open] = server.addresses;
      assert.ok(open?.kind === "tcp");
      using conn = await Deno.connectTls({
        hostname: "127.0.0.1",
        port: open.port,
        caCerts: [first.cert],
      });
      const request =
        "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n";
      await conn.write(new TextEncoder().encode(request));
      await conn.read(new Uint8Array(1000));
      const startMs = performance.now();
      const prepared = await server.prepare([address(second, open.port)]);
      // The streams of the old one are given a second.
      assert.ok(performance.now() - startMs < 900);
      prepared.commit();
      assert.equal((await clientOf(open, second.cert).status()).node, "lb01");
    } finally {
      await server.close();
    }
  });
});

/** In a thread of its own, so that it happens at any moment. */
const STARTS_PROGRAMS = `
postMessage("begins");
while (true) await new Deno.Command("true").output();
`;

Deno.test("a certificate is replaced while programs are started, which hold the port for a moment", async () => {
  await withCertificates(async (first, second) => {
    const server = await serveApi([address(first)], app());
    const starter = new Worker(`data:text/javascript,${encodeURIComponent(STARTS_PROGRAMS)}`, {
      type: "module",
    });
    await new Promise((resolve) => starter.onmessage = resolve);
    try {
      const [open] = server.addresses;
      assert.ok(open?.kind === "tcp");
      for (let time = 0; time < 200; time++) {
        const tls = time % 2 === 0 ? second : first;
        (await server.prepare([address(tls, open.port)])).commit();
      }
      assert.equal((await clientOf(open, first.cert).status()).node, "lb01");
    } finally {
      starter.terminate();
      await server.close();
    }
  });
});
