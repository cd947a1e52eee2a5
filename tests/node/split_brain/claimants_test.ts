/** Who claims an address, however many they are. */

import assert from "node:assert/strict";
import { type ClaimantAdvert, Claimants } from "../../../src/node/split_brain/claimants.ts";

const VIP = "192.168.31.5";
const GOOD: ClaimantAdvert = { kind: "good", source: "192.168.31.12", priority: 100 };

const macOf = (index: number) => `02:00:00:00:${index >> 8}:${index & 255}`;

/** So many claims, one a millisecond, each from another MAC address. */
function claimed(count: number): Claimants {
  const claimants = new Claimants(VIP, 0);
  for (let index = 0; index < count; index++) claimants.claimed(macOf(index), VIP, index);
  return claimants;
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
  const known: string[] = [];
  for (let otherMaster = claimants.lasting(1); otherMaster; otherMaster = claimants.lasting(1)) {
    known.push(otherMaster.mac);
    otherMaster.lastMs = otherMaster.firstMs;
  }
  assert.deepEqual(known, Array.from({ length: 16 }, (_, index) => macOf(index)));
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
  }
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
