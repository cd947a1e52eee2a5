/**
 * The state machine, event by event, on virtual time: RFC 9568 section 6.4 and RFC 3768 section 6.4, and what vipd adds
 * to them: the state fault, promote, priorities that change at run time, and timers that may fire a millisecond early.
 */

import assert from "node:assert/strict";
import {
  backup,
  DOWN_MS,
  Driver,
  HIGHER_ADDRESS,
  LOWER_ADDRESS,
  master,
  OWN_ADDRESS,
  SKEW_MS,
} from "./driving.ts";

const V3 = { version: 3, advertIntervalCs: 100 } as const;
/** How much before the end of Master_Down_Interval a takeover may begin, in milliseconds. */
const EARLY_MS = 2;

Deno.test("init: the owner becomes master at startup", () => {
  const owner = new Driver({ priority: 255 });
  assert.deepEqual(owner.at(50, "startup"), [
    "acquire",
    "announce",
    "send 255",
    "clear masterDown",
    "set adver 1050",
    "init -> master: owner",
  ]);
});

Deno.test("init: anybody else becomes backup, says nothing and waits", () => {
  for (const priority of [1, 100, 254]) {
    const router = new Driver({ priority });
    const downMs = 3000 + (256 - priority) * 1000 / 256;
    assert.deepEqual(router.at(50, "startup"), [
      `set masterDown ${50 + downMs}`,
      "init -> backup: startup",
    ]);
  }
});

Deno.test("init: packets, timers and commands mean nothing", () => {
  const router = new Driver();
  assert.deepEqual(router.hears(0, 0), []);
  assert.deepEqual(router.hears(0, 255), []);
  for (const timer of ["adver", "masterDown", "handOver"] as const) {
    assert.deepEqual(router.fires(10_000, timer), []);
  }
  for (const event of ["recovered", "shutdown", "takeOver", "handOver"] as const) {
    assert.deepEqual(router.at(0, event), [], event);
  }
  assert.equal(router.router.state, "init");
  assert.equal(router.router.masterSeen, null);
});

Deno.test("startup means nothing to a router that runs", () => {
  assert.deepEqual(backup().at(10, "startup"), []);
  assert.deepEqual(master().at(10, "startup"), []);
});

Deno.test("backup: shutdown is silent", () => {
  assert.deepEqual(backup().at(10, "shutdown"), [
    "clear masterDown",
    "backup -> init: shutdown",
  ]);
});

Deno.test("init: the first wait counts from when a master would have been heard", () => {
  const router = new Driver({ priority: 100 });
  const effects = router.at(50, { kind: "startup", listensSinceMs: 20 });
  assert.equal(effects[0], `set masterDown ${20 + DOWN_MS}`);
});

Deno.test("backup: the master is silent for Master_Down_Interval", () => {
  assert.deepEqual(backup().fires(DOWN_MS, "masterDown"), [
    "send 100",
    "acquire",
    "announce",
    "clear masterDown",
    `set adver ${DOWN_MS + 1000}`,
    "backup -> master: master_silent",
  ]);
});

Deno.test("backup: one that becomes master follows nobody any more", () => {
  const router = backup();
  router.hears(100, 200);
  router.fires(100 + DOWN_MS, "masterDown");
  assert.equal(router.router.masterSeen, null);
});

Deno.test("backup: a takeover may begin two milliseconds early, so that its advert is on time", () => {
  assert.deepEqual(backup().fires(DOWN_MS - EARLY_MS - 0.01, "masterDown"), []);
  const effects = backup().fires(DOWN_MS - EARLY_MS, "masterDown");
  assert.equal(effects.at(-1), "backup -> master: master_silent");
});

Deno.test("backup: priority 0 leaves it Skew_Time", () => {
  const router = backup();
  router.hears(100, 200);
  assert.deepEqual(router.hears(500, 0), [`set masterDown ${500 + SKEW_MS}`]);
  assert.equal(router.router.state, "backup");
  assert.equal(router.router.masterSeen, null);
  const effects = router.fires(500 + SKEW_MS, "masterDown");
  assert.equal(effects.at(-1), "backup -> master: master_released");
});

