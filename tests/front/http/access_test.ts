/** Who may do what with the API. */

import assert from "node:assert/strict";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

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
  readonly readToken?: string;
}

function setUp({ readToken }: SetUp = {}) {
  const backend = new FakeBackend();
  const clock = { nowMs: 1_000_000 };
  const judge = judgeOf(TOKEN, readToken);
  const compared: string[] = [];
  const app = createApi({
    backend,
    judge: {
      ...judge,
      judge: (token, purpose) => {
        compared.push(token);
        return judge.judge(token, purpose);
      },
    },
    nowMs: () => clock.nowMs,
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
  return { backend, clock, compared, ask };
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
  Deno.test(`who may read and who may command: ${name}`, async () => {
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
      assert.equal(backend.commands.length, status === 200 ? 1 : 0);
    }
  });
}

Deno.test("anyone who guesses tokens must wait and learns how long, and others need not", async () => {
  const { backend, clock, ask } = setUp();
  for (let count = 0; count < 10; count++) {
    const { status, code } = await ask("POST", PROMOTE, LOOPBACK, bearer(`guess-${count}`));
    assert.deepEqual([status, code], [401, "token_wrong"]);
  }
  const refused = await ask("POST", PROMOTE, LOOPBACK, bearer("guess-10"));
  assert.deepEqual([refused.status, refused.code], [429, "too_many_failures"]);
  assert.match(refused.headers.get("retry-after") ?? "", /^[123]$/);
  assert.equal((await ask("GET", "/v1/status", LOOPBACK)).status, 200, "reading goes on");
  for (const client of ["127.0.0.2", "::1", undefined]) {
    const here = { listener: LOOPBACK.listener, ...(client && { client }) };
    const { status } = await ask("POST", PROMOTE, here, bearer("guess-11"));
    assert.equal(status, 429, `${client} is this machine too`);
  }
  const other: ApiBindings = { ...LOOPBACK, client: "192.168.31.99" };
  assert.equal((await ask("POST", PROMOTE, other, bearer("guess-12"))).status, 401);
  clock.nowMs += 3000;
  assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer("guess-13"))).status, 401);
  assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer("guess-14"))).status, 429);
  const entries = backend.journal.since().filter(({ code }) => code === "api_token_guessed");
  assert.deepEqual(entries.map(({ message }) => message), [
    "too many wrong tokens from this machine; 10 since the last report",
  ]);
  assert.ok(!JSON.stringify(backend.journal.since()).includes("guess-"));
});

Deno.test("a right token counts at once, however many wrong ones come from the same place", async () => {
  const { backend, clock, ask } = setUp({ readToken: READ_TOKEN });
  // Fifty wrong ones a second for two minutes, from all of 127.0.0.0/8.
  for (let count = 1; count <= 6000; count++) {
    clock.nowMs += 20;
    const client = `127.0.${count >> 8}.${count & 255}`;
    const wrong = await ask("POST", PROMOTE, { ...LOOPBACK, client }, bearer(`guess-${count}`));
    assert.ok(wrong.status === 401 || wrong.status === 429);
    if (count % 500 !== 0) continue;
    for (const bindings of [LOOPBACK, UNIX]) {
      assert.equal((await ask("POST", PROMOTE, bindings, bearer(TOKEN))).status, 200);
      assert.equal((await ask("GET", "/v1/status", bindings, bearer(READ_TOKEN))).status, 200);
    }
  }
  assert.equal(backend.commands.length, 24);
  assert.deepEqual(backend.journal.since().map(({ message }) => message), [
    "too many wrong tokens from this machine; 10 since the last report",
    "too many wrong tokens from this machine; 3000 since the last report",
  ]);
});

Deno.test("of a flood of wrong tokens only some are compared, and one that was right before in any case", async () => {
  const { clock, compared, ask } = setUp();
  assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer(TOKEN))).status, 200);
  for (let count = 0; count < 10; count++) await ask("POST", PROMOTE, LOOPBACK, bearer("guess"));
  for (let second = 0; second < 2; second++) {
    compared.length = 0;
    for (let count = 0; count < 1000; count++) {
      assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer(`guess-${count}`))).status, 429);
    }
    assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer(TOKEN))).status, 200);
    assert.equal(compared.length, 101);
    clock.nowMs += 1000;
  }
});

Deno.test("where reading needs no token a wrong one does not refuse it, but counts", async () => {
  const { compared, ask } = setUp();
  for (let count = 0; count < 300; count++) {
    assert.equal((await ask("GET", "/v1/status", LOOPBACK, bearer(`guess-${count}`))).status, 200);
  }
  assert.equal(compared.length, 110);
  assert.equal((await ask("POST", PROMOTE, LOOPBACK, bearer("guess"))).status, 429);
});

Deno.test("the server learns which requests have shown a right token", async () => {
  const table = [
    ["GET", "/v1/status", {}, 0],
    ["GET", "/v1/status", bearer("wrong"), 0],
    ["GET", "/v1/status", bearer(TOKEN), 1],
    ["GET", "/v1/status", bearer(READ_TOKEN), 1],
    ["POST", PROMOTE, bearer("wrong"), 0],
    ["POST", PROMOTE, bearer(READ_TOKEN), 1],
    ["POST", PROMOTE, bearer(TOKEN), 1],
  ] as const;
  for (const [method, path, headers, want] of table) {
    const { ask } = setUp({ readToken: READ_TOKEN });
    let trusted = 0;
    await ask(method, path, { ...LOOPBACK, trusted: () => void trusted++ }, headers);
    assert.equal(trusted, want, `${method} ${path} ${JSON.stringify(headers)}`);
  }
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
    ["https://127.0.0.1:9112", true],
    ["chrome-extension://127.0.0.1:9112", false],
    ["moz-extension://127.0.0.1:9112", false],
    ["file://127.0.0.1:9112", false],
    ["ftp://127.0.0.1:9112", false],
    ["http://user@127.0.0.1:9112", false],
    ["http://user:password@127.0.0.1:9112", false],
    ["http://127.0.0.1:9112/", false],
    ["http://127.0.0.1:9112.", false],
    ["http://127.0.0.1.:9112", false],
    ["http://127.1:9112", false],
    ["http://0x7f.1:9112", false],
    ["http://2130706433:9112", false],
    ["http://[::ffff:127.0.0.1]:9112", false],
    ["http://[::1]:9112", false],
    ["http://localhost:9112", false],
    ["//127.0.0.1:9112", false],
    ["http://127.0.0.1:9112, http://127.0.0.1:9112", false],
  ];
  for (const [origin, allowed] of origins) {
    const { backend, ask } = setUp();
    for (const [method, path] of [["GET", "/v1/status"], ["POST", PROMOTE]] as const) {
      const { status, code } = await ask(method, path, LOOPBACK, { ...bearer(TOKEN), origin });
      assert.deepEqual([status, code], allowed ? [200, null] : [403, "origin_refused"], origin);
    }
    assert.equal(backend.commands.length, allowed ? 1 : 0);
  }
});
