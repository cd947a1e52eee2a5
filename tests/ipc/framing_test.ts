import assert from "node:assert/strict";
import { encodeFrame, FrameError, FrameReader } from "../../src/ipc/framing.ts";

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const VALUES = [{ type: "ping" }, { text: "ü€😀" }, [], { long: "x".repeat(3000) }];
const STREAM = joined(...VALUES.map((value) => encodeFrame(JSON.stringify(value))));

Deno.test("frames are put together from pieces of any size", () => {
  for (const size of [1, 2, 3, 4, 5, 7, 64, 1000, STREAM.length]) {
    const reader = new FrameReader(10_000);
    const values: unknown[] = [];
    for (let at = 0; at < STREAM.length; at += size) {
      const frames = [...reader.feed(STREAM.subarray(at, at + size))];
      values.push(...frames.map(({ value }) => value));
    }
    assert.deepEqual(values, VALUES, `in pieces of ${size}`);
  }
});

Deno.test("a frame that is too long, or no JSON, ends the stream before anything is kept of it", () => {
  const bad = {
    "a long frame, before it has arrived": [Uint8Array.of(0, 0, 0, 11)],
    "four gigabytes": [Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    "no JSON": [encodeFrame("{")],
    "no UTF-8": [joined(Uint8Array.of(0, 0, 0, 4), Uint8Array.of(0x22, 0xff, 0xfe, 0x22))],
    "an empty frame": [Uint8Array.of(0, 0, 0, 0)],
  };
  for (const [what, pieces] of Object.entries(bad)) {
    const reader = new FrameReader(10);
    assert.throws(() => pieces.forEach((piece) => [...reader.feed(piece)]), FrameError, what);
  }
});