Deno.test("backup: a master of the same or a higher priority is followed, whatever its address", () => {
  for (
    const [priority, from] of [[101, LOWER_ADDRESS], [100, LOWER_ADDRESS], [
      255,
      HIGHER_ADDRESS,
    ]] as const
  ) {
    const router = backup();
    assert.deepEqual(router.hears(700, priority, from), [`set masterDown ${700 + DOWN_MS}`]);
    assert.deepEqual(router.router.masterSeen, { address: from, priority });
  }
});

Deno.test("backup: adverts are missing after two and a half intervals without one, and not as master", () => {
  const driver = backup();
  const missing = (nowMs: number) => driver.router.advertsMissing(nowMs);
  assert.deepEqual([2499, 2500].map(missing), [false, true]);
  driver.hears(700, 101);
  assert.deepEqual([3199, 3200].map(missing), [false, true]);
  driver.hears(3300, 1);
  assert.deepEqual([3300, 5799, 5800].map(missing), [false, false, true]);
  driver.hears(5900, 0);
  assert.equal(missing(5900), false);
  driver.fires(10_000, "masterDown");
  assert.equal(missing(20_000), false);
  driver.fails(20_000, true);
  driver.at(30_000, "recovered");
  assert.deepEqual([32_499, 32_500].map(missing), [false, true]);
  const yielding = master();
  yielding.hears(400, 200);
  const after = [2899, 2900].map((nowMs) => yielding.router.advertsMissing(nowMs));
  assert.deepEqual(after, [false, true]);
});

Deno.test("backup: without preemption a weaker master is followed too", () => {
  const router = backup({ preempt: false });
  assert.deepEqual(router.hears(700, 1), [`set masterDown ${700 + DOWN_MS}`]);
});

Deno.test("backup: with preemption a weaker master does not keep it waiting", () => {
  const router = backup();
  assert.deepEqual(router.hears(700, 99), []);
  assert.deepEqual(router.hears(1700, 99, HIGHER_ADDRESS), []);
  assert.deepEqual(router.router.masterSeen, { address: HIGHER_ADDRESS, priority: 99 });
  const effects = router.fires(DOWN_MS, "masterDown");
  assert.equal(effects.at(-1), "backup -> master: preempted_lower_priority");
});

Deno.test("backup: a stronger master ends the wait to preempt", () => {
  const router = backup();
  router.hears(700, 99);
  router.hears(1000, 200);
  const effects = router.fires(1000 + DOWN_MS, "masterDown");
  assert.equal(effects.at(-1), "backup -> master: master_silent");
});

Deno.test("master: shutdown sends priority 0 first", () => {
  const effects = master().at(300, "shutdown");
  assert.deepEqual(effects.slice(0, 2), ["clear adver", "send 0"]);
});

Deno.test("master: an advert at each interval", () => {
  const router = master();
  assert.deepEqual(router.fires(1000, "adver"), ["send 100", "set adver 2000"]);
  assert.deepEqual(router.fires(2000, "adver"), ["send 100", "set adver 3000"]);
});

Deno.test("master: a late timer does not shift the cadence", () => {
  const router = master();
  assert.deepEqual(router.fires(1300, "adver"), ["send 100", "set adver 2000"]);
  assert.deepEqual(router.fires(2999, "adver"), ["send 100", "set adver 3000"]);
});

Deno.test("master: after a long sleep there is one advert, not one for each that was missed", () => {
  const router = master();
  assert.deepEqual(router.fires(7654, "adver"), ["send 100", "set adver 8654"]);
  assert.deepEqual(router.fires(9654, "adver"), ["send 100", "set adver 10654"]);
  assert.deepEqual(master().fires(2000, "adver"), ["send 100", "set adver 3000"], "to the moment");
});

