import assert from "node:assert/strict";
import {
  commandClient,
  commandReason,
  originOf,
} from "../../../src/status/schemas/command_origin.ts";

Deno.test("a reason is one line that a terminal prints as it is", () => {
  for (const good of ["x", "kernel 6.1 on lb01; see #12", "Größe 日本", "x".repeat(200)]) {
    assert.ok(commandReason.safeParse(good).success, good);
  }
  for (const bad of ["", "x".repeat(201), "a\nb", "\x1b[2J", "a\u202eb", "\ud800", 1, null]) {
    assert.ok(!commandReason.safeParse(bad).success, JSON.stringify(bad));
  }
});

Deno.test("what is known of a client is one line of 256 characters at most", () => {
  for (const key of ["user", "address", "proxy", "agent"]) {
    for (const [text, ok] of [["x".repeat(256), true], ["x".repeat(257), false], ["a\nb", false]]) {
      assert.equal(commandClient.safeParse({ [key as string]: text }).success, ok, `${key}`);
    }
  }
});

Deno.test("a user's number is one of 32 bits", () => {
  const rows: [number, boolean][] = [
    ...[[-1, false], [0, true], [2 ** 32 - 1, true], [2 ** 32, false], [0.5, false]] as const,
  ].map(([uid, ok]) => [uid, ok]);
  for (const [uid, ok] of rows) {
    assert.equal(commandClient.safeParse({ uid }).success, ok, `${uid}`);
  }
});

Deno.test("an origin has only the keys that are known", () => {
  assert.deepEqual(originOf({ by: {}, reason: undefined }), {});
  assert.deepEqual(originOf({ by: { uid: 0 }, reason: "x" }), { by: { uid: 0 }, reason: "x" });
});
