import assert from "node:assert/strict";
import { keepGarbageLow } from "../../src/runtime/garbage.ts";

const MEGA = 2 ** 20;

Deno.test("garbage is collected once 4 MiB more are in use than after the last collection", () => {
  let used = 30 * MEGA;
  let look = () => {};
  const collections: number[] = [];
  keepGarbageLow({
    collect: () => {
      collections.push(used / MEGA);
      used -= 10 * MEGA;
    },
    usedOctets: () => used,
    every: (given) => {
      look = given;
    },
  });
  const steps: [number, number[]][] = [
    [30, [30]], // the start leaves some
    [20, [30]],
    [23.9, [30]],
    [24, [30, 24]],
    [17.9, [30, 24]],
    [18, [30, 24, 18]],
  ];
  for (const [megabytes, expected] of steps) {
    used = megabytes * MEGA;
    look();
    assert.deepEqual(collections, expected, `${megabytes} MiB`);
  }
});
