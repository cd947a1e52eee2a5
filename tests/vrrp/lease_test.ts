/** A master that stood still: for longer than its lease, or for as long as its backups bear. */

import assert from "node:assert/strict";
import { backup, DOWN_MS, HIGHER_ADDRESS, LOWER_ADDRESS, master } from "./driving.ts";

Deno.test("a lapsed lease makes a master backup without a word", () => {
  const router = master();
  assert.deepEqual(router.at(9000, "leaseLapsed"), [
    "clear adver",
    "release",
    `set masterDown ${9000 + DOWN_MS}`,
    "master -> backup: lease_lapsed",
  ]);
  assert.deepEqual(router.fires(9000, "adver"), [], "its last advert is behind it");
  assert.deepEqual(router.at(9000, "leaseLapsed"), []);
});

Deno.test("after a lapsed lease silence counts from its end", () => {
  const router = master();
  router.at(9000, "leaseLapsed");
  const missing = (nowMs: number) => router.router.advertsMissing(nowMs);
  assert.deepEqual([9000, 11_499, 11_500].map(missing), [false, false, true]);
});

Deno.test("after a lapsed lease a router takes part in elections as after a start", () => {
  const follows = master();
  follows.at(9000, "leaseLapsed");
  assert.deepEqual(follows.hears(9500, 200), [`set masterDown ${9500 + DOWN_MS}`]);
  const alone = master();
  alone.at(9000, "leaseLapsed");
  assert.equal(
    alone.fires(9000 + DOWN_MS, "masterDown").at(-1),
    "backup -> master: master_silent",
  );
});

Deno.test("a lapsed lease during a hand-over ends it; a way to fault or out is gone to its end", () => {
  const demoted = master();
  demoted.at(300, "handOver");
  assert.deepEqual(demoted.at(9000, "leaseLapsed"), [
    "clear adver",
    "clear handOver",
    "not taken over",
    "release",
    `set masterDown ${9000 + DOWN_MS}`,
    "master -> backup: lease_lapsed",
  ]);
  const stopped = master();
  stopped.at(300, "shutdown");
  assert.equal(stopped.at(9000, "leaseLapsed").at(-1), "master -> init: shutdown");
  const failed = master();
  failed.fails(300);
  assert.equal(failed.at(9000, "leaseLapsed").at(-1), "master -> fault: fault");
});

Deno.test("only a master has a lease", () => {
  assert.deepEqual(backup().at(10, "leaseLapsed"), []);
});

Deno.test("a master that overslept yields to the weaker one that took over, without a word", () => {
  const router = master();
  // Its last advert left at 0; its backups waited three intervals at least.
  assert.deepEqual(router.hears(3000, 50), [
    "clear adver",
    "release",
    `set masterDown ${3000 + DOWN_MS}`,
    "master -> backup: overslept",
  ]);
  assert.deepEqual(router.router.masterSeen, { address: LOWER_ADDRESS, priority: 50 });
});

Deno.test("a master that overslept takes the farewell of the one that it replaced for no new master", () => {
  const replacing = () => {
    const router = backup();
    router.hears(1000, 50);
    assert.equal(
      router.fires(DOWN_MS, "masterDown").at(-1),
      "backup -> master: preempted_lower_priority",
    );
    return router;
  };
  const asleep = replacing();
  const wakesMs = DOWN_MS + 3100;
  assert.deepEqual(asleep.hears(wakesMs, 50), []);
  assert.equal(asleep.hears(wakesMs, 50).at(-1), "master -> backup: overslept", "it serves");
  const awake = replacing();
  awake.fires(DOWN_MS + 1000, "adver");
  assert.equal(awake.hears(wakesMs + 1000, 50).at(-1), "master -> backup: overslept");
  const heard = replacing();
  assert.deepEqual(heard.hears(DOWN_MS + 1, 50), ["announce"]);
  assert.equal(heard.hears(wakesMs, 50).at(-1), "master -> backup: overslept");
});

Deno.test("a master that is late, but not by so much, stays where a weaker one is heard", () => {
  assert.deepEqual(master().hears(2999, 50), ["announce"]);
});

Deno.test("a master that overslept and hears nobody carries on", () => {
  const router = master();
  assert.deepEqual(router.fires(3500, "adver"), ["send 100", "set adver 4500"]);
  assert.deepEqual(router.hears(3600, 50), ["announce"], "it has spoken again");
});

Deno.test("a master that overslept says farewell to a stronger one, as always", () => {
  assert.deepEqual(master().hears(3500, 200, HIGHER_ADDRESS).slice(0, 3), [
    "clear adver",
    "release",
    "send 100",
  ]);
});

Deno.test("with more adverts that may be missing, a master oversleeps later", () => {
  assert.deepEqual(master({ downTimerAdverts: 5 }).hears(4999, 50), ["announce"]);
  const late = master({ downTimerAdverts: 5 }).hears(5000, 50);
  assert.equal(late.at(-1), "master -> backup: overslept");
});
