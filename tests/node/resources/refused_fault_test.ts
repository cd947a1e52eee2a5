/** When a fault because of a refused resource begins and ends, alone on virtual time. */

import assert from "node:assert/strict";
import { addressName } from "../../../src/node/resources/refused_resources.ts";
import { instanceConfig, VIP } from "../../../src/sim/cluster.ts";
import { refusedScene } from "./refused_scene.ts";

const LEASE_MS = 3000;
const TRIAL_MS = 100;
/** Twice Master_Down_Interval, roughly. */
const SILENCE_MS = 8000;
const TEXT = "it is refused";

/** In fault since this moment. */
function inFault(resource?: string) {
  const scene = refusedScene();
  scene.refuse(resource);
  scene.run(LEASE_MS);
  assert.equal(scene.resources.fault, `${resource ?? "it"} is refused`);
  return scene;
}

Deno.test("a fault lasts for half a minute at first, then twice as long each time, and ten minutes at most", () => {
  const { resources, world, refuse, run, runHeard } = refusedScene();
  for (const [round, seconds] of [30, 60, 120, 240, 480, 600, 600].entries()) {
    refuse();
    run((round === 0 ? LEASE_MS : TRIAL_MS) - 1);
    assert.equal(resources.fault, null);
    run(1);
    assert.deepEqual([resources.fault, resources.trialFailed], [TEXT, round > 0]);
    runHeard(seconds * 1000 - 1);
    assert.equal(resources.fault, TEXT);
    run(1);
    assert.deepEqual([resources.fault, resources.unwell], [null, null], `${seconds} s`);
    resources.released();
  }
  // What the kernel takes ends the trial, and what it had grown to.
  refuse();
  const { changes } = world;
  resources.settled("it");
  assert.equal(world.changes, changes);
  refuse();
  run(LEASE_MS);
  runHeard(30_000 - 1);
  assert.equal(resources.fault, TEXT);
  run(1);
  assert.equal(resources.fault, null);
});

Deno.test("a fault in which no other master speaks up ends, and that is said once", () => {
  const rows = [[null, 8000], [0, 8001], [1, 8002], [5000, 13_001]] as const;
  for (const [heardMs, aloneMs] of rows) {
    const { resources, world, run } = inFault();
    run(heardMs ?? 0);
    if (heardMs !== null) resources.masterHeard();
    run(aloneMs - (heardMs ?? 0) - 1);
    const { changes } = world;
    assert.deepEqual([resources.fault, resources.unwell], [TEXT, null], `${heardMs}`);
    run(1);
    assert.deepEqual([resources.fault, resources.unwell], [null, TEXT], `${heardMs}`);
    run(60_000);
    assert.equal(world.changes, changes + 1);
  }
});

Deno.test("who serves alone is in fault again with the first other master, unless it has all that it asked for", () => {
  const rows = [
    ["it asked, and misses something", ["acquired"], TEXT],
    ["it asked for nothing", ["released"], TEXT],
    ["it asks for nothing any more", ["acquired", "released"], TEXT],
    ["it asked for all, and has it", ["released", "acquired"], null],
  ] as const;
  for (const [what, steps, fault] of rows) {
    const { resources, alarm, run } = inFault();
    run(SILENCE_MS);
    for (const step of steps) resources[step]();
    assert.equal(resources.unwell, TEXT);
    resources.masterHeard();
    assert.deepEqual([resources.fault, resources.unwell, alarm()], [fault, null, fault], what);
  }
});

Deno.test("a change of the host ends a fault after a sixth of its time, and an operator does at once", () => {
  const { resources, run } = inFault();
  run(4999);
  resources.hostChanged();
  assert.equal(resources.fault, TEXT);
  run(1);
  resources.hostChanged();
  assert.equal(resources.fault, null);
  for (const step of ["hostChanged", "tryNow"] as const) resources[step]();
  const other = inFault();
  other.resources.tryNow();
  assert.deepEqual([other.resources.fault, other.timers.running], [null, 0]);
});

