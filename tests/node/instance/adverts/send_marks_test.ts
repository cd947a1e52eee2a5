/** The numbers of signed adverts go on from one process to the next. */

import assert from "node:assert/strict";
import { SendMarks } from "../../../../src/node/instance/adverts/send_marks.ts";
import { SimStore } from "../../../../src/sim/store.ts";
import { type HmacPolicy, sequenceAt } from "../../../../src/vrrp/hmac.ts";

const NOW_MS = Date.UTC(2026, 2, 1, 10);
const HOUR_MS = 3_600_000;

function policy(replay: "time" | "monotonic"): HmacPolicy {
  return { keys: [], activeKey: 1, replay, windowMs: 5000, mode: "enforce" };
}

/** A process on a disk: sends at these times, and ends as it should or is killed. */
async function run(
  disk: { text: string | null; broken: boolean; hung: boolean },
  replay: "time" | "monotonic",
  timesMs: readonly number[],
  end: "stopped" | "killed",
): Promise<bigint[]> {
  const marks = new SendMarks(new SimStore(disk));
  const sequence = marks.begin(policy(replay));
  const sent: bigint[] = [];
  for (const atMs of timesMs) {
    sent.push(sequence.next(atMs));
    marks.use(sent.at(-1)!, atMs);
    await Promise.resolve();
  }
  if (end === "stopped") await marks.close();
  return sent;
}

const ENDS = ["stopped", "killed"] as const;
/** When the next process begins: as the clock goes on, and set back by less and by more than the window. */
const NEXT_MS = [1000, -2000, -HOUR_MS * 24 * 365] as const;

for (const end of ENDS) {
  for (const nextMs of NEXT_MS) {
    Deno.test(`monotonic numbers go on after one that was ${end}, the clock at ${nextMs} ms`, async () => {
      const disk = { text: null, broken: false, hung: false };
      // Those after the last block that was written are known by the block alone.
      const times = [NOW_MS, NOW_MS + HOUR_MS * 2, NOW_MS + HOUR_MS * 2.25];
      const sent = await run(disk, "monotonic", times, end);
      const last = sent.at(-1)!;
      const [next] = await run(disk, "monotonic", [NOW_MS + HOUR_MS * 2.25 + nextMs], "stopped");
      assert.ok(next! > last, `${next} after ${last}`);
    });
  }
}

Deno.test("numbers of a clock that was set back while the process ran count on after its death", async () => {
  const disk = { text: null, broken: false, hung: false };
  const times = [NOW_MS, NOW_MS - 3000, NOW_MS - 2900];
  const sent = await run(disk, "time", times, "killed");
  const [next] = await run(disk, "time", [NOW_MS - 2800], "stopped");
  assert.ok(next! > sent.at(-1)!);
});

Deno.test("with `time`, numbers are those of the clock, not of a block that lies in the future", async () => {
  const disk = { text: null, broken: false, hung: false };
  await run(disk, "time", [NOW_MS], "killed");
  const [next] = await run(disk, "time", [NOW_MS + 1000], "killed");
  const [fresh] = await run({ ...disk, text: null }, "time", [NOW_MS + 1000], "killed");
  assert.equal(next, fresh);
});

/** How often the disk is asked while a process sends at these times. */
async function writesFor(replay: "time" | "monotonic", timesMs: readonly number[]) {
  let writes = 0;
  const store = new SimStore({ text: null, broken: false, hung: false });
  const write = store.write.bind(store);
  Object.assign(store, {
    write: (text: string) => {
      writes++;
      return write(text);
    },
  });
  const marks = new SendMarks(store);
  const sequence = marks.begin(policy(replay));
  for (const atMs of timesMs) {
    marks.use(sequence.next(atMs), atMs);
    await Promise.resolve();
    await Promise.resolve();
  }
  return writes;
}

Deno.test("the disk is asked rarely, also while numbers are counted", async () => {
  const everySecond = Array.from({ length: 3600 }, (_, second) => NOW_MS + second * 1000);
  assert.equal(await writesFor("monotonic", everySecond), 2);
  const behind = Array.from({ length: 100 }, (_, index) => NOW_MS - 3000 + index);
  assert.equal(await writesFor("time", [NOW_MS, ...behind]), 2);
});

