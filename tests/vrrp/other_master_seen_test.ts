/** Another master that only others, or the link, have seen: no advert of it was heard. */

import assert from "node:assert/strict";
import { backup, DOWN_MS, Driver, LOWER_ADDRESS, master } from "./driving.ts";

const seen = (router: Driver, nowMs: number, waitMs: number) =>
  router.at(nowMs, { kind: "otherMasterSeen", waitMs });

Deno.test("a master lets go at once, without a hand-over, and waits for it longer than for silence", () => {
  for (const [waitMs, untilMs] of [[3500, 100 + DOWN_MS], [5000, 5100]] as const) {
    const router = master();
    assert.deepEqual(seen(router, 100, waitMs), [
      ...["send 0", "clear adver", "release", `set masterDown ${100 + DOWN_MS}`],
      ...["master -> backup: split_brain", `set masterDown ${untilMs}`],
    ]);
  }
});

Deno.test("a backup waits for it at least as long as it would have", () => {
  for (const [waitMs, untilMs] of [[1000, DOWN_MS], [3500, DOWN_MS], [3600, 3700]] as const) {
    assert.deepEqual(seen(backup(), 100, waitMs), [`set masterDown ${untilMs}`]);
  }
});

Deno.test("one that takes no part, or hands over already, goes its way", () => {
  assert.deepEqual(seen(new Driver(), 100, 5000), []);
  const leaving = master();
  leaving.at(50, "handOver");
  assert.deepEqual(seen(leaving, 100, 5000), []);
  assert.equal(leaving.router.state, "master");
});

Deno.test("only a backup that follows a weaker master waits to preempt", () => {
  const delayed = { preemptDelayMs: 5000 } as const;
  const router = backup(delayed);
  assert.equal(router.router.waitsToPreempt(0), false);
  router.hears(600, 50);
  assert.deepEqual([600, 5599, 5600].map((atMs) => router.router.waitsToPreempt(atMs)), [
    ...[true, true, false],
  ]);
  router.fires(700 + DOWN_MS, "masterDown");
  assert.equal(router.router.state, "master");
  assert.equal(router.router.waitsToPreempt(701 + DOWN_MS), false);
  const led = master(delayed);
  led.hears(100, 50, LOWER_ADDRESS);
  assert.equal(led.router.waitsToPreempt(200), false);
});

Deno.test("with its sync group it answers a goodbye only if it came for this member", () => {
  const takes = (router: Driver) =>
    router.at(700, { kind: "takeOver", reason: "sync_group" }).filter((it) =>
      it.startsWith("announce")
    );
  const released = backup();
  released.hears(600, 200);
  released.hears(650, 0);
  assert.deepEqual(takes(released), ["announce after goodbye"]);
  const silent = backup();
  silent.hears(600, 200);
  assert.deepEqual(takes(silent), ["announce"]);
  const promoted = backup();
  promoted.hears(650, 0);
  assert.ok(promoted.at(700, "takeOver").includes("announce"));
});
