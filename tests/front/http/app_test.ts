import assert from "node:assert/strict";
import type { ProblemCode } from "../../../src/api/problem.ts";
import type { Diagnostic } from "../../../src/config/diagnostics.ts";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { INSTANCE_EXAMPLE, STATUS_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { OPERATIONS } from "../../../src/front/openapi/operations.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";
import type { Uncompared } from "../../../src/tokens/token_judge.ts";
import {
  assertProblem,
  BASE,
  BEARER,
  JSON_BODY,
  LOOPBACK,
  PRIORITY,
  PROMOTE,
  setUp,
} from "../asking.ts";
import { FakeBackend, REFUSAL_CODES, TOKEN } from "../fake_backend.ts";

const UNIX: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };

Deno.test("reading calls answer without a token", async (t) => {
  const { backend, ask } = setUp();
  backend.journal.record("info", "reloaded", "vipd reloaded");
  backend.journal.record("notice", "state_changed", "backup -> master", "VI_1");
  const calls = [
    { path: "/healthz", want: { status: "ok" } },
    { path: "/v1/status", want: backend.current },
    { path: "/v1/instances/VI_1", want: backend.current.instances[0] },
    { path: "/v1/events", want: backend.journal.since() },
    { path: "/v1/events?since=1", want: backend.journal.since(1) },
    { path: "/v1/events?since=2", want: [] },
  ];
  for (const { path, want } of calls) {
    await t.step(path, async () => {
      const response = await ask("GET", path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(want)));
    });
  }
});

Deno.test("a command is carried out and answers with the instance and the time it took", async (t) => {
  const calls = [
    { method: "POST", path: PROMOTE, body: "", want: { kind: "promote" } },
    { method: "POST", path: PROMOTE, body: "{}", want: { kind: "promote" } },
    {
      method: "POST",
      path: PROMOTE,
      body: '{"for": "10m"}',
      want: { kind: "promote", forMs: 600_000 },
    },
    {
      method: "POST",
      path: "/v1/instances/VI_1/demote",
      body: '{"for": 90}',
      want: { kind: "demote", forMs: 90_000 },
    },
    { method: "POST", path: "/v1/instances/VI_1/release", body: "", want: { kind: "release" } },
    {
      method: "PUT",
      path: PRIORITY,
      body: '{"priority":120}',
      want: { kind: "set_priority", priority: 120 },
    },
    { method: "DELETE", path: PRIORITY, body: "", want: { kind: "clear_priority" } },
  ];
  for (const { method, path, body, want } of calls) {
    await t.step(`${method} ${path} ${body}`, async () => {
      const { backend, ask } = setUp();
      const init = body === "" ? { headers: BEARER } : { headers: JSON_BODY, body };
      const response = await ask(method, path, init);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), {
        took_ms: 612,
        instance: backend.current.instances[0],
        peers: [{ name: "lb02", peer: "lb02", state: "backup" }],
      });
      assert.deepEqual(backend.commands, [{ instance: "VI_1", ...want }]);
    });
  }
});

const DIAGNOSTIC: Diagnostic = {
  severity: "error",
  code: "out_of_range",
  file: "/etc/vipd/vipd.yaml",
  line: 12,
  column: 5,
  key: "instances[0].vrid",
  message: "300 is not between 1 and 255",
  hint: "choose the VRID that both nodes use",
  excerpt: "    vrid: 300",
};

Deno.test("a reload answers with what changed, or with all that is wrong", async () => {
  const { backend, ask } = setUp();
  const taken = await ask("POST", "/v1/reload", { headers: BEARER });
  assert.equal(taken.status, 200);
  assert.deepEqual(await taken.json(), {
    took_ms: 12,
    changes: [{ subject: "instance VI_1", key: "priority", change: "150 -> 120" }],
    warnings: [],
  });
  backend.reloaded = { ok: false, diagnostics: [DIAGNOSTIC] };
  const refused = await ask("POST", "/v1/reload", { headers: BEARER });
  assert.equal(refused.status, 422);
  const { code, detail, diagnostics } = await refused.json();
  assert.equal(code, "reload_failed");
  assert.match(detail, /not taken, the one before runs on: 1 error; vipd check shows/);
  assert.deepEqual(diagnostics, [DIAGNOSTIC]);
  const alone = { ...DIAGNOSTIC, code: "leaves_nobody", hint: "vipd check --probe" } as const;
  backend.reloaded = { ok: false, diagnostics: [alone] };
  const valid = await (await ask("POST", "/v1/reload", { headers: BEARER })).json();
  assert.match(valid.detail, /: 1 error; vipd check --probe$/, "the file itself is valid");
  assert.equal((await ask("POST", "/v1/reload")).status, 401);
});