Deno.test("a disk that refuses or does not answer stops nobody", async () => {
  for (const failing of [{ broken: true, hung: false }, { broken: false, hung: true }]) {
    const sent = await run({ text: null, ...failing }, "time", [NOW_MS, NOW_MS + 1], "killed");
    assert.equal(sent.length, 2);
  }
});

Deno.test("a damaged mark is none: the numbers begin with the clock", async () => {
  for (
    const text of ["", "{", '{"format":"vipd-send-marks","version":1,"sent":"-1","reserved":"0"}']
  ) {
    const disk = { text, broken: false, hung: false };
    const [first] = await run(disk, "monotonic", [NOW_MS], "stopped");
    assert.equal(Number(first! >> 32n), NOW_MS / 1000);
  }
});

Deno.test("who stops gives back what is left of its block, and one that sent nothing writes nothing", async () => {
  for (const end of ENDS) {
    const disk = { text: null as string | null, broken: false, hung: false };
    const [sent] = await run(disk, "monotonic", [NOW_MS], end);
    const [next] = await run(disk, "monotonic", [NOW_MS], "killed");
    assert.equal(next === sent! + 1n, end === "stopped", `${next} after ${sent}`);
    const unused = { text: null as string | null, broken: false, hung: false };
    await run(unused, "monotonic", [], end);
    assert.equal(unused.text, null);
  }
});

Deno.test("while the disk writes it is asked for nothing else", () => {
  let writes = 0;
  const store = new SimStore({ text: null, broken: false, hung: true });
  const write = store.write.bind(store);
  store.write = (text) => {
    writes++;
    return write(text);
  };
  const marks = new SendMarks(store);
  const sequence = marks.begin(policy("monotonic"));
  for (const hours of [0, 2, 4, 6]) {
    marks.use(sequence.next(NOW_MS + hours * HOUR_MS), NOW_MS + hours * HOUR_MS);
  }
  assert.equal(writes, 1);
});

Deno.test("numbers of a machine whose clock begins again, and that has no mark, begin with 1", () => {
  const disk = { text: null, broken: false, hung: false };
  for (const store of [null, new SimStore(disk)]) {
    for (const replay of ["time", "monotonic"] as const) {
      assert.equal(new SendMarks(store).begin(policy(replay)).next(0), 1n);
    }
  }
});

/** What the disk has after a process used these numbers at these times: its two marks, and how often it was asked. */
async function marksAfter(uses: readonly (readonly [sequence: bigint, wallClockMs: number])[]) {
  const disk = { text: null as string | null, broken: false, hung: false };
  const marks = new SendMarks(new SimStore(disk));
  for (const [sequence, wallClockMs] of uses) {
    marks.use(sequence, wallClockMs);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
  const { sent, reserved } = JSON.parse(disk.text!);
  return [BigInt(`0x${sent}`), BigInt(`0x${reserved}`)];
}

Deno.test("a block has an hour's numbers, and the next one is written when half of it is used up", async () => {
  const [first, half] = [sequenceAt(NOW_MS), sequenceAt(NOW_MS + HOUR_MS / 2)];
  const block = [first, first + sequenceAt(HOUR_MS)];
  assert.deepEqual(await marksAfter([[first, NOW_MS]]), block);
  const laterMs = NOW_MS + HOUR_MS / 2;
  assert.deepEqual(await marksAfter([[first, NOW_MS], [half, laterMs]]), block);
  const next = half + 1n;
  assert.deepEqual(await marksAfter([[first, NOW_MS], [next, laterMs]]), [
    ...[next, next + sequenceAt(HOUR_MS)],
  ]);
});

Deno.test("numbers ahead of the clock by more than a moment are counted: the mark leaves room for many", async () => {
  const first = sequenceAt(NOW_MS);
  const ahead = sequenceAt(NOW_MS + 2);
  assert.deepEqual((await marksAfter([[first, NOW_MS], [ahead, NOW_MS]]))[0], first);
  const counted = ahead + 1n;
  const room = counted + (1n << 24n);
  assert.deepEqual((await marksAfter([[first, NOW_MS], [counted, NOW_MS]]))[0], room);
  // Up to there the disk need not be asked again.
  assert.deepEqual(
    (await marksAfter([[first, NOW_MS], [counted, NOW_MS], [room, NOW_MS]]))[0],
    room,
  );
  const beyond = room + 1n;
  assert.deepEqual(
    (await marksAfter([[first, NOW_MS], [counted, NOW_MS], [beyond, NOW_MS]]))[0],
    beyond + (1n << 24n),
  );
});
