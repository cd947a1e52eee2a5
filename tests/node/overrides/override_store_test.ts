/** When the overrides that stand are written, on disks that answer when the test says so. */

import assert from "node:assert/strict";
import type { HostError } from "../../../src/host/errors.ts";
import type { FoundState, StateStore } from "../../../src/host/state_store.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { OverrideOrigins } from "../../../src/node/overrides/override_origins.ts";
import { OverrideStore } from "../../../src/node/overrides/override_store.ts";
import {
  encodeOverrides,
  type StoredOverride,
} from "../../../src/node/overrides/stored_override.ts";
import { SimCluster } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";

const DEMOTED: StoredOverride = {
  ...{ instance: "VI_1", override: { kind: "demoted" } },
  ...{ sinceMs: Date.UTC(2026, 2, 1, 10), untilMs: null, origin: {} },
};

type Answer<T> = (answer: T) => void;

/** A disk with its writes and what sets its content aside, each with what answers it. */
class Disk implements StateStore {
  readonly path = "/var/lib/vipd/state.json";
  readonly writes: { readonly text: string; readonly answer: Answer<HostError | null> }[] = [];
  readonly asides: Answer<string>[] = [];
  readonly found: FoundState;

  constructor(found: FoundState = { kind: "nothing" }) {
    this.found = found;
  }

  write(text: string): Promise<HostError | null> {
    const { promise, resolve: answer } = Promise.withResolvers<HostError | null>();
    this.writes.push({ text, answer });
    return promise;
  }

  setAside(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.asides.push(resolve);
    return promise;
  }
}

const text = (text: string): FoundState => ({ kind: "text", text });
const FULL: HostError = { code: "ENOSPC", message: "no space left" };

function scene(found?: FoundState, originsFound?: FoundState) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const [disk, originsDisk] = [new Disk(found), new Disk(originsFound)];
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const standing: StoredOverride[] = [];
  const origins = new OverrideOrigins(originsDisk);
  const store = new OverrideStore(disk, origins, host, alarms, () => standing);
  /** All is done that needs no answer of the disks. */
  const run = async (forMs = 0) => {
    cluster.run(forMs);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  /** Whether the promise has settled, as far as it may without the disks. */
  const isDone = async (promise: Promise<unknown>) => {
    let done = false;
    void promise.then(() => done = true);
    await run();
    return done;
  };
  return { disk, originsDisk, alarms, standing, store, run, isDone };
}

Deno.test("the end waits until what changed is written, and nothing is written after it", async () => {
  const { disk, standing, store, run, isDone } = scene();
  standing.push(DEMOTED);
  store.changed();
  const closed = store.close();
  assert.equal(await isDone(closed), false);
  disk.writes[0]!.answer(null);
  assert.equal(await isDone(closed), true);
  store.changed();
  await run();
  assert.equal(disk.writes.length, 1);
});

Deno.test("what changes in one turn is written together, and what changes during a write after that", async () => {
  const { disk, standing, store, run, isDone } = scene();
  store.changed();
  standing.push(DEMOTED);
  store.changed();
  await run();
  const texts = () => disk.writes.map(({ text }) => text);
  assert.deepEqual(texts(), [encodeOverrides([DEMOTED])]);
  standing.pop();
  store.changed();
  const kept = store.kept();
  await run();
  assert.equal(disk.writes.length, 1, "one write at a time");
  disk.writes[0]!.answer(null);
  assert.equal(await isDone(kept), false);
  assert.deepEqual(texts(), [encodeOverrides([DEMOTED]), encodeOverrides([])]);
  disk.writes[1]!.answer(null);
  assert.equal(await kept, null);
  assert.equal(disk.writes.length, 2);
});

Deno.test("a disk that refuses is asked again after ten seconds, and the alarm stands until it takes it", async () => {
  const { disk, alarms, store, run } = scene();
  store.changed();
  await run();
  disk.writes[0]!.answer(FULL);
  assert.equal(await store.kept(), FULL);
  const alarm = () => alarms.standing("state_unwritable", null)?.message;
  assert.match(alarm()!, /cannot be written: no space left$/);
  await run(9999);
  assert.equal(disk.writes.length, 1);
  await run(1);
  assert.equal(disk.writes.length, 2);
  disk.writes[1]!.answer(null);
  assert.equal(await store.kept(), null);
  assert.equal(alarm(), undefined);
});

Deno.test("what is damaged is set aside, then what stands is written, however long that takes", async () => {
  for (const takesMs of [0, 4999, 5000]) {
    const { disk, alarms, store, run } = scene(text("{"));
    const alarm = () => alarms.standing("state_damaged", null)?.message.split("; ")[1];
    assert.deepEqual(store.take(), []);
    await run(takesMs);
    const late = "it is not set aside yet, because the disk does not answer";
    assert.equal(alarm(), takesMs === 5000 ? late : undefined);
    assert.equal(disk.writes.length, 0);
    disk.asides[0]!("/aside");
    await run();
    assert.equal(disk.writes.length, 1);
    await run(60_000);
    assert.equal(alarm(), "it is set aside as /aside");
  }
});

Deno.test("who gave an override is written with it, and known to the next run", async () => {
  const origin = { by: { user: "alice" }, reason: "disk swap" };
  const first = scene();
  first.standing.push({ ...DEMOTED, origin });
  first.store.changed();
  const kept = first.store.kept();
  await first.run();
  first.disk.writes[0]!.answer(null);
  assert.equal(await first.isDone(kept), false, "both are");
  const [written] = first.originsDisk.writes;
  written!.answer(null);
  assert.equal(await kept, null);
  const next = scene(text(first.disk.writes[0]!.text), text(written!.text));
  assert.deepEqual(next.store.take(), [{ ...DEMOTED, origin }]);
});
