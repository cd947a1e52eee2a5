import assert from "node:assert/strict";
import type { FoundState, StateStore } from "../../../../src/host/state_store.ts";
import {
  ReplayMarkStore,
  WRITE_EVERY_MS,
} from "../../../../src/node/instance/adverts/replay_mark_store.ts";
import {
  decodeReplayMarks,
  encodeReplayMarks,
  type ReplayMark,
} from "../../../../src/node/instance/adverts/replay_marks.ts";
import { SimHost } from "../../../../src/sim/host.ts";
import { SimNetwork } from "../../../../src/sim/network.ts";
import { VirtualTime } from "../../../../src/sim/time.ts";
import { Journal } from "../../../../src/status/journal.ts";

const mark = (sequence: bigint): ReplayMark => ({
  instance: "VI_1",
  sender: "192.168.31.11",
  sequence,
});

/** A keeper over a store that found this, on a host of its own; `answers`: the disk does. */
function fixture(found: FoundState, answers = true) {
  const time = new VirtualTime();
  const machine = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(machine, time, new SimNetwork(time, () => 0));
  const journal = new Journal(() => host.wallClockMs());
  const written: string[] = [];
  const store: StateStore = {
    path: "/var/lib/vipd/replay-marks.json",
    found,
    write: (text) => {
      written.push(text);
      return answers ? Promise.resolve(null) : new Promise(() => {});
    },
    setAside: () => Promise.resolve(""),
  };
  const restored: ReplayMark[] = [];
  const now = { sequence: 1n };
  const keeper = new ReplayMarkStore({
    ...{ store, host, journal },
    marks: () => [mark(now.sequence)],
    restore: (marks) => restored.push(...marks),
  });
  return { time, journal, written, restored, now, keeper };
}

Deno.test("marks are read as they were written, and nothing else is", () => {
  const marks = [mark(0n), mark(0x0123_4567_89ab_cdefn), mark((1n << 64n) - 1n)];
  const text = encodeReplayMarks(marks);
  assert.deepEqual(decodeReplayMarks(text), marks);
  const damaged = [
    text.slice(0, -3),
    "[]",
    "null",
    text.replace('"version":1', '"version":2'),
    text.replace("0123456789abcdef", "0123456789abcdeg"),
    text.replace("192.168.31.11", "somebody"),
  ];
  for (const each of damaged) assert.equal(decodeReplayMarks(each), null, each);
});

Deno.test("marks that change all the time are written now and then, and at the end", async () => {
  const { time, written, now, keeper } = fixture({ kind: "nothing" });
  keeper.start();
  for (let second = 0; second < 60; second++) {
    now.sequence++;
    time.runUntil(time.nowMs + 1000);
    await Promise.resolve();
  }
  assert.ok(written.length <= 60_000 / WRITE_EVERY_MS, `${written.length} times`);
  assert.ok(written.length >= 5);
  now.sequence++;
  await keeper.close();
  assert.deepEqual(decodeReplayMarks(written.at(-1)!), [mark(62n)]);
});

Deno.test("marks are written every ten seconds, and not after the end", async () => {
  const { time, written, now, keeper } = fixture({ kind: "nothing" });
  keeper.start();
  for (const [atMs, times] of [[9999, 0], [10_000, 1], [19_999, 1], [20_000, 2]] as const) {
    now.sequence++;
    time.runUntil(atMs);
    for (let step = 0; step < 5; step++) await Promise.resolve();
    assert.equal(written.length, times, `${atMs}`);
  }
  await keeper.close();
  assert.equal(written.length, 2, "nothing has changed");
  now.sequence++;
  time.runUntil(60_000);
  assert.equal(written.length, 2);
});

Deno.test("marks that do not change are not written again", async () => {
  const { time, written, keeper } = fixture({ kind: "nothing" });
  keeper.start();
  for (let turn = 0; turn < 10; turn++) {
    time.runUntil(time.nowMs + WRITE_EVERY_MS);
    for (let step = 0; step < 5; step++) await Promise.resolve();
  }
  assert.equal(written.length, 1);
});

Deno.test("a disk that does not answer is asked once, and a stop does not wait for it", async () => {
  const { time, written, now, keeper } = fixture({ kind: "nothing" }, false);
  keeper.start();
  for (let turn = 0; turn < 10; turn++) {
    now.sequence++;
    time.runUntil(time.nowMs + WRITE_EVERY_MS);
    await Promise.resolve();
  }
  assert.equal(written.length, 1);
  let ended = false;
  const closed = keeper.close().then(() => ended = true);
  for (const [forMs, isOver] of [[1999, false], [1, true]] as const) {
    time.runUntil(time.nowMs + forMs);
    for (let step = 0; step < 10; step++) await Promise.resolve();
    assert.equal(ended, isOver);
  }
  await closed;
});

for (
  const [name, found, lost] of [
    ["nothing", { kind: "nothing" }, null],
    ["marks", { kind: "text", text: encodeReplayMarks([mark(7n)]) }, null],
    ["rubbish", { kind: "text", text: "{" }, /it is damaged; until a sender is heard/],
    ["no answer", { kind: "unreadable", message: "the disk is silent" }, /the disk is silent/],
  ] as const
) {
  Deno.test(`a start takes over what is there, and says what is lost: ${name}`, () => {
    const { journal, restored, keeper } = fixture(found);
    keeper.start();
    assert.deepEqual(restored, name === "marks" ? [mark(7n)] : []);
    const entries = journal.since();
    assert.equal(entries.length, lost === null ? 0 : 1);
    if (lost !== null) assert.match(entries[0]!.message, lost);
  });
}
