/** Asks the API of a load balancer that does what the test tells it to, without a network. */

import assert from "node:assert/strict";
import { createApi } from "../../src/front/http/app.ts";
import type { ApiBindings } from "../../src/front/server/api_bindings.ts";
import { FakeBackend, TOKEN } from "./fake_backend.ts";
import { judgeOf } from "./fake_judge.ts";

export const LOOPBACK: ApiBindings = { listener: { kind: "tcp", host: "127.0.0.1", port: 9112 } };
export const BASE = "http://127.0.0.1:9112";
export const BEARER = { authorization: `Bearer ${TOKEN}` };
export const JSON_BODY = { ...BEARER, "content-type": "application/json" };
export const PROMOTE = "/v1/instances/VI_1/promote";
export const PRIORITY = "/v1/instances/VI_1/priority";

export function setUp() {
  const backend = new FakeBackend();
  const app = createApi({
    backend,
    judge: judgeOf(TOKEN),
    bodyTimeoutMs: 200,
  });
  const ask = (method: string, path: string, init: RequestInit = {}, bindings = LOOPBACK) =>
    app.request(`${BASE}${path}`, { method, ...init }, bindings);
  return { backend, ask };
}

/** Asserts a problem document and gives it back. */
export async function assertProblem(response: Response, status: number, code: string) {
  const document = await response.json();
  assert.deepEqual([response.status, document.code], [status, code], JSON.stringify(document));
  assert.equal(document.status, status);
  assert.equal(document.type, "about:blank");
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.match(document.detail, /\w/);
  assert.match(document.instance, /^\//);
  return document;
}
