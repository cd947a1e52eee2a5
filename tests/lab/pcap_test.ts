import assert from "node:assert/strict";
import { readPcap } from "../../lab/pcap.ts";

function file(magic: number, frames: readonly (readonly [number, number, number[]])[]): Uint8Array {
  const words = (...numbers: number[]) => [...new Uint8Array(Uint32Array.from(numbers).buffer)];
  const header = words(magic, 0x0004_0002, 0, 0, 65536, 1);
  const records = frames.flatMap(([seconds, fraction, octets]) => [
    ...words(seconds, fraction, octets.length, octets.length),
    ...octets,
  ]);
  return Uint8Array.from([...header, ...records]);
}

Deno.test("frames with their time in milliseconds, to the microsecond or the nanosecond", () => {
  for (const [magic, fraction] of [[0xa1b2c3d4, 500_250], [0xa1b23c4d, 500_250_000]] as const) {
    const frames = readPcap(file(magic, [[17, fraction, [1, 2, 3]], [18, 0, [4]]]));
    assert.deepEqual(frames.map(({ atMs, frame }) => [atMs, [...frame]]), [
      [17_500.25, [1, 2, 3]],
      [18_000, [4]],
    ]);
  }
});

Deno.test("a frame that is being written is left out", () => {
  const whole = file(0xa1b2c3d4, [[1, 0, [1, 2]], [2, 0, [3, 4]]]);
  for (let cut = 1; cut < 18; cut++) {
    assert.equal(readPcap(whole.subarray(0, whole.length - cut)).length, 1, `${cut} octets less`);
  }
});

Deno.test("what is no capture is refused", () => {
  assert.throws(() => readPcap(new Uint8Array(30)), /magic number 0 is unknown/);
  assert.throws(() => readPcap(new Uint8Array(3)), /no file header/);
});