Deno.test("while nobody serves, and it could not, the kernel is asked every second, and for as long as it takes", () => {
  const { resources, world, refuse, run } = inFault(addressName(VIP));
  world.nothingToServe = true;
  assert.equal(resources.bare, true);
  run(SILENCE_MS);
  for (let asked = 0; asked < 60; asked++) {
    assert.equal(world.asked, asked);
    run(1000);
  }
  resources.hostChanged();
  assert.equal(world.asked, 61, "a change of the host is worth a question");
  assert.notEqual(resources.fault, null);
  world.takesAddress = true;
  run(999);
  assert.notEqual(resources.fault, null);
  run(1);
  assert.deepEqual([resources.fault, resources.unwell, resources.bare], [null, null, false]);
  run(60_000);
  assert.equal(world.asked, 62);
  resources.released();
  refuse();
  run(TRIAL_MS);
  assert.equal(resources.fault, TEXT);
  resources.hostChanged();
  assert.equal(world.asked, 62, "it is not known yet whether another node serves");
});

Deno.test("when another node serves after all, the kernel is asked no more, and the fault lasts its time again", () => {
  const { resources, world, run, runHeard } = inFault();
  world.nothingToServe = true;
  run(SILENCE_MS + 1500);
  assert.equal(world.asked, 1);
  resources.masterHeard();
  run(500);
  resources.hostChanged();
  runHeard(30_000 - 1);
  assert.deepEqual([resources.fault, world.asked], [TEXT, 1]);
  run(1);
  assert.equal(resources.fault, null);
});

Deno.test("when there is something to serve after all, it is served within a second", () => {
  const { resources, world, run } = inFault();
  world.nothingToServe = true;
  run(SILENCE_MS + 1500);
  world.nothingToServe = false;
  run(499);
  assert.equal(resources.fault, TEXT);
  run(1);
  assert.deepEqual([resources.fault, resources.unwell, world.asked], [null, TEXT, 1]);
});

Deno.test("it has none of its addresses if the kernel refuses it each of them", () => {
  const second = { ...VIP, address: "192.168.31.6" };
  const rows = [
    [[VIP], [VIP], true],
    [[VIP, second], [VIP], false],
    [[VIP, second], [VIP, second], true],
    [[], [VIP], false],
  ] as const;
  for (const [addresses, refused, isBare] of rows) {
    const { resources, refuse, run } = refusedScene({ addresses });
    for (const address of refused) refuse(addressName(address));
    run(LEASE_MS);
    assert.equal(resources.bare, isBare);
    for (const address of refused) resources.settled(addressName(address));
    assert.equal(resources.bare, false);
  }
});

Deno.test("another configuration is tried out at once, whatever was known of the one before", () => {
  for (const [afterMs, text] of [[0, "fault"], [SILENCE_MS, "unwell"]] as const) {
    const { resources, alarm, run } = inFault(addressName(VIP));
    resources.released();
    run(afterMs);
    assert.notEqual(resources[text], null);
    resources.reconfigure(instanceConfig({ leaseSeconds: 60 }));
    const { fault, unwell, bare } = resources;
    assert.deepEqual([fault, unwell, bare, alarm()], [null, null, false, null]);
  }
});

Deno.test("lease, interval and addresses are those of the configuration that is in force", () => {
  const second = { ...VIP, address: "192.168.31.6" };
  const { resources, refuse, run } = refusedScene();
  resources.reconfigure(
    instanceConfig({ leaseSeconds: 60, advertIntervalCs: 200, addresses: [second] }),
  );
  refuse(addressName(second));
  run(60_000 - 1);
  assert.equal(resources.fault, null);
  run(1);
  assert.deepEqual([resources.fault === null, resources.bare], [false, true]);
  run(2 * SILENCE_MS - 1);
  assert.equal(resources.unwell, null);
  run(1);
  assert.notEqual(resources.unwell, null);
});
