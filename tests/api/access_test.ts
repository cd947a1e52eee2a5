/** Who may do what with the API. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type ApiBindings, createApi } from "../../src/api/app.ts";
import { FakeBackend, TOKEN } from "./fake_backend.ts";

const READ_TOKEN = "read-only-token";
const PROMOTE = "/v1/instances/VI_1/promote";
const HERE = "http://127.0.0.1:9112";
const LOOPBACK: ApiBindings = {
  listener: { kind: "tcp", host: "127.0.0.1", port: 9112 },
  client: "127.0.0.1",
};
const UNIX: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };
/** A listener that other machines reach. */
const WIDE: ApiBindings = {
  listener: { kind: "tcp", host: "192.168.31.11", port: 9112 },
  client: "192.168.31.99",
};

interface SetUp {
  readonly token?: string;
  readonly readToken?: string;
}

function setUp({ token = TOKEN, readToken }: SetUp = {}) {
  const backend = new FakeBackend();
  const app = createApi({
    backend,
    tokens: { token: () => Promise.resolve(token) },
    ...(readToken === undefined ? {} : { readTokens: { token: () => Promise.resolve(readToken) } }),
  });
  const ask = async (
    method: string,
    path: string,
    bindings: ApiBindings,
    headers: Record<string, string> = {},
  ) => {
    const base = bindings === WIDE ? "http://192.168.31.11:9112" : HERE;
    const response = await app.request(`${base}${path}`, { method, headers }, bindings);
    const body = await response.json();
    return { status: response.status, code: body.code ?? null, headers: response.headers };
  };
  return { backend, ask };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Status of reading and of ordering with no token, the read-only one and the full one. */
const TABLE: readonly (readonly [string, ApiBindings, SetUp, number[], number[]])[] = [
  ["on loopback", LOOPBACK, {}, [200, 200, 200], [401, 401, 200]],
  ["on a unix socket", UNIX, {}, [200, 200, 200], [401, 401, 200]],
  ["from another machine", WIDE, {}, [401, 401, 200], [401, 401, 200]],
  ["on loopback, read-only token", LOOPBACK, { readToken: READ_TOKEN }, [401, 200, 200], [
    401,
    401,
    200,
  ]],
  ["from another machine, read-only token", WIDE, { readToken: READ_TOKEN }, [401, 200, 200], [
    401,
    401,
    200,
  ]],
];

for (const [name, bindings, options, reading, ordering] of TABLE) {
  Deno.test(`who may read and who may order: ${name}`, async () => {
    for (const [at, headers] of [{}, bearer(READ_TOKEN), bearer(TOKEN)].entries()) {
      const { backend, ask } = setUp(options);
      for (const path of ["/v1/status", "/v1/events", "/v1/instances/VI_1"]) {
        const { status } = await ask("GET", path, bindings, headers);
        assert.equal(status, reading[at], `GET ${path} with ${JSON.stringify(headers)}`);
        const head = await ask("GET", "/healthz", bindings, headers);
        assert.equal(head.status, 200, "whether vipd runs is no secret");
      }
      const { status } = await ask("POST", PROMOTE, bindings, headers);
      assert.equal(status, ordering[at], `POST with ${JSON.stringify(headers)}`);
      assert.equal(backend.orders.length, status === 200 ? 1 : 0);
    }
  });
}

Deno.test("a token file may hold the digest alone", async () => {
  const digest = createHash("sha256").update("my-token").digest("hex");
  for (const token of [`sha256:${digest}`, `sha256:${digest.toUpperCase()}`]) {
    const { ask } = setUp({ token });
    assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer("my-token"))).status, 200);
    assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer(token))).status, 401);
    assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer(digest))).status, 401);
  }
});

Deno.test("who guesses tokens must wait, is told how long, and others need not", async () => {
  const { backend, ask } = setUp();
  const other: ApiBindings = { ...LOOPBACK, client: "127.0.0.2" };
  for (let count = 0; count < 10; count++) {
    assert.equal(
      (await ask("POST", PROMOTE, LOOPBACK, bearer(`guess-${count}`))).code,
      "token_wrong",
    );
  }
  for (const token of ["guess-10", TOKEN]) {
    const refused = await ask("POST", PROMOTE, LOOPBACK, bearer(token));
    assert.deepEqual([refused.status, refused.code], [429, "too_many_failures"]);
    assert.match(refused.headers.get("retry-after") ?? "", /^[123]$/);
  }
  assert.equal((await ask("GET", "/v1/status", LOOPBACK)).status, 200, "reading goes on");
  assert.equal((await ask("POST", PROMOTE, other, bearer(TOKEN))).status, 200);
  const told = backend.journal.since().filter(({ code }) => code === "api_token_guessed");
  assert.deepEqual(told.map(({ message }) => message), [
    "too many wrong tokens from 127.0.0.1: it must wait",
  ]);
  assert.ok(!JSON.stringify(backend.journal.since()).includes("guess-"));
});

Deno.test("a page of another site cannot use the API from a browser, with a token or without", async () => {
  const origins: readonly (readonly [string, boolean])[] = [
    ["http://127.0.0.1:9112", true],
    ["http://127.0.0.1", false],
    ["http://127.0.0.1:9113", false],
    ["https://evil.example", false],
    ["http://127.0.0.1:9112.evil.example", false],
    ["null", false],
    ["", false],
  ];
  for (const [origin, allowed] of origins) {
    const { backend, ask } = setUp();
    for (const [method, path] of [["GET", "/v1/status"], ["POST", PROMOTE]] as const) {
      const { status, code } = await ask(method, path, LOOPBACK, { ...bearer(TOKEN), origin });
      assert.deepEqual([status, code], allowed ? [200, null] : [403, "origin_refused"], origin);
    }
    assert.equal(backend.orders.length, allowed ? 1 : 0);
  }
});
