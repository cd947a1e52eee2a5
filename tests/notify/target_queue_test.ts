import assert from "node:assert/strict";
import { type Delivery, notDelivered, type Target } from "../../src/notify/target.ts";
import { QUEUE_EVENTS, TargetQueue } from "../../src/notify/target_queue.ts";
import { delay, event, until } from "./support.ts";

const RETRY_AFTER_MS = 10;
const DOWN = notDelivered("connection refused", { retry: true });
const REFUSED = notDelivered("HTTP 404", { retry: false });

/** A queue whose target answers what `answer` says, and what was told and reported. */
function open(
  answer: (ids: readonly number[], signal: AbortSignal) => Delivery | Promise<Delivery>,
  changes: Partial<Target> = {},
) {
  const told: number[][] = [];
  const reports: string[] = [];
  const target: Target = {
    batch: 1,
    gatherMs: 0,
    retryForMs: 60_000,
    async deliver(events, signal) {
      const ids = events.map(({ entry }) => entry.id);
      told.push(ids);
      return await answer(ids, signal);
    },
    ...changes,
  };
  const queue = new TargetQueue(target, {
    failed: (why, final) => reports.push(`failed${final ? " for good" : ""}: ${why}`),
    lost: (count, why) => reports.push(`lost ${count}: ${why}`),
    recovered: (lost) => reports.push(`recovered, lost ${lost}`),
  }, RETRY_AFTER_MS);
  return { queue, told, reports };
}