Deno.test("an instance is found by its name as a URL writes it", async () => {
  const { backend, ask } = setUp();
  const instance = { ...backend.current.instances[0]!, name: "web & mail" };
  backend.current = { ...backend.current, instances: [instance] };
  const response = await ask("GET", "/v1/instances/web%20%26%20mail");
  assert.equal((await response.json()).name, "web & mail");
});

Deno.test("a changing call without the right token is refused and does nothing", async (t) => {
  const calls = [
    ["POST", PROMOTE],
    ["POST", "/v1/instances/VI_1/demote"],
    ["POST", "/v1/instances/VI_1/release"],
    ["PUT", PRIORITY],
    ["DELETE", PRIORITY],
  ] as const;
  const headers = [
    { authorization: undefined, code: "token_missing" },
    { authorization: "", code: "token_missing" },
    { authorization: "Bearer", code: "token_missing" },
    { authorization: `Basic ${TOKEN}`, code: "token_missing" },
    { authorization: `Bearer ${TOKEN} more`, code: "token_missing" },
    { authorization: "Bearer wrong", code: "token_wrong" },
    { authorization: `Bearer ${TOKEN}x`, code: "token_wrong" },
    { authorization: `Bearer ${TOKEN.toUpperCase()}`, code: "token_wrong" },
  ];
  for (const [method, path] of calls) {
    for (const { authorization, code } of headers) {
      await t.step(`${method} ${path} with ${authorization}`, async () => {
        const { backend, ask } = setUp();
        const init = authorization === undefined ? {} : { headers: { authorization } };
        const response = await ask(method, path, init);
        assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer realm="vipd"/);
        await assertProblem(response, 401, code);
        assert.deepEqual(backend.commands, []);
      });
    }
  }
});

Deno.test("the scheme of the Authorization header is read without regard to case", async () => {
  const { ask } = setUp();
  const response = await ask("POST", PROMOTE, { headers: { authorization: `bearer ${TOKEN}` } });
  assert.equal(response.status, 200);
});

Deno.test("while no token can be compared nobody may change anything, and the code says why", async (t) => {
  const cases: readonly [Uncompared, ProblemCode][] = [
    [{ unavailable: "the file is gone" }, "token_unavailable"],
    [{ unavailable: "the engine does not answer", engineGone: true }, "engine_unreachable"],
  ];
  for (const [uncompared, code] of cases) {
    await t.step(code, async () => {
      const app = createApi({
        backend: new FakeBackend(),
        judge: {
          judge: () => Promise.resolve(uncompared),
          readingNeedsToken: () => Promise.resolve(false),
        },
      });
      const response = await app.request(
        `${BASE}${PROMOTE}`,
        { method: "POST", headers: BEARER },
        LOOPBACK,
      );
      await assertProblem(response, 503, code);
    });
  }
});

Deno.test("a Host header that does not name the listener is refused", async (t) => {
  const { ask } = setUp();
  const hosts: readonly [string, boolean][] = [
    ["127.0.0.1:9112", true],
    ["127.0.0.1", true],
    ["localhost:9112", true],
    ["LocalHost", true],
    ["[::1]:9112", true],
    ["evil.example", false],
    ["evil.example:9112", false],
    ["127.0.0.1:80", false],
    ["127.0.0.1.evil.example", false],
    ["localhost.evil.example:9112", false],
    ["localhost:9112@evil.example", false],
    ["user@localhost:9112", false],
    ["localhost.:9112", false],
    ["localhost.", false],
    ["127.1:9112", false],
    ["127.0.0.1.:9112", false],
    ["0x7f000001:9112", false],
    ["2130706433:9112", false],
    ["0177.0.0.1:9112", false],
    ["127.0.0.2:9112", false],
    ["0.0.0.0:9112", false],
    ["[::]:9112", false],
    ["[0:0:0:0:0:0:0:1]:9112", false],
    ["[::ffff:127.0.0.1]:9112", false],
    ["::1", false],
    ["127.0.0.1:09112", false],
    ["127.0.0.1:", false],
    ["localhost, evil.example", false],
    ["", false],
  ];
  for (const [host, allowed] of hosts) {
    for (const path of ["/v1/status", "/healthz", "/nowhere"]) {
      await t.step(`${JSON.stringify(host)} ${path}`, async () => {
        const response = await ask("GET", path, { headers: { host } });
        if (allowed) {
          assert.equal(response.status, path === "/nowhere" ? 404 : 200);
          await response.body?.cancel();
        } else {
          await assertProblem(response, 403, "host_refused");
        }
      });
    }
  }
  await t.step("a changing call is refused even with the token", async () => {
    const headers = { ...BEARER, host: "evil.example" };
    await assertProblem(await ask("POST", PROMOTE, { headers }), 403, "host_refused");
  });
  await t.step("a unix socket takes any name", async () => {
    const response = await ask("GET", "/v1/status", { headers: { host: "anything" } }, UNIX);
    assert.equal(response.status, 200);
    await response.body?.cancel();
  });
});

