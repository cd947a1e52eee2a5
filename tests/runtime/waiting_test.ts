/** Waiting that comes to an end. */

import assert from "node:assert/strict";
import { Pause, within } from "../../src/runtime/waiting.ts";

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

Deno.test("an answer within its time counts, a later one is an error, an error stays what it is", async () => {
  const late = () => new RangeError("late");
  assert.equal(await within(Promise.resolve("here"), LONG_MS, late), "here");
  await assert.rejects(within(Promise.reject(new SyntaxError("no")), LONG_MS, late), SyntaxError);
  await assert.rejects(within(new Promise(() => {}), 1, late), RangeError);
});
