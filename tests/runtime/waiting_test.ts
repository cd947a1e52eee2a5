/** Waiting that comes to an end. */

import assert from "node:assert/strict";
import { Pause } from "../../src/runtime/waiting.ts";

const LONG_MS = 60_000;

Deno.test("a pause ends by itself, or as soon as it is ended, each time again", async () => {
  const pause = new Pause();
  pause.end();
  await pause.wait(0);
  for (let time = 0; time < 2; time++) {
    let over = false;
    const waiting = pause.wait(LONG_MS).then(() => over = true);
    await Promise.resolve();
    assert.equal(over, false);
    pause.end();
    assert.equal(await waiting, true);
  }
});
