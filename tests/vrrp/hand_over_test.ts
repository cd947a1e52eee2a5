/** Hand-over: the old master lets go of its addresses when it hears the new one, not before. */

import assert from "node:assert/strict";
import type { RouterEvent } from "../../src/vrrp/router_events.ts";
import type { Advertisement } from "../../src/wire/vrrp.ts";
import {
  backup,
  DOWN_MS,
  type Driver,
  HAND_OVER_MS,
  HIGHER_ADDRESS,
  LOWER_ADDRESS,
  master,
} from "./driving.ts";

/** What a master does first, whatever it goes for. */
const GOODBYE = (nowMs: number) => [
  "clear adver",
  "send 0",
  `set handOver ${nowMs + HAND_OVER_MS}`,
];
/** Why the wait for the next master ends. */
const NOBODY = "nobody came";
const STAY = (nowMs: number, why = "not taken over") => [
  "clear handOver",
  why,
  "send 100",
  `set adver ${nowMs + 1000}`,
];

Deno.test("demote: the master says goodbye and keeps its addresses until the next one speaks", () => {
  const router = master();
  assert.deepEqual(router.at(300, "handOver"), GOODBYE(300));
  assert.equal(router.router.state, "master");
  assert.equal(router.router.handingOver, true);
  assert.deepEqual(router.fires(1000, "adver"), [], "it has said its last");
  // Even one that would lose an election: it is the one who answered.
  assert.deepEqual(router.hears(900, 1), [
    "clear adver",
    "clear handOver",
    "taken over",
    "release",
    `set masterDown ${900 + DOWN_MS}`,
    "master -> backup: demote",
  ]);
  assert.equal(router.router.handingOver, false);
  assert.deepEqual(router.router.masterSeen, { address: LOWER_ADDRESS, priority: 1 });
});

Deno.test("demote: where nobody takes over, the master stays", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.fires(300 + HAND_OVER_MS, "handOver"), STAY(300 + HAND_OVER_MS, NOBODY));
  assert.equal(router.router.state, "master");
  assert.equal(router.router.handingOver, false);
});

Deno.test("demote: another's priority 0 is not the next master", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.hears(400, 0), []);
  assert.equal(router.router.handingOver, true);
});

Deno.test("demote: means nothing twice", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.at(400, "handOver"), []);
  assert.deepEqual(router.fires(300 + HAND_OVER_MS, "handOver"), STAY(300 + HAND_OVER_MS, NOBODY));
});

Deno.test("promote during a demote: the master stays", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.at(400, "takeOver"), STAY(400));
  assert.deepEqual(router.fires(300 + HAND_OVER_MS, "handOver"), []);
});

Deno.test("the deadline of an earlier hand-over does not end a later one", () => {
  const router = master();
  router.at(300, "handOver");
  router.at(400, "takeOver");
  router.at(1000, "handOver");
  assert.deepEqual(router.fires(300 + HAND_OVER_MS, "handOver"), []);
  assert.equal(router.router.handingOver, true);
  assert.deepEqual(
    router.fires(1000 + HAND_OVER_MS, "handOver"),
    STAY(1000 + HAND_OVER_MS, NOBODY),
  );
});

Deno.test("fault: the master serves until the next one speaks", () => {
  const router = master();
  assert.deepEqual(router.fails(300), GOODBYE(300));
  assert.deepEqual(router.hears(900, 50, HIGHER_ADDRESS), [
    "clear adver",
    "clear handOver",
    "taken over",
    "release",
    "master -> fault: fault",
  ]);
  assert.equal(router.router.masterSeen, null);
});

Deno.test("fault: where nobody takes over, the master goes nevertheless", () => {
  const router = master();
  router.fails(300);
  assert.deepEqual(router.fires(300 + HAND_OVER_MS, "handOver"), [
    "clear adver",
    "clear handOver",
    "not taken over",
    "release",
    "master -> fault: fault",
  ]);
});

Deno.test("fault: a master that cannot speak any more lets go at once", () => {
  assert.deepEqual(master().fails(300, true), [
    "clear adver",
    "release",
    "master -> fault: fault",
  ]);
});

Deno.test("fault: that recovers before anybody took over is over", () => {
  const router = master();
  router.fails(300);
  assert.deepEqual(router.at(350, "recovered"), STAY(350));
  assert.equal(router.router.state, "master");
});

Deno.test("fault during a demote: the master goes even if nobody takes over", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.fails(400), [], "its goodbye is said, its deadline stands");
  assert.equal(router.fires(300 + HAND_OVER_MS, "handOver").at(-1), "master -> fault: fault");
});

Deno.test("a link lost during a hand-over ends it at once", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.fails(400, true), [
    "clear adver",
    "clear handOver",
    "not taken over",
    "release",
    "master -> fault: fault",
  ]);
});

Deno.test("fault: a promote does not stop the hand-over, a recovery does, once", () => {
  const router = master();
  router.fails(300);
  assert.deepEqual(router.at(310, "takeOver"), [], "what fails is not promoted");
  assert.deepEqual(router.at(320, "recovered"), STAY(320));
  assert.deepEqual(router.at(330, "recovered"), []);
});

