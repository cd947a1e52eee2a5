import assert from "node:assert/strict";
import {
  clientText,
  commandReason,
  originOf,
  reasonText,
} from "../../src/status/command_origin.ts";

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

Deno.test("a reason is one line that a terminal prints as it is", () => {
  for (const good of ["x", "kernel 6.1 on lb01; see #12", "Größe 日本", "x".repeat(200)]) {
    assert.ok(commandReason.safeParse(good).success, good);
  }
  for (const bad of ["", "x".repeat(201), "a\nb", "\x1b[2J", "a\u202eb", "\ud800", 1, null]) {
    assert.ok(!commandReason.safeParse(bad).success, JSON.stringify(bad));
  }
  assert.equal(reasonText('the "big" one'), ': "the \\"big\\" one"');
  assert.equal(reasonText(undefined), "");
});

Deno.test("an origin has only the keys that are known", () => {
  assert.deepEqual(originOf({ by: {}, reason: undefined }), {});
  assert.deepEqual(originOf({ by: { uid: 0 }, reason: "x" }), { by: { uid: 0 }, reason: "x" });
});