Deno.test("master: another's priority 0 is answered at once, and the cadence begins again", () => {
  const router = master();
  assert.deepEqual(router.hears(400, 0), ["send 100", "set adver 1400"]);
  assert.deepEqual(router.fires(1000, "adver"), [], "the earlier deadline is void");
  assert.deepEqual(router.fires(1400, "adver"), ["send 100", "set adver 2400"]);
});

Deno.test("master: yields to a higher priority, and to the same from a higher address", () => {
  for (const [priority, from] of [[101, LOWER_ADDRESS], [100, HIGHER_ADDRESS]] as const) {
    const router = master();
    assert.deepEqual(router.hears(400, priority, from), [
      "clear adver",
      "release",
      "send 100",
      `set masterDown ${400 + DOWN_MS}`,
      "master -> backup: higher_priority_master",
    ], "no priority 0 after a lost election, but the winner hears that there was another");
    assert.deepEqual(router.router.masterSeen, { address: from, priority });
  }
});

Deno.test("master: preemption is not asked in this state", () => {
  const effects = master({ preempt: false }).hears(400, 101);
  assert.equal(effects.at(-1), "master -> backup: higher_priority_master");
});

Deno.test("master: the owner yields to another owner of a higher address alone", () => {
  const owner = () => {
    const router = new Driver({ priority: 255 });
    router.at(0, "startup");
    return router;
  };
  assert.equal(owner().hears(10, 254, HIGHER_ADDRESS).at(-1), "announce");
  assert.equal(owner().hears(10, 255, LOWER_ADDRESS).at(-1), "announce");
  const yielded = owner().hears(10, 255, HIGHER_ADDRESS);
  assert.equal(yielded.at(-1), "master -> backup: higher_priority_master");
});

Deno.test("master: a weaker one is answered at once in version 3, not in version 2, and the address is announced", () => {
  for (
    const [priority, from] of [[99, HIGHER_ADDRESS], [100, LOWER_ADDRESS], [
      100,
      OWN_ADDRESS,
    ]] as const
  ) {
    const v2 = master();
    assert.deepEqual(v2.hears(400, priority, from), ["announce"]);
    assert.deepEqual(v2.fires(1000, "adver"), ["send 100", "set adver 2000"]);
    const v3 = master(V3);
    assert.deepEqual(v3.hears(400, priority, from), ["send 100", "announce"]);
    assert.deepEqual(v3.fires(1000, "adver"), ["send 100", "set adver 2000"]);
    assert.equal(v3.router.masterSeen, null);
  }
});

Deno.test("master: the tie-break compares with the present primary address", () => {
  const router = master();
  assert.deepEqual(router.at(10, { kind: "primaryAddressChanged", address: "192.0.2.200" }), []);
  assert.deepEqual(router.hears(20, 100, HIGHER_ADDRESS), ["announce"]);
});

Deno.test("version 3: the wait starts from the own interval and follows the master's", () => {
  const router = new Driver({ ...V3, advertIntervalCs: 100 });
  assert.deepEqual(router.at(0, "startup"), [
    `set masterDown ${DOWN_MS}`,
    "init -> backup: startup",
  ]);
  // The master's interval is 10 cs and the own priority 100: 3 * 100 ms + 156/256 * 100 ms.
  assert.deepEqual(router.hears(50, 200, LOWER_ADDRESS, 10), [`set masterDown ${50 + 360.9375}`]);
  assert.equal(router.router.skewTimeMs, 60.9375);
  // Skew_Time follows the learned interval as well.
  assert.deepEqual(router.hears(100, 0, LOWER_ADDRESS, 10), [`set masterDown ${100 + 60.9375}`]);
});

Deno.test("version 3: an interval is not learned from an advert that is not followed", () => {
  const router = backup(V3);
  router.hears(50, 99, LOWER_ADDRESS, 10);
  router.hears(60, 0, LOWER_ADDRESS, 10);
  assert.equal(router.router.masterDownIntervalMs, DOWN_MS);
});