Deno.test("what does not exist is 404", async (t) => {
  const { ask } = setUp();
  const calls = [
    { method: "GET", path: "/v1", code: "route_unknown" },
    { method: "POST", path: "/v1/instances/VI_1/explode", code: "route_unknown" },
    { method: "GET", path: "/v1/instances/VI_2", code: "instance_unknown" },
    { method: "GET", path: "/v1/instances/vi_1", code: "instance_unknown" },
    { method: "POST", path: "/v1/instances/VI_2/promote", code: "instance_unknown" },
    { method: "POST", path: "/v1/instances/VI_2/demote", code: "instance_unknown" },
    { method: "POST", path: "/v1/instances/VI_2/release", code: "instance_unknown" },
    { method: "DELETE", path: "/v1/instances/VI_2/priority", code: "instance_unknown" },
  ];
  for (const { method, path, code } of calls) {
    await t.step(`${method} ${path}`, async () => {
      await assertProblem(await ask(method, path, { headers: BEARER }), 404, code);
    });
  }
});

Deno.test("a method that a call does not have is 405 and Allow names those it has", async (t) => {
  const { backend, ask } = setUp();
  const calls = [
    { method: "POST", path: "/healthz", allow: "GET, HEAD" },
    { method: "DELETE", path: "/v1/status", allow: "GET, HEAD" },
    { method: "OPTIONS", path: "/v1/status", allow: "GET, HEAD" },
    { method: "PUT", path: "/v1/events", allow: "GET, HEAD" },
    { method: "PUT", path: "/v1/instances/VI_1", allow: "GET, HEAD" },
    { method: "GET", path: PROMOTE, allow: "POST" },
    { method: "PUT", path: "/v1/instances/VI_1/demote", allow: "POST" },
    { method: "DELETE", path: "/v1/instances/VI_1/release", allow: "POST" },
    { method: "POST", path: PRIORITY, allow: "PUT, DELETE" },
  ];
  for (const { method, path, allow } of calls) {
    await t.step(`${method} ${path}`, async () => {
      const response = await ask(method, path, { headers: BEARER });
      assert.equal(response.headers.get("allow"), allow);
      await assertProblem(response, 405, "method_not_allowed");
    });
  }
  assert.deepEqual(backend.commands, []);
});

Deno.test("HEAD answers as GET without the body", async () => {
  const { ask } = setUp();
  const response = await ask("HEAD", "/v1/status");
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});

Deno.test("HEAD and OPTIONS of every path are as its GET says", async (t) => {
  const { ask } = setUp();
  for (const path of [...new Set(OPERATIONS.map((operation) => operation.path)), "/v1", "/v1/x"]) {
    await t.step(path, async () => {
      const url = path.replace(/\{\w+\}/, "nobody");
      const answers = await Promise.all(["GET", "HEAD", "OPTIONS"].map((call) => ask(call, url)));
      const [get, head, options] = answers;
      const names = ["content-type", "allow", "etag"];
      const shown = ({ status, headers }: Response) => [status, names.map((n) => headers.get(n))];
      assert.deepEqual(shown(head!), shown(get!));
      assert.equal(await head!.text(), "");
      const known = OPERATIONS.filter((one) => one.path === path).map(({ method }) => method);
      const allowed = known.flatMap((method) => method === "get" ? ["get", "head"] : [method]);
      assert.equal(options!.headers.get("allow"), allowed.join(", ").toUpperCase() || null);
      if (known.length > 0) await assertProblem(options!, 405, "method_not_allowed");
      else await assertProblem(options!, 404, "route_unknown");
      await get!.body?.cancel();
    });
  }
});

Deno.test("a query that is not understood is refused", async (t) => {
  const { ask } = setUp();
  for (
    const query of ["since=", "since=-1", "since=last", "since=1&since=2", "sicne=1", "since=1.5"]
  ) {
    await t.step(query, async () => {
      await assertProblem(await ask("GET", `/v1/events?${query}`), 400, "query_invalid");
    });
  }
});

Deno.test("a command that the node refuses is 409 with the node's reason", async (t) => {
  for (const code of REFUSAL_CODES) {
    await t.step(code, async () => {
      const { backend, ask } = setUp();
      backend.outcome = { ok: false, code, message: `refused: ${code}` };
      const response = await ask("POST", PROMOTE, { headers: BEARER });
      assert.equal((await assertProblem(response, 409, code)).detail, `refused: ${code}`);
    });
  }
});

