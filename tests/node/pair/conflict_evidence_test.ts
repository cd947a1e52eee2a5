/** For how long what is seen on the link of another machine counts, and when a peer's word explains it. */

import assert from "node:assert/strict";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { ConflictEvidence } from "../../../src/node/pair/conflict_evidence.ts";
import { SimHost } from "../../../src/sim/host.ts";
import { SimNetwork } from "../../../src/sim/network.ts";
import { VirtualTime } from "../../../src/sim/time.ts";
import { Journal } from "../../../src/status/journal.ts";
import type { PairNode } from "../../../src/status/pair/view.ts";

const TEXT = { message: "another one", hint: "remove it" };

function scene(state = "master") {
  const time = new VirtualTime();
  const options = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(options, time, new SimNetwork(time, () => 0));
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const config = { name: "VI_1", advertIntervalCs: 100 };
  const instance = { config, router: { state } } as unknown as Instance;
  const evidence = new ConflictEvidence(instance, { clock: host, alarms });
  return { alarms, evidence, run: (forMs: number) => time.runUntil(time.nowMs + forMs) };
}

/** Peers that say this of the instance. */
function peers(...instances: object[]): PairNode[] {
  return instances.map((instance) => ({ instance })) as unknown as PairNode[];
}

Deno.test("what was seen counts for two questions, or until an advert is late", () => {
  const rows = [
    ["vrid_differs", 2500],
    ["split_brain_advert", 2500],
    ["split_brain_address", 2000],
    ["address_conflict", 2000],
  ] as const;
  for (const [alarm, lastsMs] of rows) {
    const { alarms, evidence, run } = scene();
    assert.equal(evidence.now(), null);
    run(5000);
    alarms.raise(alarm, "VI_1", TEXT, 60_000);
    alarms.raise(alarm, "VI_2", TEXT, 60_000);
    run(lastsMs);
    assert.deepEqual(evidence.now(), { alarm, ...TEXT });
    run(1);
    assert.equal(evidence.now(), null, alarm);
    alarms.raise(alarm, "VI_1", TEXT, 60_000);
    assert.deepEqual(evidence.now(), { alarm, ...TEXT });
  }
});

Deno.test("the most certain evidence is named", () => {
  const { alarms, evidence } = scene();
  for (const alarm of ["address_conflict", "split_brain_address", "vrid_differs"] as const) {
    alarms.raise(alarm, "VI_1", TEXT);
    assert.equal(evidence.now()?.alarm, alarm);
  }
});

Deno.test("what was seen until a second after a peer said that it has the addresses was that peer", () => {
  const rows: [what: string, said: PairNode[], explains: boolean][] = [
    ["nobody", [], false],
    ["one of which nothing is known", [{ instance: null } as PairNode], false],
    ["a backup", peers({ state: "backup" }), false],
    ["a master", peers({ state: "master" }), true],
    ["a backup that has the address", peers({ state: "backup", address_on_backup: "eth1" }), true],
    ["one of two", peers({ state: "backup" }, { state: "master" }), true],
  ];
  for (const [what, said, explains] of rows) {
    for (const [afterMs, counts] of [[0, !explains], [999, !explains], [1000, true]] as const) {
      const { alarms, evidence, run } = scene();
      run(5000);
      evidence.explainedBy(said);
      run(afterMs);
      alarms.raise("address_conflict", "VI_1", TEXT);
      assert.equal(evidence.now() !== null, counts, `${what}, ${afterMs} ms later`);
    }
  }
});

Deno.test("a master hears the other master that its adverts name, while they are new", () => {
  for (const state of ["master", "backup"]) {
    const { alarms, evidence, run } = scene(state);
    assert.equal(evidence.otherMaster(), null);
    alarms.raise("split_brain_advert", "VI_1", { ...TEXT, causes: ["192.168.31.12", "more"] });
    run(2500);
    assert.equal(evidence.otherMaster(), state === "master" ? "192.168.31.12" : null);
    run(1);
    assert.equal(evidence.otherMaster(), null);
  }
});
