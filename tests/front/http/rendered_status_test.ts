import assert from "node:assert/strict";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { RenderedStatus } from "../../../src/front/http/rendered_status.ts";
import type { NodeStatus } from "../../../src/status/status.ts";
import { exampleInstance, exampleStatus, FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

/** Counts how often the status is made. */
class CountingBackend extends FakeBackend {
  made = 0;

  override status(): NodeStatus {
    this.made++;
    return super.status();
  }
}

const BINDINGS: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };

Deno.test("many who ask at once cost one status", async () => {
  const backend = new CountingBackend();
  const app = createApi({ backend, judge: judgeOf(TOKEN) });
  const startMs = performance.now();
  const paths = ["/v1/status", "/v1/instances/VI_1", "/readyz", "/metrics"];
  await Promise.all(Array.from({ length: 400 }, async (_, i) => {
    const path = paths[i % paths.length]!;
    const response = await app.request(`http://localhost${path}`, {}, BINDINGS);
    assert.equal(response.status, 200);
    await response.body?.cancel();
  }));
  const rounds = Math.ceil((performance.now() - startMs) / 100);
  assert.ok(backend.made <= rounds + 1, `${backend.made} times in ${rounds} x 100 ms`);
});

Deno.test("an answer never lags behind what was reported", async () => {
  const backend = new FakeBackend();
  const rendered = new RenderedStatus(backend);
  assert.match(await rendered.text(), /"state": "master"/);
  backend.current = exampleStatus({ instances: [exampleInstance({ state: "backup" })] });
  backend.journal.record("notice", "state_changed", "VI_1: master -> backup", "VI_1");
  assert.match(await rendered.text(), /"state": "backup"/);
  assert.deepEqual(JSON.parse(await rendered.text()), JSON.parse(JSON.stringify(backend.current)));
});

Deno.test("what moves all the time is nothing new, what a person sees is", async () => {
  const backend = new FakeBackend();
  const fingerprint = () => new RenderedStatus(backend).fingerprint();
  const before = await fingerprint();
  const [instance] = backend.current.instances;
  const counters = { ...instance!.counters, advertisements_sent: 4711 };
  backend.current = exampleStatus({
    uptime_seconds: 501,
    instances: [{ ...instance!, counters, lease: { seconds: 3, renewed_ms_ago: 7 } }],
  });
  assert.equal(await fingerprint(), before);
  backend.current = exampleStatus({ instances: [exampleInstance({ faults: ["eth1 is down"] })] });
  assert.notEqual(await fingerprint(), before);
});
