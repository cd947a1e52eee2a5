import assert from "node:assert/strict";
import { atMostOn } from "../../src/host/clock.ts";
import { VirtualTime } from "../../src/sim/time.ts";

Deno.test("a wait ends with the answer, with the limit or with the error, and leaves no timer", async () => {
  const time = new VirtualTime();
  let timers = 0;
  const clock = {
    nowMs: () => time.nowMs,
    setTimer(atMs: number, fire: () => void) {
      timers++;
      const cancel = time.schedule(atMs, fire);
      return () => {
        timers--;
        cancel();
      };
    },
  };
  time.runUntil(1000);
  assert.equal(await atMostOn(clock, Promise.resolve("soon"), 50, "late"), "soon");
  const late = atMostOn(clock, new Promise<never>(() => {}), 50, "late");
  let settled = false;
  void late.then(() => settled = true);
  time.runUntil(1049);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(settled, false);
  time.runUntil(1050);
  assert.equal(await late, "late");
  await assert.rejects(atMostOn(clock, Promise.reject(new Error("broken")), 50, "late"), /broken/);
  assert.equal(timers, 0);
});
