import assert from "node:assert/strict";
import { RetryPause } from "../../src/ipc/retry_pause.ts";

/** How long it waits, one after the other, without waiting. */
async function pauses(pause: RetryPause, refused: readonly boolean[]): Promise<number[]> {
  const real = globalThis.setTimeout;
  const waited: number[] = [];
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    waited.push(ms);
    return real(run, 0);
  }) as typeof setTimeout;
  try {
    for (const each of refused) await pause.wait(each);
  } finally {
    globalThis.setTimeout = real;
  }
  return waited;
}

Deno.test("the pause grows to a second, of who is refused to five, and is short again once served", async () => {
  const pause = new RetryPause();
  const unreached = Array(6).fill(false);
  assert.deepEqual(await pauses(pause, unreached), [100, 200, 400, 800, 1000, 1000]);
  assert.deepEqual(await pauses(pause, Array(4).fill(true)), [2000, 4000, 5000, 5000]);
  pause.reset();
  assert.deepEqual(await pauses(pause, [true]), [100]);
});

Deno.test("who ends does not wait", async () => {
  const pause = new RetryPause();
  const waiting = pause.wait(true);
  pause.end();
  await waiting;
});
