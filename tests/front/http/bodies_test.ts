import assert from "node:assert/strict";
import { assertProblem, BEARER, JSON_BODY, PRIORITY, PROMOTE, setUp } from "../asking.ts";

Deno.test("a body that is not understood is rejected and changes nothing", async (t) => {
  const big = JSON.stringify({ for: "1".repeat(16 * 1024) });
  const cases: readonly [string, string, string, string, number, string, RegExp][] = [
    ["not JSON", "POST", PROMOTE, "{for: 10m}", 400, "json_invalid", /not JSON/],
    ["not an object", "POST", PROMOTE, "[]", 400, "body_invalid", /must be a JSON object/],
    ["null", "POST", PROMOTE, "null", 400, "body_invalid", /must be a JSON object/],
    ["unknown key", "POST", PROMOTE, '{"fro":"10m"}', 400, "body_unknown_key", /\/fro is not/],
    [
      "key for release",
      "POST",
      "/v1/instances/VI_1/release",
      '{"for":"1m"}',
      400,
      "body_unknown_key",
      /\/for/,
    ],
    ["no duration", "POST", PROMOTE, '{"for":"soon"}', 400, "body_invalid", /\/for must be/],
    ["no unit", "POST", PROMOTE, '{"for":"10 m"}', 400, "body_invalid", /\/for must be/],
    ["zero", "POST", PROMOTE, '{"for":0}', 400, "body_invalid", /\/for must be/],
    ["too long", "POST", PROMOTE, '{"for":"169h"}', 400, "body_invalid", /168h/],
    ["duration null", "POST", PROMOTE, '{"for":null}', 400, "body_invalid", /\/for must be/],
    ["too large", "POST", PROMOTE, big, 413, "body_too_large", /16384/],
    ["no priority", "PUT", PRIORITY, "", 400, "body_invalid", /\/priority is missing/],
    ["priority 0", "PUT", PRIORITY, '{"priority":0}', 400, "body_invalid", /at least 1/],
    ["priority 255", "PUT", PRIORITY, '{"priority":255}', 400, "body_invalid", /at most 254/],
    ["priority 1.5", "PUT", PRIORITY, '{"priority":1.5}', 400, "body_invalid", /whole number/],
    ["priority text", "PUT", PRIORITY, '{"priority":"120"}', 400, "body_invalid", /whole number/],
    ["extra key", "PUT", PRIORITY, '{"priority":1,"x/y":2}', 400, "body_unknown_key", /x~1y/],
  ];
  for (const [name, method, path, body, status, code, detail] of cases) {
    await t.step(name, async () => {
      const { backend, ask } = setUp();
      const response = await ask(method, path, { headers: JSON_BODY, body });
      const document = await assertProblem(response, status, code);
      assert.match(document.detail, detail);
      assert.deepEqual(backend.commands, []);
    });
  }
});

Deno.test("each wrong value of a body is named with its place", async () => {
  const { ask } = setUp();
  const response = await ask("PUT", PRIORITY, {
    headers: JSON_BODY,
    body: '{"priority": 300, "why": "test"}',
  });
  const { errors } = await assertProblem(response, 400, "body_unknown_key");
  assert.deepEqual(errors.map((error: { pointer: string }) => error.pointer).sort(), [
    "/priority",
    "/why",
  ]);
});

Deno.test("a body must say that it is JSON", async (t) => {
  const types: readonly [string, boolean][] = [
    ["application/json", true],
    ["Application/JSON; charset=utf-8", true],
    ["application/x-www-form-urlencoded", false],
    ["text/plain", false],
    ["application/jsonp", false],
    ["application/merge-patch+json", false],
  ];
  for (const [type, accepted] of types) {
    await t.step(type, async () => {
      const { ask } = setUp();
      const headers = { ...BEARER, "content-type": type };
      const response = await ask("POST", PROMOTE, { headers, body: "{}" });
      if (accepted) {
        assert.equal(response.status, 200);
        await response.body?.cancel();
      } else {
        assert.equal(response.headers.get("accept"), "application/json");
        await assertProblem(response, 415, "content_type");
      }
    });
  }
});

Deno.test("a body that does not end is given up", async () => {
  const { backend, ask } = setUp();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"for":')),
  });
  await assertProblem(
    await ask("POST", PROMOTE, { headers: JSON_BODY, body }),
    408,
    "body_timeout",
  );
  assert.deepEqual(backend.commands, []);
});

Deno.test("a body that breaks off is the sender's fault", async () => {
  const { backend, ask } = setUp();
  const body = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("reset")),
  });
  await assertProblem(
    await ask("POST", PROMOTE, { headers: JSON_BODY, body }),
    400,
    "body_invalid",
  );
  assert.deepEqual(backend.journal.since(), []);
});

Deno.test("a body without announced length is measured as it comes", async () => {
  const { ask } = setUp();
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(4096).fill(0x20)),
  });
  const response = await ask("POST", PROMOTE, { headers: JSON_BODY, body });
  await assertProblem(response, 413, "body_too_large");
});
