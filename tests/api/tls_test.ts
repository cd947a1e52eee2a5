/** The API over TLS. */

import assert from "node:assert/strict";
import { createApi } from "../../src/api/app.ts";
import { ApiClient } from "../../src/api/client.ts";
import { DaemonUnreachableError } from "../../src/api/client_errors.ts";
import { parseTarget } from "../../src/api/exchange.ts";
import { ApiListenError, serveApi } from "../../src/api/server.ts";
import { formatListenAddress } from "../../src/api/listen_address.ts";
import type { ListenAddress } from "../../src/config/model.ts";
import { type Certificate, certificate } from "./certificates.ts";
import { FakeBackend, TOKEN } from "./fake_backend.ts";
import { judgeOf } from "./fake_judge.ts";

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

Deno.test("over TLS the client reads and orders when it trusts the certificate, and not otherwise", async () => {
  await withCertificates(async ({ cert, key }, other) => {
    const server = await serveApi([address({ cert, key })], app());
    try {
      const [listen] = server.addresses;
      assert.match(formatListenAddress(listen!), /^https:\/\/127\.0\.0\.1:\d+$/);
      const client = clientOf(listen!, cert);
      assert.equal((await client.status()).node, "lb01");
      assert.equal((await client.order("VI_1", "promote")).took_ms, 612);
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