Deno.test("shutdown: the master serves until the next one speaks", () => {
  const router = master();
  assert.deepEqual(router.at(300, "shutdown"), GOODBYE(300));
  assert.deepEqual(router.hears(905, 100, HIGHER_ADDRESS), [
    "clear adver",
    "clear handOver",
    "taken over",
    "release",
    "master -> init: shutdown",
  ]);
  assert.equal(router.router.masterSeen, null);
});

Deno.test("shutdown: where nobody takes over, the master goes nevertheless", () => {
  const router = master();
  router.at(300, "shutdown");
  const effects = router.fires(300 + HAND_OVER_MS, "handOver");
  assert.deepEqual(effects.slice(2), ["not taken over", "release", "master -> init: shutdown"]);
});

Deno.test("shutdown is final: no fault, recovery or promote leads away from it", () => {
  const router = master();
  router.at(300, "shutdown");
  assert.deepEqual(router.fails(310), []);
  assert.deepEqual(router.at(320, "recovered"), []);
  assert.deepEqual(router.at(330, "takeOver"), []);
  assert.deepEqual(router.at(340, "handOver"), []);
  assert.equal(router.fires(300 + HAND_OVER_MS, "handOver").at(-1), "master -> init: shutdown");
  const silent = master();
  silent.at(300, "shutdown");
  assert.equal(silent.fails(310, true).at(-1), "master -> init: shutdown");
});

Deno.test("shutdown during a demote or a fault replaces it, without a second goodbye", () => {
  for (const way of ["demote", "fault"]) {
    const router = master();
    if (way === "demote") router.at(300, "handOver");
    else router.fails(300);
    assert.deepEqual(router.at(500, "shutdown"), [], way);
    assert.equal(router.hears(600, 100).at(-1), "master -> init: shutdown", way);
  }
});

Deno.test("only a master hands over", () => {
  const router = master();
  router.hears(10, 200);
  assert.deepEqual(router.at(20, "handOver"), []);
  assert.equal(router.router.handingOver, false);
});

Deno.test("give way: the master says goodbye, and is backup even where nobody takes over", () => {
  const router = master();
  assert.deepEqual(router.at(300, "giveWay"), GOODBYE(300));
  assert.equal(router.router.handingOver, true);
  const endMs = 300 + HAND_OVER_MS;
  assert.deepEqual(router.fires(endMs, "handOver"), [
    "clear adver",
    "clear handOver",
    "not taken over",
    "release",
    `set masterDown ${endMs + DOWN_MS}`,
    "master -> backup: sync_group",
  ]);
  assert.equal(
    router.fires(endMs + DOWN_MS, "masterDown").at(-1),
    "backup -> master: master_silent",
  );
});

Deno.test("give way: ends when the next master speaks", () => {
  const router = master();
  router.at(300, "giveWay");
  assert.deepEqual(router.hears(900, 1).slice(-2), [
    `set masterDown ${900 + DOWN_MS}`,
    "master -> backup: sync_group",
  ]);
});

Deno.test("give way during a demote: the demote becomes final; a way to fault or init stays", () => {
  const demoted = master();
  demoted.at(300, "handOver");
  assert.deepEqual(demoted.at(400, "giveWay"), []);
  assert.equal(
    demoted.fires(300 + HAND_OVER_MS, "handOver").at(-1),
    "master -> backup: sync_group",
  );
  const failed = master();
  failed.fails(300);
  assert.deepEqual(failed.at(400, "giveWay"), []);
  assert.equal(failed.fires(300 + HAND_OVER_MS, "handOver").at(-1), "master -> fault: fault");
});

Deno.test("give way: means nothing to a backup, and a takeover by the group revokes it", () => {
  assert.deepEqual(backup().at(300, "giveWay"), []);
  const router = master();
  router.at(300, "giveWay");
  assert.deepEqual(router.at(400, { kind: "takeOver", reason: "sync_group" }), STAY(400));
});

Deno.test("a master that was not well stays when it is again, and not before", () => {
  const router = master();
  const isUnwell = (nowMs: number, lastResort: boolean) =>
    router.at(nowMs, {
      ...{ kind: "electionChanged", priority: 100, preempt: true, preemptDelayMs: 0, lastResort },
    });
  isUnwell(300, true);
  assert.deepEqual(router.at(300, { kind: "handOver", reason: "unwell" }), GOODBYE(300));
  assert.deepEqual(router.at(310, "recovered"), []);
  isUnwell(320, false);
  assert.deepEqual(router.at(320, "recovered"), STAY(320));
});

Deno.test("demote: a recovery does not revoke it", () => {
  const router = master();
  router.at(300, "handOver");
  assert.deepEqual(router.at(310, "recovered"), []);
});

Deno.test("a master says with its addresses whether another one serves them from now on", () => {
  const heard = (driver: Driver, event: RouterEvent) =>
    driver.router.handle(event, 9000).flatMap((effect) =>
      effect.kind === "releaseAddresses" ? [effect.heard] : []
    );
  assert.deepEqual(heard(master(), { kind: "leaseLapsed" }), [false]);
  const sent = { vrid: 51, priority: 200, intervalCs: 100, addresses: ["192.0.2.1"] };
  const advertisement: Advertisement = { version: 2, ...sent };
  const advert = { kind: "advertisementReceived", from: HIGHER_ADDRESS, advertisement } as const;
  assert.deepEqual(heard(master(), advert), [true]);
});
