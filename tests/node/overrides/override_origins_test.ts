/** Client and reason of an override: in status and journal, and after a restart. */

import assert from "node:assert/strict";
import type { StateStore } from "../../../src/host/state_store.ts";
import { OverrideOrigins } from "../../../src/node/overrides/override_origins.ts";
import type { StoredOverride } from "../../../src/node/overrides/stored_override.ts";
import { electedPair } from "../elected_pair.ts";

const ALICE = { by: { user: "alice", uid: 1000, agent: "vipd/0.2.0" }, reason: "disk swap" };
const SINCE_MS = Date.UTC(2026, 2, 1, 10);
const DEMOTED: StoredOverride = {
  ...{ instance: "VI_1", override: { kind: "demoted" } },
  ...{ sinceMs: SINCE_MS, untilMs: null, origin: ALICE },
};

class Disk {
  text: string | null = null;
  writes = 0;

  open(): StateStore {
    const { text } = this;
    return {
      path: "/var/lib/vipd/override_origins.json",
      found: text === null ? { kind: "nothing" } : { kind: "text", text },
      write: (written) => {
        this.text = written;
        this.writes++;
        return Promise.resolve(null);
      },
      setAside: () => Promise.resolve("aside"),
    };
  }
}

Deno.test("the next run knows who gave the override that stands, and why", async () => {
  const disk = new Disk();
  const first = new OverrideOrigins(disk.open());
  first.changed([DEMOTED]);
  first.changed([DEMOTED]);
  await first.written();
  assert.equal(disk.writes, 1);
  const next = new OverrideOrigins(disk.open());
  assert.deepEqual(next.of(DEMOTED), ALICE);
  assert.deepEqual(next.of({ instance: "VI_2", sinceMs: SINCE_MS }), {}, "another instance");
  assert.deepEqual(next.of({ ...DEMOTED, sinceMs: SINCE_MS + 1 }), {}, "a later override");
});

Deno.test("what is released is forgotten, and what has no origin is not written", async () => {
  const disk = new Disk();
  const origins = new OverrideOrigins(disk.open());
  origins.changed([{ ...DEMOTED, origin: {} }]);
  await origins.written();
  assert.equal(disk.writes, 0);
  origins.changed([DEMOTED]);
  origins.changed([]);
  await origins.written();
  assert.deepEqual(new OverrideOrigins(disk.open()).of(DEMOTED), {});
  origins.changed([DEMOTED]);
  await origins.written();
  assert.deepEqual(new OverrideOrigins(disk.open()).of(DEMOTED), ALICE);
  const origin = { reason: ALICE.reason };
  origins.changed([{ ...DEMOTED, origin }]);
  await origins.written();
  assert.deepEqual(new OverrideOrigins(disk.open()).of(DEMOTED), origin);
  assert.equal(disk.text, `${JSON.stringify(JSON.parse(disk.text!), null, 2)}\n`, "for people");
});

Deno.test("of a damaged file nothing is known", () => {
  const damaged = ["", "{", "[]", '{"format":"vipd-override-origins","version":2,"origins":[]}'];
  for (const text of damaged) {
    const disk = new Disk();
    disk.text = text;
    assert.deepEqual(new OverrideOrigins(disk.open()).of(DEMOTED), {}, text);
  }
});

Deno.test("status and journal say who and why, the cause before its effect", async () => {
  const { cluster, lb01 } = electedPair();
  await cluster.settle(
    lb01.daemon!.command(
      { kind: "demote", instance: "VI_1", forMs: 300_000, reason: ALICE.reason },
      ALICE.by,
    ),
  );
  const { by, reason } = lb01.status.override!;
  assert.deepEqual({ by, reason }, ALICE);
  await cluster.settle(lb01.daemon!.command({ kind: "demote", instance: "VI_1" }));
  assert.equal(lb01.status.override!.by, undefined, "nobody is known of the later one");
  await cluster.settle(
    lb01.daemon!.command({ kind: "release", instance: "VI_1" }, { address: "192.168.31.20" }),
  );
  const entries = lb01.daemon!.journal.since().filter(({ code, transition }) =>
    code.startsWith("order_") || transition?.reason === "demote"
  );
  const until = /until 2\S+Z/;
  assert.deepEqual(entries.map(({ message }) => message.replace(until, "until T")), [
    'VI_1: demoted manually (alice, uid 1000), for 300 s: "disk swap"',
    entries[1]!.message,
    "VI_1: demoted manually, until released, instead of demoted until T",
    "VI_1: demoted ends: released manually (192.168.31.20)",
  ]);
  assert.equal(entries[1]!.transition?.reason, "demote");
  assert.deepEqual([entries[0]!.by, entries[0]!.reason], [ALICE.by, ALICE.reason]);
  assert.deepEqual(entries[3]!.by, { address: "192.168.31.20" });
});

Deno.test("a demote that comes to nothing is in the journal, and no override stands", async () => {
  const { cluster, lb01, lb02 } = electedPair();
  lb02.powerOff();
  const answer = await cluster.settle(
    lb01.daemon!.command({ kind: "demote", instance: "VI_1", reason: ALICE.reason }, ALICE.by),
  );
  assert.ok(!answer.ok);
  const codes = lb01.daemon!.journal.since().map(({ code }) => code).filter((code) =>
    code.startsWith("order_")
  );
  assert.deepEqual(codes, ["order_given", "order_failed"]);
  assert.equal(lb01.status.override, null);
});
