import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { PROBLEM_STATUS } from "../../../src/api/problem.ts";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { openApiDocument } from "../../../src/front/openapi/document.ts";
import { CONFIG_EXAMPLE, INSTANCE_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import { OPERATIONS } from "../../../src/front/openapi/operations.ts";
import { exampleInstance, exampleStatus, FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

const BINDINGS: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };

/** The reading calls whose answer has no tag. */
const UNCONDITIONAL: Readonly<Record<string, string>> = {
  page: "a browser keeps nothing of it, so it has none to name",
  liveness: "as short as its tag",
  readiness: "its status is the answer, and a probe wants it each time",
  metrics: "its numbers move from one scrape to the next",
};

function setUp() {
  const backend = new FakeBackend();
  backend.current = exampleStatus({
    instances: [exampleInstance({ pair: INSTANCE_EXAMPLE.pair })],
  });
  backend.journal.record("notice", "state_changed", "VI_1: backup -> master", "VI_1", {
    transition: { from: "backup", to: "master", reason: "master_silent" },
  });
  const config = () => Promise.resolve(CONFIG_EXAMPLE);
  return { backend, app: createApi({ backend, judge: judgeOf(TOKEN), config }) };
}

/** The value at a path of keys, in a document read as JSON. */
function at(document: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | undefined)?.[key],
    document,
  );
}

/** Compiles the schemas of the document as a client generator would. */
class Schemas {
  readonly #document = openApiDocument();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });

  constructor() {
    this.#ajv.addSchema({ $id: "api", ...this.#document });
  }

  /** Asserts that `body` is what the document says of this answer. */
  assert(path: string, method: string, status: number, type: string, body: unknown): void {
    const keys = ["paths", path, method, "responses", String(status), "content", type];
    assert.ok(at(this.#document, ...keys, "schema"), `${keys.join(" ")} is not in the document`);
    const pointer = [...keys, "schema"].map((key) =>
      encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))
    ).join("/");
    const validate = this.#ajv.compile({ $ref: `api#/${pointer}` });
    assert.ok(validate(body), `${keys.join(" ")}: ${JSON.stringify(validate.errors, null, 1)}`);
  }
}

Deno.test("a validator accepts the document", async () => {
  const { app } = setUp();
  const response = await app.request("http://localhost/openapi.json", {}, BINDINGS);
  assert.equal(response.headers.get("content-type"), "application/json");
  const validator = new Validator();
  const result = await validator.validate(await response.json());
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.equal(validator.version, "3.1");
});

Deno.test("every call of the app is in the document, and every call of the document in the app", () => {
  const { app } = setUp();
  const routes = app.routes
    .filter(({ method, path }) => method !== "ALL" && path !== "/*")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const documented = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  assert.deepEqual([...new Set(routes)].sort(), documented.sort());
});

Deno.test("every error code is one of some call, or of none because no call can have it", () => {
  const text = JSON.stringify(openApiDocument().paths);
  const missing = Object.keys(PROBLEM_STATUS).filter((code) =>
    !text.includes(`"#/components/examples/${code}"`)
  );
  assert.deepEqual(missing.sort(), ["method_not_allowed", "route_unknown"]);
});

Deno.test("every example is what its schema says", () => {
  const schemas = new Schemas();
  let examples = 0;
  for (const { path, method, answers } of OPERATIONS) {
    for (const [status, contents] of Object.entries(answers)) {
      for (const { type, example } of contents) {
        if (example === undefined) continue;
        schemas.assert(path, method, Number(status), type, example);
        examples++;
      }
    }
  }
  assert.ok(examples >= 12);
});

Deno.test("what the calls answer is what the document says", async (t) => {
  const { backend, app } = setUp();
  await backend.rehearse();
  backend.peerJournals.set("lb02", backend.journal.since());
  const schemas = new Schemas();
  const changing = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  for (const { id, path, method, body, conditional } of OPERATIONS) {
    const url = `http://localhost${
      path.replace("{name}", "VI_1").replace("{code}", "peer_silent").replace("{peer}", "lb02")
    }`;
    const init: RequestInit = body
      ? { method: method.toUpperCase(), headers: changing, body: JSON.stringify(body.example) }
      : { method: method.toUpperCase() };
    await t.step(id, async () => {
      const response = await app.request(url, init, BINDINGS);
      assert.equal(response.status, 200);
      const type = response.headers.get("content-type") ?? "";
      const text = await response.text();
      const answer = type === "application/json" ? JSON.parse(text) : text;
      schemas.assert(path, method, 200, type, answer);
    });
    if (!body) {
      await t.step(`${id} for a client that has the answer`, async () => {
        const tag = (await app.request(url, init, BINDINGS)).headers.get("etag");
        assert.equal(tag !== null, conditional === true);
        assert.equal(conditional === undefined, id in UNCONDITIONAL, UNCONDITIONAL[id]);
        if (tag === null) return;
        const headers = { "if-none-match": tag };
        for (const method of ["GET", "HEAD"]) {
          const same = await app.request(url, { method, headers }, BINDINGS);
          assert.deepEqual([same.status, same.headers.get("etag")], [304, tag]);
          assert.equal(await same.text(), "");
        }
        assert.ok(at(openApiDocument(), "paths", path, "get", "responses", "304"));
      });
      continue;
    }
    await t.step(`${id} without the token`, async () => {
      const response = await app.request(url, { method: method.toUpperCase() }, BINDINGS);
      schemas.assert(path, method, 401, "application/problem+json", await response.json());
    });
    await t.step(`${id} with a body that is not understood`, async () => {
      const response = await app.request(url, { ...init, body: '{"x": 1}' }, BINDINGS);
      schemas.assert(path, method, 400, "application/problem+json", await response.json());
    });
  }
  assert.equal(backend.commands.length, 5);
});

Deno.test("an answer that lacks something is not what the document says", () => {
  const { node: _, ...rest } = new FakeBackend().current;
  assert.throws(() => new Schemas().assert("/v1/status", "get", 200, "application/json", rest));
});
