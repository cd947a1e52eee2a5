/** GET /v1/codes/{code}: what a code means, for programs and for a browser. */

import assert from "node:assert/strict";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

/** A listener that other machines reach, where reading needs a token. */
const WIDE: ApiBindings = {
  listener: { kind: "tcp", host: "192.168.31.11", port: 9112 },
  client: "192.168.31.99",
};

function ask(code: string, headers: Record<string, string> = {}): Response | Promise<Response> {
  const app = createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN) });
  return app.request(`http://192.168.31.11:9112/v1/codes/${code}`, { headers }, WIDE);
}

Deno.test("a code is explained to anyone who reaches the API: it says nothing of the node", async () => {
  const response = await ask("own_address");
  assert.equal(response.status, 200);
  const { code, meanings } = await response.json();
  assert.equal(code, "own_address");
  const kinds = meanings.map(({ kind }: { kind: string }) => kind);
  assert.deepEqual(kinds, ["alarm", "diagnostic", "doctor"]);
  assert.equal(meanings[0].severity, "error");
  assert.match(meanings[0].text, /ip address del 192\.168\.31\.5/);
});

Deno.test("a browser that follows a link of the page gets text", async () => {
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const response = await ask("peer_silent", { accept });
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.match(await response.text(), /^peer_silent: reason of the verdict\n/);
});

Deno.test("a code that vipd does not have is answered with one that may be meant", async () => {
  const response = await ask("own_adress");
  assert.equal(response.status, 404);
  const { code, detail } = await response.json();
  assert.equal(code, "code_unknown");
  assert.match(detail, /did you mean own_address\?/);
});