Deno.test("events are sent in order, one delivery at a time", async () => {
  let atOnce = 0;
  const { queue, told, reports } = open(async () => {
    assert.equal(++atOnce, 1);
    await delay(2);
    atOnce--;
    return { ok: true };
  });
  for (let id = 1; id <= 10; id++) queue.add(event(id));
  await until("all", () => queue.figures.delivered === 10);
  assert.deepEqual(told.flat(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(reports, []);
  queue.add(event(11));
  await until("a later one", () => queue.figures.delivered === 11);
});

Deno.test("what happens while a mail is on its way comes in the next one", async () => {
  const { queue, told } = open(async () => {
    await delay(20);
    return { ok: true };
  }, { batch: 4, gatherMs: 10 });
  for (let id = 1; id <= 2; id++) queue.add(event(id));
  await delay(15);
  for (let id = 3; id <= 8; id++) queue.add(event(id));
  await until("all", () => queue.figures.delivered === 8);
  assert.deepEqual(told, [[1, 2], [3, 4, 5, 6], [7, 8]]);
});

Deno.test("a receiver that is down is tried again, reported once, and misses nothing", async () => {
  let down = true;
  const { queue, told, reports } = open(() => down ? DOWN : { ok: true });
  queue.add(event(1));
  queue.add(event(2));
  await until("three tries", () => told.length >= 3);
  assert.deepEqual(reports, ["failed: connection refused"]);
  assert.deepEqual([queue.figures.failing, queue.figures.waiting], [true, 2]);
  assert.equal(queue.figures.lastFailure?.why, "connection refused");
  const { failed } = queue.figures;
  assert.ok(failed >= 2 && failed <= told.length, `${failed} of ${told.length}`);
  down = false;
  await until("the recovery", () => queue.figures.delivered === 2);
  assert.deepEqual(reports.slice(1), ["recovered, lost 0"]);
  assert.deepEqual([queue.figures.failing, queue.figures.lost], [false, 0]);
  assert.deepEqual([...new Set(told.flat())], [1, 2]);
});

Deno.test("the time between tries grows", async () => {
  const at: number[] = [];
  const { queue } = open(() => {
    at.push(performance.now());
    return at.length < 5 ? DOWN : { ok: true };
  });
  queue.add(event(1));
  await until("the fifth try", () => at.length === 5);
  const gaps = at.slice(1).map((ms, index) => ms - at[index]!);
  for (const [index, gap] of gaps.entries()) assert.ok(gap >= RETRY_AFTER_MS * 2 ** index - 2);
});

Deno.test("what cannot succeed is lost at once, reported and counted, and does not hold up the next", async () => {
  const { queue, told, reports } = open(([id]) => id === 1 ? REFUSED : { ok: true });
  queue.add(event(1));
  queue.add(event(2));
  await until("the second", () => queue.figures.delivered === 1);
  assert.deepEqual(told, [[1], [2]]);
  assert.deepEqual(reports, ["failed for good: HTTP 404", "recovered, lost 1"]);
  assert.equal(queue.figures.lost, 1);
});

Deno.test("after its time a retried event is given up", async () => {
  const { queue, reports } = open(([id]) => id === 1 ? DOWN : { ok: true }, { retryForMs: 60 });
  queue.add(event(1));
  queue.add(event(2));
  await until("the second", () => queue.figures.delivered === 1);
  assert.deepEqual(reports, [
    "failed: connection refused",
    "failed for good: connection refused",
    "recovered, lost 1",
  ]);
});

Deno.test("too many that wait cost the oldest, each reported, but not the one under way", async () => {
  const gate = Promise.withResolvers<void>();
  const { queue, told, reports } = open(async () => {
    await gate.promise;
    return { ok: true };
  });
  queue.add(event(1));
  await until("the first to be under way", () => told.length === 1);
  for (let id = 2; id <= QUEUE_EVENTS + 3; id++) queue.add(event(id));
  assert.equal(queue.figures.waiting, QUEUE_EVENTS);
  gate.resolve();
  await until("the rest", () => queue.figures.waiting === 0);
  assert.deepEqual(told.flat().slice(0, 3), [1, 5, 6], "2, 3 and 4 were the oldest that waited");
  assert.equal(reports.filter((report) => /lost 1: more than 100 wait/.test(report)).length, 3);
  assert.equal(queue.figures.lost, 3);
});

Deno.test("a program's exit code is reported, but loses nothing", async () => {
  const { queue, reports } = open(() => ({
    ok: false,
    why: "exit code 1",
    retry: false,
    unheard: false,
  }));
  queue.add(event(1));
  queue.add(event(2));
  await until("both", () => reports.length === 2);
  assert.deepEqual([queue.figures.failing, queue.figures.lost], [false, 0]);
});

Deno.test("closing sends what waits, and counts what it cannot send in time", async () => {
  const well = open(async () => {
    await delay(5);
    return { ok: true };
  });
  for (let id = 1; id <= 5; id++) well.queue.add(event(id));
  await well.queue.close(2000);
  assert.equal(well.told.length, 5);
  assert.deepEqual(well.reports, []);
  well.queue.add(event(6));
  await delay(20);
  assert.equal(well.told.length, 5, "nothing is taken any more");

  const hung = open((_, signal) =>
    new Promise<Delivery>((resolve) =>
      signal.addEventListener("abort", () => resolve(notDelivered("ended", { retry: true })))
    )
  );
  hung.queue.add(event(1));
  hung.queue.add(event(2));
  const startedMs = performance.now();
  await hung.queue.close(100);
  assert.ok(performance.now() - startedMs < 1000);
  assert.match(hung.reports.at(-1)!, /^lost 2: vipd no longer notifies/);

  const stuck = open(() => new Promise<Delivery>(() => {}));
  stuck.queue.add(event(1));
  await until("the delivery", () => stuck.told.length === 1);
  await stuck.queue.close(50);
  assert.match(stuck.reports.at(-1)!, /^lost 1: /, "a delivery that never ends holds up nobody");

  const down = open(() => DOWN);
  down.queue.add(event(1));
  await until("a failure", () => down.told.length >= 1);
  await down.queue.close(10_000);
  assert.match(down.reports.at(-1)!, /^lost 1: /, "tried once more, not for ten seconds");
});
