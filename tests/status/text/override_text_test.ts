import assert from "node:assert/strict";
import { clientText, overrideText, reasonText } from "../../../src/status/text/override_text.ts";
import type { OverrideStatus } from "../../../src/status/status.ts";

Deno.test("a client is named by what is known of it", () => {
  assert.equal(clientText({ user: "root", uid: 0, agent: "vipd/1" }), " (root, uid 0)");
  assert.equal(clientText({ user: "1000", uid: 1000 }), " (uid 1000)");
  assert.equal(clientText({ address: "192.168.31.20" }), " (192.168.31.20)");
  assert.equal(
    clientText({ address: "127.0.0.1", proxy: "lb01.example.com" }),
    " (by the proxy of lb01.example.com, 127.0.0.1)",
  );
  assert.equal(clientText({ agent: "curl/8" }), "");
  assert.equal(clientText(undefined), "");
});

Deno.test("a reason ends a sentence in quotation marks", () => {
  assert.equal(reasonText('the "big" one'), ': "the \\"big\\" one"');
  assert.equal(reasonText(undefined), "");
});

Deno.test("an override says what it is, who gave it, until when and why", () => {
  const since = "2026-03-01T10:00:00.000Z";
  const nowMs = Date.parse("2026-03-01T10:03:00.000Z");
  const base = { priority: 0, since, until: null };
  const cases: readonly (readonly [OverrideStatus, string])[] = [
    [{ ...base, kind: "demoted" }, "demoted manually 3 min ago, until released"],
    [{
      ...{ ...base, kind: "priority", priority: 120, until: "2026-03-01T10:13:00.000Z" },
      ...{ by: { user: "root", uid: 0 }, reason: "kernel update" },
    }, 'priority 120 manually (root, uid 0) 3 min ago, for another 10 min: "kernel update"'],
  ];
  for (const [override, words] of cases) assert.equal(overrideText(override, nowMs), words);
});
