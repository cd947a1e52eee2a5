import assert from "node:assert/strict";
import { sourceOf } from "../../../src/front/server/source.ts";

const HERE = { scheme: "http", authority: "here:1" } as const;
const sourceAt = (address: string | undefined, user: number | null = null) =>
  sourceOf({ address, user }, HERE);

Deno.test("all of loopback is one source, a /64 is one, and each user of a unix socket", () => {
  assert.equal(sourceAt("127.0.0.1"), sourceAt("127.200.3.4"));
  assert.equal(sourceAt("127.0.0.1"), sourceAt("::1"));
  assert.equal(sourceAt("2001:db8::1"), sourceAt("2001:db8::ffff"));
  const different = [
    sourceAt("127.0.0.1"),
    sourceAt("192.0.2.1"),
    sourceAt("192.0.2.2"),
    sourceAt("2001:db8::1"),
    sourceAt("2001:db8:0:1::1"),
    sourceAt(undefined),
    sourceAt(undefined, 0),
    sourceAt(undefined, 1000),
    sourceOf({ address: "127.0.0.1", user: null }, { scheme: "http", authority: "there:1" }),
  ];
  assert.equal(new Set(different).size, different.length);
});
