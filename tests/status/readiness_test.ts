import assert from "node:assert/strict";
import { createApi } from "../../src/front/http/app.ts";
import type { ApiBindings } from "../../src/front/server/api_bindings.ts";
import { readiness } from "../../src/status/readiness.ts";
import type { InstanceStatus } from "../../src/status/status.ts";
import { exampleInstance, exampleStatus, FakeBackend, TOKEN } from "../front/fake_backend.ts";
import { judgeOf } from "../front/fake_judge.ts";

const MASTER = { address: "192.168.31.12", priority: 100 };

const here = exampleInstance().addresses.map((address) => ({ ...address, held: true }))[0]!;

Deno.test("a node is ready when every instance serves or follows a master", async (t) => {
  const cases: readonly [string, Partial<InstanceStatus>, RegExp | null][] = [
    ["master", { state: "master" }, null],
    [
      "master without one of its addresses",
      { state: "master", addresses: [here, { ...here, address: "192.168.31.6", held: false }] },
      /VI_1 is master and does not hold 192\.168\.31\.6$/,
    ],
    [
      "master without its route",
      { state: "master", routing: [{ entry: "route 10.1.0.0/16 via 192.168.31.1", held: false }] },
      /VI_1 is master and does not hold route 10\.1\.0\.0\/16 via 192\.168\.31\.1$/,
    ],
    [
      "backup, which holds nothing",
      { state: "backup", master: MASTER, addresses: [{ ...here, held: false }] },
      null,
    ],
    ["backup with a master", { state: "backup", master: MASTER }, null],
    ["backup in an election", { state: "backup", master: null }, /VI_1 .* heard no master yet/],
    ["init", { state: "init", faults: [] }, /VI_1 has not started/],
    [
      "waiting for its first check",
      { state: "init", faults: ["check nginx has no result yet"] },
      /VI_1 has not started: check nginx/,
    ],
    ["fault", { state: "fault", faults: ["eth1 is down"] }, /VI_1 cannot serve: eth1 is down/],
  ];
  for (const [name, changes, why] of cases) {
    await t.step(name, () => {
      const status = exampleStatus({ instances: [exampleInstance(changes)] });
      const { status: verdict, reasons } = readiness(status);
      assert.equal(verdict, why === null ? "ready" : "not_ready");
      if (why === null) assert.deepEqual(reasons, []);
      else assert.match(reasons.join("; "), why);
    });
  }
});

Deno.test("readyz says 503 and why while one of several instances is not ready", async () => {
  const backend = new FakeBackend();
  const app = createApi({ backend, judge: judgeOf(TOKEN) });
  const bindings: ApiBindings = { listener: { kind: "unix", path: "/run/vipd/api.sock" } };
  const ask = async () => {
    const response = await app.request("http://localhost/readyz", {}, bindings);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await ask(), [200, { status: "ready", reasons: [] }]);
  const second = exampleInstance({ name: "VI_2", state: "fault", faults: ["eth2 is down"] });
  backend.current = exampleStatus({ instances: [exampleInstance(), second] });
  backend.journal.record("error", "state_changed", "VI_2: backup -> fault", "VI_2");
  assert.deepEqual(await ask(), [503, {
    status: "not_ready",
    reasons: ["VI_2 cannot serve: eth2 is down"],
  }]);
});
