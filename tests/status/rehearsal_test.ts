import assert from "node:assert/strict";
import { headOf, type RehearsedName, rehearsedName } from "../../src/status/rehearsal.ts";

const AT = "2026-03-01T10:00:00.000Z";
const NAME: RehearsedName = {
  ...{ name: "example.com", port: 443, tls: true, path: "/", at: AT, served: true },
  ...{ certificate: null, status: 200, location: null, error: null, not_rehearsed: null },
};

Deno.test("a rehearsal in short counts the names, those that failed and those that were not asked", () => {
  const results = [
    NAME,
    { ...NAME, error: "refused" },
    { ...NAME, error: "refused" },
    { ...NAME, not_rehearsed: "no port" },
    NAME,
    NAME,
  ];
  const nginx = { config: "/n", running: true, stale: null, unloadable: null, unread: [] };
  assert.deepEqual(headOf({ node: "lb01", at: AT, took_ms: 7, nginx, results }), {
    ...{ at: AT, took_ms: 7, names: 6, failed: 2, not_rehearsed: 1 },
  });
});

Deno.test("the port of a name is one of TCP", () => {
  for (const [port, ok] of [[0, false], [1, true], [65_535, true], [65_536, false]] as const) {
    assert.equal(rehearsedName.safeParse({ ...NAME, port }).success, ok, `${port}`);
  }
});