Deno.test("version 3: a master that yields learns the interval before it waits", () => {
  const router = master(V3);
  const effects = router.hears(400, 200, LOWER_ADDRESS, 1000);
  assert.ok(effects.includes(`set masterDown ${400 + 36_093.75}`), effects.join(", "));
});

Deno.test("version 3: a new master forgets what it learned", () => {
  const router = backup(V3);
  router.hears(50, 200, LOWER_ADDRESS, 10);
  assert.ok(router.fires(50 + 360.9375, "masterDown").includes("set adver 1410.9375"));
  assert.equal(router.router.masterDownIntervalMs, DOWN_MS);
});

Deno.test("version 2: nothing is learned", () => {
  const router = backup();
  assert.deepEqual(router.hears(50, 200, LOWER_ADDRESS, 300), [`set masterDown ${50 + DOWN_MS}`]);
});

Deno.test("an advert may leave a little early, and the next one follows an interval after it", () => {
  const serving = master();
  assert.deepEqual(serving.fires(990, "adver"), ["send 100", "set adver 1990"]);
  assert.deepEqual(serving.fires(1990, "adver"), ["send 100", "set adver 2990"], "no drift");
});

Deno.test("a timer that fires too early, twice or in another state does nothing", () => {
  const waiting = backup();
  waiting.hears(1000, 200);
  assert.deepEqual(waiting.fires(DOWN_MS, "masterDown"), [], "the deadline was moved");
  assert.deepEqual(waiting.fires(5000, "adver"), []);
  assert.deepEqual(waiting.fires(5000, "handOver"), []);
  const serving = master();
  assert.deepEqual(serving.fires(989, "adver"), []);
  serving.fires(1000, "adver");
  assert.deepEqual(serving.fires(1000, "adver"), []);
  assert.deepEqual(serving.fires(9000, "masterDown"), []);
  assert.deepEqual(serving.fires(9000, "handOver"), []);
});

Deno.test("fault: a backup waits without timers, deaf, and starts again when it recovers", () => {
  const router = backup();
  router.hears(100, 200);
  assert.deepEqual(router.fails(200), ["clear masterDown", "backup -> fault: fault"]);
  assert.deepEqual(router.fails(210), [], "one fault is enough");
  assert.equal(router.router.masterSeen, null);
  assert.deepEqual(router.hears(300, 0), []);
  assert.deepEqual(router.fires(9000, "masterDown"), []);
  assert.deepEqual(router.at(9000, "takeOver"), []);
  assert.deepEqual(router.at(9000, "handOver"), []);
  assert.deepEqual(router.at(10_000, "recovered"), [
    `set masterDown ${10_000 + DOWN_MS}`,
    "fault -> backup: recovered",
  ]);
});

Deno.test("fault: what was learned of a master is forgotten", () => {
  const router = backup(V3);
  router.hears(50, 200, LOWER_ADDRESS, 10);
  router.fails(200);
  assert.equal(router.at(10_000, "recovered")[0], `set masterDown ${10_000 + DOWN_MS}`);
});

Deno.test("fault: the owner is master again when it recovers", () => {
  const owner = new Driver({ priority: 255 });
  owner.at(0, "startup");
  owner.fails(10, true);
  assert.equal(owner.at(500, "recovered").at(-1), "fault -> master: owner");
});

Deno.test("fault: a router can be in fault before it ever ran", () => {
  const router = new Driver();
  assert.deepEqual(router.fails(0), ["init -> fault: fault"]);
  assert.deepEqual(router.at(5, "recovered"), [
    `set masterDown ${5 + DOWN_MS}`,
    "fault -> backup: recovered",
  ]);
});

Deno.test("fault: shutdown ends it", () => {
  const router = new Driver();
  router.fails(0);
  assert.equal(router.at(5, "shutdown").at(-1), "fault -> init: shutdown");
});

