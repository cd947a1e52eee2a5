import assert from "node:assert/strict";
import { StatusFeed } from "../../src/ipc/status_feed.ts";
import type { StatusParts } from "../../src/status/status.ts";
import { exampleStatus } from "../front/fake_backend.ts";
import { FakeEngine } from "./fake_engine.ts";
import { WorkClock } from "./work_clock.ts";

/** Many instances, each of whose parts takes half a millisecond to make. */
function slowParts(clock: WorkClock, count: number): StatusParts {
  const { instances: [instance], peers: _, ...head } = exampleStatus();
  const instances = Array.from({ length: count }, (_, index) => ({
    name: `VI_${index}`,
    make: () => {
      clock.work(0.5);
      return { ...instance!, name: `VI_${index}` };
    },
  }));
  return { head: () => head, instances, peers: [] };
}

/** What a front that asks again and again is sent, until it has had `updates` updates. */
async function feed(clock: WorkClock, instances: number, updates: number): Promise<number[]> {
  const atMs: number[] = [];
  const done = Promise.withResolvers<void>();
  const engine = new FakeEngine();
  engine.statusParts = () => slowParts(clock, instances);
  const channel = {
    open: true,
    drained: () => Promise.resolve(),
    sendJson: () => {},
    send: (message: object) => {
      assert.equal((message as { type: string }).type, "refreshed");
      atMs.push(clock.nowMs());
      if (atMs.length < updates) return status.refresh();
      done.resolve();
    },
  };
  const status = new StatusFeed(channel, engine, clock);
  status.refresh();
  await done.promise;
  return atMs;
}

Deno.test("a front that asks without end gets the status ten times a second, and no oftener", async () => {
  const clock = new WorkClock();
  const atMs = await feed(clock, 1, 31);
  assert.ok(Math.abs(atMs.at(-1)! - atMs[0]! - 3000) < 10, `30 in ${atMs.at(-1)! - atMs[0]!} ms`);
});

Deno.test("a status of a thousand instances is made in turns of 2 ms", async () => {
  const clock = new WorkClock();
  await feed(clock, 1000, 1);
  assert.equal(clock.workedMs, 500);
  assert.ok(clock.longestMs <= 2.5, `${clock.longestMs} ms at once`);
});