Deno.test("a defect is 500, stands in the journal and shows the caller no inner details", async () => {
  const { backend, ask } = setUp();
  backend.outcome = new Error("secret detail");
  const response = await ask("POST", PROMOTE, { headers: BEARER });
  const { detail } = await assertProblem(response, 500, "internal");
  assert.doesNotMatch(detail, /secret/);
  const [entry] = backend.journal.since();
  assert.deepEqual([entry?.severity, entry?.code], ["error", "api_failed"]);
  assert.match(entry?.message ?? "", /POST .*promote failed: Error: secret detail/);
});

Deno.test("every response forbids caching and sniffing and invites no other origin", async (t) => {
  const { backend, ask } = setUp();
  const calls: readonly [string, string, RequestInit, number][] = [
    ["GET", "/v1/status", {}, 200],
    ["GET", "/nowhere", {}, 404],
    ["PUT", "/v1/status", {}, 405],
    ["POST", PROMOTE, {}, 401],
    ["GET", "/v1/status", { headers: { host: "evil.example" } }, 403],
    ["POST", PROMOTE, { headers: BEARER }, 500],
  ];
  backend.outcome = new Error("broken");
  for (const [method, path, init, status] of calls) {
    await t.step(`${status}`, async () => {
      const response = await ask(method, path, init);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      assert.equal(response.headers.get("access-control-allow-origin"), null);
      await response.body?.cancel();
    });
  }
});

Deno.test("a rehearsal is there after the first one, which the token may start", async () => {
  const { ask } = setUp();
  await assertProblem(await ask("GET", "/v1/rehearsal"), 404, "not_rehearsed");
  await assertProblem(await ask("POST", "/v1/rehearse"), 401, "token_missing");
  const ordered = await ask("POST", "/v1/rehearse", { headers: BEARER });
  assert.equal(ordered.status, 200);
  assert.deepEqual(await (await ask("GET", "/v1/rehearsal")).json(), await ordered.json());
});

Deno.test("counters and ages alone are nothing new for a client that has a part of the status", async (t) => {
  for (const path of ["/v1/status", "/v1/pair", "/v1/instances", "/v1/instances/VI_1"]) {
    await t.step(path, async () => {
      const { backend, ask } = setUp();
      const [instance] = backend.current.instances;
      const become = (changed: Partial<InstanceStatus>) => {
        backend.current = { ...backend.current, instances: [{ ...instance!, ...changed }] };
        backend.journal.record("info", "reloaded", "the status is another one now");
      };
      const tag = (await ask("GET", path)).headers.get("etag")!;
      const again = async () => (await ask("GET", path, { headers: { "if-none-match": tag } }));
      become({ counters: { ...instance!.counters, advertisements_sent: 4711 } });
      assert.equal((await again()).status, 304);
      become({ state: "fault", pair: INSTANCE_EXAMPLE.pair });
      const news = await again();
      assert.deepEqual([news.status, news.headers.get("etag") === tag], [200, false]);
      await news.body?.cancel();
    });
  }
});

Deno.test("the journal of a peer is there if the peer gives it", async () => {
  const { backend, ask } = setUp();
  await assertProblem(await ask("GET", "/v1/peers/lb02/events"), 404, "peer_unknown");
  backend.peerJournals.set("lb02", null);
  await assertProblem(await ask("GET", "/v1/peers/lb02/events"), 503, "peer_journal_unknown");
  backend.journal.record("notice", "started", "vipd started");
  backend.peerJournals.set("lb02", backend.journal.since());
  const answer = await (await ask("GET", "/v1/peers/lb02/events")).json();
  assert.deepEqual(answer, backend.journal.since());
});

Deno.test("a demote is refused only if it says unless_worse and the other node would serve less", async () => {
  const { backend, ask } = setUp();
  const [peer] = structuredClone(STATUS_EXAMPLE.peers);
  const demote = async (unless_worse: boolean, node: string) => {
    const reason = {
      code: "rehearsal_failed" as const,
      node,
      message: `${node} lacks a`,
      hint: "",
    };
    backend.current = { ...backend.current, peers: [{ ...peer!, rehearsal: [reason] }] };
    backend.journal.record("info", "reloaded", "the status is another one now");
    return await ask("POST", "/v1/instances/VI_1/demote", {
      headers: { ...BEARER, ...JSON_BODY },
      body: JSON.stringify({ unless_worse }),
    });
  };
  assert.equal((await demote(false, "lb02")).status, 200);
  assert.equal((await demote(true, "lb01")).status, 200);
  assert.equal(backend.commands.length, 2);
  await assertProblem(await demote(true, "lb02"), 409, "rehearsal_failed");
  assert.equal(backend.commands.length, 2);
  const since = "2026-03-01T10:00:00.000Z";
  const override = { kind: "demoted", priority: 0, since, until: null } as const;
  const instances = backend.current.instances.map((instance) => ({ ...instance, override }));
  backend.current = { ...backend.current, instances };
  assert.equal((await demote(true, "lb02")).status, 200, "it is demoted already");
});