Deno.test("a priority changed at run time shifts a backup's deadline by what Skew_Time changed", () => {
  const router = backup();
  router.hears(1000, 200);
  const raised = router.at(1500, {
    kind: "electionChanged",
    priority: 228,
    preempt: true,
    preemptDelayMs: 0,
  });
  assert.deepEqual(raised, [`set masterDown ${1000 + DOWN_MS - 500}`]);
  const lowered = router.at(1600, {
    kind: "electionChanged",
    priority: 100,
    preempt: true,
    preemptDelayMs: 0,
  });
  assert.deepEqual(lowered, [`set masterDown ${1000 + DOWN_MS}`]);
  const unchanged = router.at(1700, {
    kind: "electionChanged",
    priority: 100,
    preempt: false,
    preemptDelayMs: 0,
  });
  assert.deepEqual(unchanged, []);
  assert.deepEqual(router.hears(1800, 50), [`set masterDown ${1800 + DOWN_MS}`], "no preemption");
});

Deno.test("a priority changed at run time is what a master advertises next", () => {
  const router = master();
  assert.deepEqual(
    router.at(10, { kind: "electionChanged", priority: 40, preempt: true, preemptDelayMs: 0 }),
    [],
  );
  assert.deepEqual(router.fires(1000, "adver"), ["send 40", "set adver 2000"]);
  assert.equal(router.hears(1100, 41).at(-1), "master -> backup: higher_priority_master");
});

Deno.test("promote: a backup becomes master at once", () => {
  const router = backup();
  router.hears(1000, 200);
  assert.deepEqual(router.at(1200, "takeOver"), [
    "acquire",
    "announce",
    "send 100",
    "clear masterDown",
    "set adver 2200",
    "backup -> master: promote",
  ]);
  assert.deepEqual(router.at(1300, "takeOver"), [], "it is master already");
});

Deno.test("backup: follows a master that it does not want to replace, as long as it is heard", () => {
  const router = backup();
  assert.equal(router.router.follows(100), false, "none was heard");
  router.hears(700, 200);
  assert.equal(router.router.follows(699 + DOWN_MS - EARLY_MS), true);
  assert.equal(router.router.follows(700 + DOWN_MS - EARLY_MS), false, "its time is over");
  router.hears(1000, 50);
  assert.equal(router.router.follows(1100), false, "it is about to be replaced");
  router.hears(1200, 200);
  router.hears(1300, 0);
  assert.equal(router.router.follows(1400), false, "it let go");
  assert.equal(master().router.follows(100), false);
});

Deno.test("an interval changed at run time hurries a master, and gives another one its whole new time", () => {
  const timing = (advertIntervalCs: number, downTimerAdverts = 3) =>
    ({ kind: "timingChanged", advertIntervalCs, downTimerAdverts }) as const;
  const speaking = master();
  assert.deepEqual(speaking.at(50, timing(100)), [], "it is planned so already");
  assert.deepEqual(speaking.at(100, timing(50)), ["set adver 500"]);
  assert.deepEqual(speaking.at(400, timing(10)), ["set adver 400"], "it is late already");
  assert.deepEqual(speaking.at(410, timing(300)), [], "what is planned sooner stays");
  assert.deepEqual(speaking.fires(420, "adver"), ["send 100", "set adver 3400"]);

  const following = backup(V3);
  following.hears(1000, 200);
  assert.deepEqual(following.at(1100, timing(10, 5)), [`set masterDown ${1100 + 2000 + DOWN_MS}`]);
  const ofVersion2 = backup();
  ofVersion2.hears(1000, 200);
  assert.deepEqual(ofVersion2.at(1100, timing(10)), [`set masterDown ${1100 + 300 + SKEW_MS}`]);
  assert.deepEqual(backup(V3).at(1100, timing(10)), ["set masterDown 1460.9375"]);

  const released = backup(V3);
  released.hears(1000, 0);
  assert.deepEqual(released.at(1100, timing(10)), [], "nobody is waited for that could be silent");

  const leaving = master();
  leaving.at(100, "handOver");
  assert.deepEqual(leaving.at(110, timing(50)), [], "a hand-over has its own time");
  assert.deepEqual(new Driver().at(0, timing(50)), [], "it does not run");
});
