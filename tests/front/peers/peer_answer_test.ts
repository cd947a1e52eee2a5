import assert from "node:assert/strict";
import { REHEARSAL_EXAMPLE } from "../../../src/front/openapi/examples.ts";
import {
  MAX_ENTRIES,
  readPeerJournal,
  readPeerRehearsal,
} from "../../../src/front/peers/peer_answer.ts";
import { PeerJournals } from "../../../src/front/peers/peer_journals.ts";
import type { JournalEntry } from "../../../src/status/journal.ts";
import { peerInstance } from "../../../src/status/schemas/peer.ts";
import { exampleInstance, exampleStatus } from "../fake_backend.ts";
import { readPeerAnswer } from "./read_peer_answer.ts";

const NOW = "2026-03-01T10:08:19.000Z";

function problemOf(status: unknown): string {
  const answer = readPeerAnswer(JSON.stringify(status));
  return "problem" in answer ? answer.problem : assert.fail("it was taken");
}

Deno.test("what is wrong first in a peer's answer is named, however much else is", () => {
  const wrong = Array.from({ length: 3000 }, () => ({}));
  const cases: readonly [unknown, RegExp][] = [
    [{ ...exampleStatus(), instances: [exampleInstance(), ...wrong] }, /: instances\.1\.name$/],
    [{ ...exampleStatus(), node: 1, instances: wrong }, /: node$/],
    [
      { ...exampleStatus(), instances: [exampleInstance({ addresses: wrong as never })] },
      /: instances\.0\.addresses\.0\.address$/,
    ],
  ];
  for (const [status, says] of cases) assert.match(problemOf(status), says);
});

Deno.test("lists of a peer that are too long are refused before their elements are looked at", () => {
  const many = (count: number) => Array.from({ length: count }, () => 0);
  const cases: readonly [unknown, RegExp][] = [
    [{ ...exampleStatus(), instances: many(4097) }, /: instances$/],
    [
      { ...exampleStatus(), instances: [exampleInstance({ addresses: many(4097) as never })] },
      /: instances\.0\.addresses$/,
    ],
    [
      { ...exampleStatus(), instances: [exampleInstance({ faults: many(65) as never })] },
      /: instances\.0\.faults$/,
    ],
  ];
  for (const [status, says] of cases) assert.match(problemOf(status), says);
});

Deno.test("a peer's client check is taken without its time, so that the same outcome is the same answer", () => {
  const read = (changes: object) => {
    const instance = { ...exampleInstance(), ...changes };
    const answer = readPeerAnswer(JSON.stringify({ ...exampleStatus(), instances: [instance] }));
    return "problem" in answer ? answer.problem : answer.instances[0]!;
  };
  const outcome = { target: "tcp 192.168.31.5:80", ok: false, detail: "connection refused" };
  const at = (second: number) => ({
    client_check: { ...outcome, at: `2026-03-01T10:00:0${second}.000Z` },
  });
  assert.deepEqual(read(at(1)), read(at(3)));
  assert.deepEqual(read(at(1)), { ...read({}) as object, client_check: outcome });
  for (const strange of [null, "yes", { ok: true }]) {
    assert.deepEqual(read({ client_check: strange }), read({}), `${strange} is passed over`);
  }
});

Deno.test("a peer's alarm about an address on its backup is read, whatever else its alarms are", () => {
  const read = (alarms: unknown) => {
    const answer = readPeerAnswer(JSON.stringify({ ...exampleStatus(), alarms }));
    return "problem" in answer ? answer.problem : answer.instances[0]!.address_on_backup;
  };
  const { name } = exampleInstance();
  const alarm = { code: "address_on_backup", subject: name };
  assert.equal(read([{ code: "flapping", subject: null }, alarm]), null, "not which, as in 0.1.0");
  for (const alarms of [[], [{ ...alarm, subject: "VI_9" }], [{ ...alarm, code: "new" }]]) {
    assert.equal(read(alarms), undefined);
  }
  assert.equal(read("none"), undefined, "alarms of another form are passed over");
});

Deno.test("which address is on a backup, and why adverts do not leave, are read; what is strange is passed over", () => {
  const read = (changes: object) => {
    const instances = [{ ...exampleInstance(), ...changes }];
    const answer = readPeerAnswer(JSON.stringify({ ...exampleStatus(), instances }));
    return "problem" in answer ? answer.problem : answer.instances[0];
  };
  const stray = { address: "192.168.31.6", device: "eth3" };
  const blocked = "EPERM, a firewall drops it";
  const known = { address_on_backup: stray, adverts_blocked: blocked };
  assert.deepEqual(read(known), { ...read({}) as object, ...known });
  for (const strange of [1, true, { address: 1 }, []]) {
    const { address_on_backup, adverts_blocked } = read({
      address_on_backup: strange,
      adverts_blocked: strange,
    }) as typeof known;
    assert.deepEqual([address_on_backup, adverts_blocked], [undefined, undefined]);
  }
});

