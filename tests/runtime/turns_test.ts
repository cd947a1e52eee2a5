import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { Turns } from "../../src/runtime/turns.ts";

/** Turns by a clock that only work moves on. */
function worked(): { readonly turns: Turns; readonly work: (ms: number) => void } {
  let nowMs = 0;
  return { turns: new Turns(() => nowMs), work: (ms) => nowMs += ms };
}

/** Calls `turned` in every turn of the event loop; returns how to stop that. */
function eachTurn(turned: () => void): () => void {
  let over = false;
  const turn = () => {
    turned();
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  return () => over = true;
}

Deno.test("work without end gets a few steps in a turn, however many do it", async () => {
  const { turns, work } = worked();
  let steps = 0;
  let most = 0;
  const stop = eachTurn(() => {
    most = Math.max(most, steps);
    steps = 0;
  });
  const worker = async () => {
    for (let step = 0; step < 20; step++) {
      work(0.4);
      steps++;
      await turns.next();
    }
  };
  // Each begins in a turn of its own: what begins together was not asked to wait yet.
  const workers: Promise<void>[] = [];
  for (let nth = 0; nth < 50; nth++) {
    workers.push(worker());
    await new Promise((resolve) => setTimeout(resolve));
  }
  await Promise.all(workers);
  stop();
  // The eight that go on, one that begins, and as many as a millisecond has room for.
  assert.ok(most <= 13, `${most} steps in one turn`);
});

Deno.test("everybody has a turn, and who waited longest first", async () => {
  const { turns, work } = worked();
  const order: number[] = [];
  const begun = turns.next();
  work(2);
  const waiting = Array.from({ length: 30 }, async (_, nth) => {
    await turns.next();
    order.push(nth);
  });
  await begun;
  assert.deepEqual(order, [], "this turn's time is over");
  await Promise.all(waiting);
  assert.deepEqual(order, Array.from({ length: 30 }, (_, nth) => nth));
});

Deno.test("what is done soon waits for nothing", async () => {
  const { turns, work } = worked();
  let fired = false;
  const timer = setTimeout(() => fired = true);
  for (let step = 0; step < 3; step++) {
    work(0.3);
    await turns.next();
  }
  assert.equal(fired, false);
  clearTimeout(timer);
  await new Promise((resolve) => setTimeout(resolve, 5));
});
