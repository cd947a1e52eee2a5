/** HTTP/2 as far as one question goes: what nginx gets is judged by nginx itself, in tests/front/rehearsal. */

import assert from "node:assert/strict";
import { beginsWithSettings, Http2StatusReader } from "../../src/http/http2.ts";
import { concatenate } from "../../src/wire/octets.ts";

/** A frame of a server; stream 1 unless it is of the connection. */
function frame(type: number, flags: number, ...content: readonly number[]): Uint8Array {
  const stream = type === 4 ? 0 : 1;
  return Uint8Array.of(0, 0, content.length, type, flags, 0, 0, 0, stream, ...content);
}

const SETTINGS = frame(4, 0, 0, 3, 0, 0, 0, 128);
const HEADERS = 1;
const END_HEADERS = 4;
const headers = (...fragment: readonly number[]) => frame(HEADERS, END_HEADERS, ...fragment);

for (
  const [what, octets, begins] of [
    ["settings", SETTINGS, true],
    ["their first octets", SETTINGS.subarray(0, 3), null],
    ["another frame", headers(0x88), false],
    ["HTTP/1.1", new TextEncoder().encode("HTTP/1.1 200 OK"), false],
    ["a letter", Uint8Array.of(0x48), false],
  ] as const
) {
  Deno.test(`whether a server speaks HTTP/2: ${what}`, () => {
    assert.equal(beginsWithSettings(octets), begins);
  });
}

for (
  const [what, answer, status] of [
    ["of the static table", headers(0x88), 200],
    ["the last one of the static table", headers(0x8e), 500],
    ["in digits", headers(0x48, 3, 0x34, 0x30, 0x35), 405],
    ["in digits that no table keeps", headers(0x08, 3, 0x33, 0x30, 0x31), 301],
    // RFC 7541 appendix C.6.1 and C.6.2.
    ["302 in Huffman's code", headers(0x48, 0x82, 0x64, 0x02), 302],
    ["307 in Huffman's code", headers(0x48, 0x83, 0x64, 0x0e, 0xff), 307],
    ["behind a new size of the table", headers(0x3f, 0xe1, 0x1f, 0x8b), 304],
    ["padded, with a priority", frame(HEADERS, 0x2c, 2, 0, 0, 0, 0, 16, 0x8d, 0, 0), 404],
    [
      "behind an interim one",
      concatenate([headers(0x48, 3, 0x31, 0x30, 0x33), headers(0x89)]),
      204,
    ],
  ] as const
) {
  Deno.test(`the status of an HTTP/2 answer, octet by octet: ${what}`, () => {
    const reader = new Http2StatusReader();
    const found = Array.from(
      concatenate([SETTINGS, answer]),
      (octet) => reader.push(Uint8Array.of(octet)),
    );
    assert.equal(found.pop(), status);
    assert(found.every((each) => each === null));
  });
}

for (
  const [what, answer] of [
    ["no status first", headers(0x82)],
    ["an index beyond the table", headers(0xff, 0x80)],
    ["nothing", headers()],
    ["letters", headers(0x48, 3, 0x61, 0x62, 0x63)],
    ["the end of the stream", frame(3, 0, 0, 0, 0, 7)],
    ["a farewell", frame(7, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
    ["a frame that is too long", Uint8Array.of(1, 0, 0, 1, 4, 0, 0, 0, 1)],
  ] as const
) {
  Deno.test(`an HTTP/2 answer is none: ${what}`, () => {
    assert.throws(() => new Http2StatusReader().push(answer), /HTTP\/2/);
  });
}
