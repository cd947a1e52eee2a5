import assert from "node:assert/strict";
import { Pace } from "../../src/ipc/pace.ts";

/** Time that passes only while somebody works or rests. */
class VirtualClock {
  #nowMs = 0;
  sleeps = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.sleeps++;
    return Promise.resolve();
  }

  work(ms: number): void {
    this.#nowMs += ms;
  }
}

const LIMITS = { turnMs: 2, share: 0.1, restMs: 5 };

Deno.test("a rest is nine times as long as the work before it, and never shorter than its least", async () => {
  for (const [workMs, restMs] of [[0, 5], [0.5, 5], [1, 9], [2, 18], [30, 270]] as const) {
    const clock = new VirtualClock();
    const worker = new Pace(LIMITS, clock).worker();
    await worker.begin();
    clock.work(workMs);
    await worker.rest();
    assert.ok(Math.abs(clock.nowMs() - workMs - restMs) < 1e-9, `${workMs}: ${clock.nowMs()}`);
  }
});

Deno.test("who has rested by itself begins at once, without a timer", async () => {
  const clock = new VirtualClock();
  const worker = new Pace(LIMITS, clock).worker();
  await worker.begin();
  clock.work(1);
  worker.end();
  clock.work(9);
  const beganMs = clock.nowMs();
  await worker.begin();
  assert.equal(clock.nowMs(), beganMs);
  assert.equal(clock.sleeps, 0);
});

Deno.test("a turn is full after its time, counted from the last rest", async () => {
  const clock = new VirtualClock();
  const worker = new Pace(LIMITS, clock).worker();
  await worker.begin();
  clock.work(1.9);
  assert.ok(!worker.full);
  clock.work(0.2);
  assert.ok(worker.full);
  await worker.rest();
  assert.ok(!worker.full);
});

Deno.test("several who work share one pace, each in its order", async () => {
  const clock = new VirtualClock();
  const pace = new Pace(LIMITS, clock);
  const order: number[] = [];
  let workedMs = 0;
  await Promise.all([1, 2, 3].map(async (who) => {
    const worker = pace.worker();
    for (let turn = 0; turn < 10; turn++) {
      await worker.begin();
      clock.work(2);
      workedMs += 2;
      order.push(who);
      await worker.rest();
    }
  }));
  assert.ok(workedMs / clock.nowMs() <= 0.101, `${workedMs} of ${clock.nowMs()} ms`);
  for (let round = 0; round < 10; round++) {
    assert.deepEqual(order.slice(round * 3, round * 3 + 3).sort(), [1, 2, 3]);
  }
});
