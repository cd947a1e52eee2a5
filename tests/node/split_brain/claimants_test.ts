/** Who claims an address, however many they are. */

import assert from "node:assert/strict";
import { type ClaimantAdvert, Claimants } from "../../../src/node/split_brain/claimants.ts";

const VIP = "192.168.31.5";
const GOOD: ClaimantAdvert = { kind: "good", source: "192.168.31.12", priority: 100 };
const BETTER: ClaimantAdvert = { ...GOOD, priority: 150 };

const macOf = (index: number) => `02:00:00:00:${index >> 8}:${index & 255}`;

/** So many claims, one a millisecond, each from another MAC address. */
function claimed(count: number): Claimants {
  const claimants = new Claimants(VIP, 0);
  for (let index = 0; index < count; index++) claimants.claimed(macOf(index), VIP, index);
  return claimants;
}

/** Those that are known one by one, in the order in which they are preferred; none of them lasts afterwards. */
function known(claimants: Claimants): string[] {
  const macs: string[] = [];
  for (let one = claimants.lasting(1); one; one = claimants.lasting(1)) {
    macs.push(one.mac);
    one.lastMs = one.firstMs;
  }
  return macs;
}

Deno.test("the nodes of a pair and a few foreign hosts are no crowd", () => {
  assert.deepEqual([1, 2, 4, 5, 1000].map((count) => claimed(count).isCrowd), [
    ...[false, false, false, true, true],
  ]);
});

Deno.test("few claimants are known, the others are counted up to a bound", () => {
  const claimants = claimed(1);
  const isNew = [0, 1, 1].map((index) => claimants.claimed(macOf(index), VIP, index));
  assert.deepEqual(isNew, [false, true, false]);
  for (let index = 2; index < 5000; index++) claimants.claimed(macOf(index), VIP, index);
  assert.equal(claimants.count, 1000);
  assert.equal(claimants.claimed("another", VIP, 5000), false);
  for (let index = 0; index < 5000; index++) claimants.claimed(macOf(index), VIP, 9000 + index);
  assert.deepEqual(known(claimants), Array.from({ length: 16 }, (_, index) => macOf(index)));
});

Deno.test("a router is known among any number of others, whether it claims or advertises first", () => {
  for (const advertisesFirst of [true, false]) {
    const claimants = claimed(advertisesFirst ? 100 : 10);
    if (!advertisesFirst) claimants.claimed("router", VIP, 500);
    assert.equal(claimants.advertised("router", GOOD), !advertisesFirst);
    assert.equal(claimants.advertised("router", GOOD), false);
    for (const atMs of [1000, 2000]) claimants.claimed("router", VIP, atMs);
    for (let index = 0; index < 100; index++) claimants.claimed(macOf(index), VIP, 2000);
    assert.equal(claimants.lasting(1000)?.mac, "router");
    assert.deepEqual(claimants.lasting(1000)?.advert, GOOD);
    // In the place of one of the others where there was none left.
    const others = Array.from(
      { length: advertisesFirst ? 15 : 10 },
      (_, index) => macOf(advertisesFirst ? index + 1 : index),
    );
    const late = advertisesFirst ? [] : [10, 11, 12, 13, 14].map(macOf);
    claimants.claimed(macOf(1), VIP, 3000);
    for (const mac of late) claimants.claimed(mac, VIP, 3000);
    assert.deepEqual(known(claimants), ["router", ...others, ...late]);
  }
});

Deno.test("a router takes no other router's place", () => {
  const claimants = new Claimants(VIP, 0);
  claimants.advertised("one too many", GOOD);
  const routers = Array.from({ length: 16 }, (_, index) => macOf(index));
  for (const mac of routers) {
    claimants.claimed(mac, VIP, 0);
    claimants.advertised(mac, GOOD);
  }
  assert.equal(claimants.claimed("one too many", VIP, 0), false);
  for (const mac of [...routers, "one too many"]) claimants.claimed(mac, VIP, 1);
  assert.deepEqual(known(claimants), routers);
});

Deno.test("of sixteen routers that claim nothing yet the last advert is known, of further ones none", () => {
  const claimants = new Claimants(VIP, 0);
  for (let index = 0; index < 17; index++) claimants.advertised(macOf(index), GOOD);
  claimants.advertised(macOf(0), BETTER);
  claimants.claimed(macOf(16), VIP, 0);
  assert.deepEqual(claimants.lasting(0)?.advert, { kind: "none" });
  claimants.claimed(macOf(15), VIP, 0);
  assert.deepEqual(claimants.lasting(0)?.advert, GOOD);
  claimants.forgetSilent(0, 1);
  claimants.claimed(macOf(0), VIP, 1);
  assert.deepEqual(claimants.lasting(0)?.advert, BETTER);
});

Deno.test("the last claim is that of the machine that claimed last, and the youngest claimant came last", () => {
  const claimants = new Claimants(VIP, 5);
  assert.deepEqual([claimants.address, claimants.firstMs, claimants.lastMs], [VIP, 5, 5]);
  claimants.claimed("first", VIP, 5);
  claimants.claimed("second", VIP, 10);
  claimants.claimed("first", VIP, 20);
  assert.deepEqual([claimants.firstMs, claimants.lastMs], [5, 20]);
  const since = [10, 11, 20, 21].map((sinceMs) => claimants.youngestSince(sinceMs)?.mac ?? null);
  assert.deepEqual(since, ["second", "first", "first", null]);
});

Deno.test("who is silent is forgotten, and the count follows", () => {
  const claimants = claimed(100);
  claimants.claimed("one", VIP, 3000);
  claimants.forgetSilent(3500, 3600);
  assert.equal(claimants.lasting(0), null, "no place was free for that one");
  assert.equal(claimants.count, 101);
  claimants.claimed("one", VIP, 4000);
  claimants.forgetSilent(3500, 7000);
  assert.equal(claimants.lasting(0)?.mac, "one");
  claimants.forgetSilent(3500, 7200);
  assert.equal(claimants.count, 1);
});

Deno.test("a claimant may be silent for so long, and no longer, and is counted for once more that time", () => {
  const claimants = new Claimants(VIP, 0);
  claimants.claimed("one", VIP, 0);
  const rows = [[3500, "one", 1], [3501, undefined, 1], [7001, undefined, 1], [7002, undefined, 0]];
  for (const [nowMs, mac, count] of rows as [number, string | undefined, number][]) {
    claimants.forgetSilent(3500, nowMs);
    assert.deepEqual([claimants.lasting(0)?.mac, claimants.count], [mac, count], `${nowMs} ms`);
  }
});

Deno.test("adverts are awaited of those that came of late and have sent none", () => {
  const claimants = new Claimants(VIP, 0);
  claimants.claimed("stranger", VIP, 0);
  claimants.claimed("router", VIP, 100);
  assert.deepEqual([0, 1, 101].map((sinceMs) => claimants.awaitAdverts(sinceMs)), [
    ...[true, true, false],
  ]);
  claimants.advertised("router", GOOD);
  assert.deepEqual([0, 1].map((sinceMs) => claimants.awaitAdverts(sinceMs)), [true, false]);
});
