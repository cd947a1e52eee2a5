import assert from "node:assert/strict";
import { comparePeers, peerWords } from "../../../src/status/peer/comparison.ts";
import type { PeerStatus } from "../../../src/status/status.ts";
import { exampleInstance, exampleStatus } from "../../front/fake_backend.ts";
import { examplePeer } from "../../node/pair/example_peer.ts";

/** What is odd about this node, a master, and such a peer: `state: two masters`. */
function odd(peer: PeerStatus): string[] {
  const [{ rows } = { rows: [] }] = comparePeers(exampleStatus({ peers: [peer] }));
  return rows.flatMap((row) => row.odd === null ? [] : [`${row.what}: ${row.odd}`]);
}

Deno.test("the comparison of a healthy pair has nothing odd", () => {
  const [comparison] = comparePeers(exampleStatus({ peers: [examplePeer()] }));
  assert.deepEqual(comparison!.nodes, ["lb01", "lb02"]);
  const values = Object.fromEntries(comparison!.rows.map(({ what, values }) => [what, values]));
  assert.deepEqual(values.state, ["MASTER", "BACKUP"]);
  assert.deepEqual(values.priority, ["90 (configured 150)", "80"]);
  assert.deepEqual(odd(examplePeer()), []);
});

Deno.test("nothing is compared where there are no peers", () => {
  assert.deepEqual(comparePeers(exampleStatus({ peers: [] })), []);
});

Deno.test("an override and the faults of each node are shown, where there are any", () => {
  const of = (peer: PeerStatus, what: string) =>
    comparePeers(exampleStatus({ peers: [peer] }))[0]!.rows
      .find((row) => row.what === what)!.values[1];
  assert.equal(of(examplePeer({ override: "priority" }), "state"), "BACKUP, priority set manually");
  assert.equal(of(examplePeer({ override: "demoted" }), "state"), "BACKUP, demoted manually");
  assert.equal(of(examplePeer({ faults: [] }), "faults"), "none");
  assert.equal(of(examplePeer({ faults: ["a", "b"] }), "faults"), "a; b");
});

Deno.test("a peer is named with its version, or with why it has none", () => {
  const nowMs = Date.parse("2026-03-01T10:03:32.000Z");
  const silent = { reachable: false, error: null, last_seen: null };
  const rows: [PeerStatus, string][] = [
    [examplePeer({}, { version: "1.2.3", reachable: true }), "reachable, vipd 1.2.3"],
    [examplePeer({}, silent), "not reachable, never answered"],
    [examplePeer({}, { ...silent, error: "no" }), "not reachable, never answered: no"],
    [
      examplePeer({}, { ...silent, last_seen: "2026-03-01T10:03:20.000Z" }),
      "not reachable, last answered 12 s ago",
    ],
  ];
  for (const [peer, words] of rows) assert.equal(peerWords(peer, nowMs), words);
});

Deno.test("what a pair should not be is marked", async (t) => {
  const cases: readonly [string, PeerStatus, readonly string[]][] = [
    ["two masters", examplePeer({ state: "master" }), ["state: two masters"]],
    ["one that hands over is none", examplePeer({ state: "master", handing_over: true }), []],
    [
      "whom they hear",
      examplePeer({ master: { address: "192.168.31.12", priority: 100 } }),
      ["master seen: differs"],
    ],
    [
      "settings",
      examplePeer({ version: 3, advert_interval_ms: 100, addresses: [], preempt: false }),
      ["VRRP version", "advert interval", "preempt", "addresses"].map((it) => `${it}: differs`),
    ],
    ["the same priority", examplePeer({ priority: { configured: 150, effective: 150 } }), [
      "priority: equal",
    ]],
    ["what an older vipd does not say", examplePeer({ preempt: null, authentication: null }), []],
    [
      "another VRID for the same address",
      examplePeer({ vrid: 56 }),
      ["VRID: differs"],
    ],
    ["an instance that is not there", examplePeer({}, { instances: [] }), []],
    ["one that is not reachable", examplePeer({}, { reachable: false, instances: [] }), []],
  ];
  for (const [name, peer, want] of cases) {
    await t.step(name, () => assert.deepEqual(odd(peer), want));
  }
  await t.step("no master at all", () => {
    const instances = [exampleInstance({ state: "backup", master: null })];
    const [{ rows } = { rows: [] }] = comparePeers(
      exampleStatus({ instances, peers: [examplePeer()] }),
    );
    assert.equal(rows[0]?.odd, "no master");
  });
});
