import assert from "node:assert/strict";
import { age, clockOf, span } from "../../../src/status/text/span.ts";
import type { NodeStatus } from "../../../src/status/status.ts";
import { exampleStatus } from "../../front/fake_backend.ts";

Deno.test("a span has two units at most", () => {
  const spans: readonly [number, string][] = [
    [-5, "0 s"],
    [0, "0 s"],
    [59.9, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h"],
    [11_520, "3 h 12 min"],
    [86_400, "1 d"],
    [4 * 86_400 + 3 * 3600 + 59, "4 d 3 h"],
  ];
  for (const [seconds, want] of spans) assert.equal(span(seconds * 1000), want);
});

Deno.test("an age is on the node's own clock", () => {
  const status = exampleStatus({ started_at: "2026-03-01T09:55:00.000Z", uptime_seconds: 500 });
  assert.equal(age("2026-03-01T10:03:00.000Z", clockOf(status)), "20 s");
  const ahead = { ...status, now: "2026-03-01T10:04:00.000Z" };
  assert.equal(age("2026-03-01T10:03:00.000Z", clockOf(ahead)), "1 min");
  const { now: _, ...older } = status;
  assert.equal(
    clockOf(older as NodeStatus),
    Date.parse("2026-03-01T10:03:20.000Z"),
    "from start and uptime",
  );
});
