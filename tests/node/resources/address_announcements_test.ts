/** When the addresses of an instance are announced on the link, and which of them. */

import assert from "node:assert/strict";
import type { VirtualAddress } from "../../../src/host/addresses.ts";
import { AddressAnnouncements } from "../../../src/node/resources/address_announcements.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import type { AnnounceTimings } from "../../../src/vip/announcements.ts";

const TIMINGS: AnnounceTimings = {
  ...{ delayMs: 5000, repeat: 1, refreshMs: 0, intervalMs: 10 },
  lowerPriority: { repeat: 0, delayMs: 0 },
};
const [A, B] = ["a", "b"].map((address) => ({ address, prefixLength: 24, device: "eth1" })) as [
  VirtualAddress,
  VirtualAddress,
];

/** Announcements of what is held, and what was announced since one last took that, with the time. */
function scene(changes: Partial<AnnounceTimings> = {}) {
  const time = new VirtualTime();
  const said: string[] = [];
  const world: { held: readonly VirtualAddress[] } = { held: [A] };
  const announcements = new AddressAnnouncements({ ...TIMINGS, ...changes }, {
    host: {
      nowMs: () => time.nowMs,
      setTimer: (atMs, run) => time.schedule(atMs, run),
      announce({ address }) {
        said.push(`${time.nowMs} ${address}`);
        return null;
      },
    },
    held: () => world.held,
    failed: () => {},
  });
  const run = (forMs: number) => time.runUntil(time.nowMs + forMs);
  return { announcements, world, run, take: () => said.splice(0) };
}

Deno.test("after a takeover all are announced at once and after the delay, unless it has ended by then", () => {
  for (const ends of [false, true]) {
    const { announcements, run, take } = scene();
    announcements.announce("takeover");
    run(1000);
    if (ends) announcements.cancel();
    run(60_000);
    assert.deepEqual(take(), ends ? ["0 a"] : ["0 a", "5000 a"]);
  }
});

Deno.test("a takeover begins the schedule again", () => {
  const { announcements, run, take } = scene();
  announcements.announce("takeover");
  run(1000);
  announcements.announce("takeover");
  run(60_000);
  assert.deepEqual(take(), ["0 a", "1000 a", "6000 a"]);
});

Deno.test("what is new is announced alone, at once and after the delay, as long as it is held", () => {
  const second = ["1000 b", "6000 b"];
  const rows: readonly (readonly [string, (made: ReturnType<typeof scene>) => void, string[]])[] = [
    ["it stays", () => {}, second],
    ["it goes", ({ world }) => world.held = [A], second.slice(0, 1)],
    ["all go", ({ announcements }) => announcements.cancel(), second.slice(0, 1)],
    ["it is new once more", ({ announcements }) => announcements.replaced([A]), [
      ...["1000 b", "2000 b", "7000 b"],
    ]],
    ["nothing else is new", ({ announcements, world }) => announcements.replaced(world.held), [
      ...second,
    ]],
  ];
  for (const [what, step, expected] of rows) {
    const made = scene();
    made.world.held = [A, B];
    made.run(1000);
    made.announcements.replaced([A]);
    made.run(1000);
    step(made);
    made.run(60_000);
    assert.deepEqual(made.take(), expected, what);
  }
  const without = scene({ delayMs: 0 });
  without.world.held = [A, B];
  without.announcements.replaced([A]);
  without.run(60_000);
  assert.deepEqual(without.take(), ["0 b"]);
});

Deno.test("what is gone is announced no more, although it waits", () => {
  const { announcements, world, run, take } = scene({ delayMs: 0 });
  world.held = [A, B];
  announcements.announce("takeover");
  world.held = [A];
  announcements.replaced([A, B]);
  run(60_000);
  assert.deepEqual(take(), ["0 a"]);
});

Deno.test("other times count at once on a master, and on a backup when it is one", () => {
  for (const isMaster of [true, false]) {
    const { announcements, world, run, take } = scene();
    announcements.announce("takeover");
    run(1000);
    if (!isMaster) announcements.cancel();
    announcements.retime({ ...TIMINGS, delayMs: 2000, repeat: 2, intervalMs: 100 }, isMaster);
    take();
    run(60_000);
    assert.deepEqual(take(), isMaster ? ["2000 a"] : []);
    world.held = [A, B];
    announcements.replaced([A]);
    run(60_000);
    assert.deepEqual(take(), ["61000 b", "61100 b", "63000 b", "63100 b"]);
  }
});