Deno.test("every key that the model has of a peer's instance is read from what a peer says of it", () => {
  const conflict = { alarm: "address_conflict", message: "another host has it", hint: "find it" };
  const said = exampleInstance({
    state: "master",
    priority: {
      configured: 150,
      effective: 90,
      reasons: [{ what: "check nginx is down", change: -60 }],
    },
    addresses: exampleInstance().addresses.map((address) => ({ ...address, held: false })),
    adverts_missing: true,
    adverts_blocked: "a rule drops them",
    adverts_dropped_by: { rule: "drop", command: "nft delete rule" },
    client_check: { target: "tcp 192.168.31.5:443", ok: true, at: NOW, detail: "open" },
    client_check_unknown: "nothing has answered yet",
    address_on_backup: { address: "192.168.31.5", device: "eth1" },
    address_conflict: conflict,
  });
  const read = (instance: object) => {
    const answer = readPeerAnswer(JSON.stringify({ ...exampleStatus(), instances: [instance] }));
    return "problem" in answer ? assert.fail(answer.problem) : answer.instances[0]!;
  };
  const { pair: _, ...withoutVerdict } = said;
  const keys = new Set([said, withoutVerdict].flatMap((instance) => Object.keys(read(instance))));
  assert.deepEqual([...keys].sort(), Object.keys(peerInstance.shape).sort());
});

const ENTRY: JournalEntry = {
  id: 7,
  time: "2026-03-01T10:00:00.000Z",
  severity: "notice",
  code: "state_changed",
  message: "VI_1: backup -> master",
  subject: "VI_1",
  transition: { from: "backup", to: "master", reason: "master_silent" },
};

const read = (value: unknown) => readPeerJournal(JSON.stringify(value));

Deno.test("a peer's journal is read, whatever a newer one says more, and only its end", () => {
  const newer = { ...ENTRY, moon: "full", by: { kind: "angel" } };
  assert.deepEqual(read([newer]), [ENTRY]);
  assert.deepEqual(read([{ ...ENTRY, subject: {}, transition: 1 }]), [{
    ...{ id: 7, time: ENTRY.time, severity: "notice", code: "state_changed" },
    message: ENTRY.message,
  }]);
  const many = Array.from({ length: MAX_ENTRIES + 5 }, (_, at) => ({ ...ENTRY, id: at + 1 }));
  assert.deepEqual(read(many)?.map(({ id }) => id), many.slice(5).map(({ id }) => id));
  assert.equal(read([{ ...ENTRY, message: "x".repeat(5000) }])?.[0]?.message.length, 1000);
});

Deno.test("what is no journal is none", () => {
  const wrong = [{}, null, 1, [1], [{}], [{ ...ENTRY, id: 0 }], [{ ...ENTRY, time: "yesterday" }], [
    {
      ...ENTRY,
      severity: "mad",
    },
  ], [{ ...ENTRY, code: "c".repeat(65) }]];
  for (const value of wrong) assert.equal(read(value), null, JSON.stringify(value));
});

Deno.test("many readers of a peer's journal are one reader there, for two seconds", async () => {
  let asked = 0;
  const answers = [Response.json([ENTRY]), new Response("", { status: 500 })];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    assert.equal(new URL(url).pathname, "/v1/events");
    return answers[asked++]!;
  });
  try {
    let nowMs = 0;
    const journals = new PeerJournals({ readFile: Deno.readTextFile, nowMs: () => nowMs });
    journals.follow([{ name: "lb02", url: `http://127.0.0.1:${server.addr.port}` }]);
    assert.equal(journals.entries("lb03"), undefined);
    const both = await Promise.all([journals.entries("lb02"), journals.entries("lb02")]);
    assert.deepEqual(both, [[ENTRY], [ENTRY]]);
    nowMs = 1999;
    assert.deepEqual(await journals.entries("lb02"), [ENTRY]);
    nowMs = 2000;
    assert.equal(await journals.entries("lb02"), null);
    assert.equal(asked, 2);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a peer's rehearsal is read, whatever a newer one says more", () => {
  const [name] = REHEARSAL_EXAMPLE.results;
  const newer = { ...REHEARSAL_EXAMPLE, more: 1, results: [{ ...name, http3: true }] };
  assert.deepEqual(readPeerRehearsal(JSON.stringify(newer)), REHEARSAL_EXAMPLE);
});

Deno.test("what is no rehearsal is none", () => {
  const [name] = REHEARSAL_EXAMPLE.results;
  const others = [
    {},
    null,
    { ...REHEARSAL_EXAMPLE, results: {} },
    { ...REHEARSAL_EXAMPLE, results: [{}] },
    { ...REHEARSAL_EXAMPLE, results: [{ ...name, port: 0 }] },
    { ...REHEARSAL_EXAMPLE, results: Array(20_001).fill(name) },
  ];
  for (const other of others) assert.equal(readPeerRehearsal(JSON.stringify(other)), null);
});
