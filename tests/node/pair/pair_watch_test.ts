/** Verdicts over time, in the simulator: each bad one comes within five seconds, and nothing planned brings one. */

import assert from "node:assert/strict";
import type { PeerReport } from "../../../src/status/peer_answer.ts";
import { NOBODY_LISTENS } from "../../../src/status/peer_answer.ts";
import { readPeerAnswer } from "../../../src/front/peers/peer_answer.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";

type Contact = "open" | "refused" | "silent";

/** A pair whose nodes ask each other once a second, as the front does. */
function pair() {
  const cluster = new SimCluster([{ priority: 150 }, { priority: 100 }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const contact = new Map<SimNode, Contact>();
  for (const [node, other] of [[lb01, lb02], [lb02, lb01]] as const) {
    const peers = [{ name: other.name, url: `http://${other.name}:9112` }];
    Object.assign(node.config, { peers });
  }
  const report = (of: SimNode): PeerReport => {
    if (!of.daemon || contact.get(of) === "refused") return { ok: false, error: NOBODY_LISTENS };
    if (contact.get(of) === "silent") return { ok: false, error: "no whole answer within 1 s" };
    const answer = readPeerAnswer(JSON.stringify(of.daemon.status()));
    return "problem" in answer ? { ok: false, error: answer.problem } : { ok: true, answer };
  };
  const run = (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      if (passedMs % 1000 === 0) {
        lb01.daemon?.peerReported(lb02.name, report(lb02));
        lb02.daemon?.peerReported(lb01.name, report(lb01));
      }
      cluster.run(500);
    }
  };
  cluster.start();
  run(20_000);
  const pairOf = (node: SimNode) => node.daemon!.status().instances[0]!.pair!;
  const changes = (node: SimNode) =>
    node.daemon!.journal.since().filter(({ code }) => code === "verdict_changed")
      .map(({ message }) => message);
  return { cluster, lb01, lb02, contact, run, pairOf, changes };
}

Deno.test("a healthy pair is protected on both nodes", () => {
  const { lb01, lb02, pairOf } = pair();
  for (const node of [lb01, lb02]) {
    assert.equal(pairOf(node).sentence, "VI_1 is served by lb01; lb02 is ready");
    assert.equal(pairOf(node).verdict, "protected");
  }
});

for (
  const [contact, verdict, code] of [
    ["refused", "unprotected", "standby_stopped"],
    ["silent", "unverified", "peer_silent"],
  ] as const
) {
  Deno.test(`an API that is ${contact}: ${verdict} within five seconds, and back`, () => {
    const { lb01, lb02, contact: contacts, run, pairOf } = pair();
    contacts.set(lb02, contact);
    run(5000);
    assert.equal(pairOf(lb01).verdict, verdict);
    assert.equal(pairOf(lb01).reasons[0]?.code, code);
    const alarms = lb01.daemon!.status().alarms.map((alarm) => alarm.code);
    assert.equal(alarms.includes("unprotected"), verdict === "unprotected");
    contacts.set(lb02, "open");
    run(5000);
    assert.equal(pairOf(lb01).verdict, "protected");
  });

  Deno.test(`an API that is ${contact} for two seconds, as in a restart, is no news`, () => {
    const { lb01, lb02, contact: contacts, run, changes } = pair();
    const before = changes(lb01);
    contacts.set(lb02, contact);
    run(2000);
    contacts.set(lb02, "open");
    run(10_000);
    assert.deepEqual(changes(lb01), before);
  });
}

Deno.test("planned hand-overs bring no verdict but protected, if the order ends", async () => {
  const { cluster, lb01, lb02, run, changes } = pair();
  const before = [changes(lb01), changes(lb02)];
  for (let round = 0; round < 5; round++) {
    await cluster.settle(lb02.daemon!.promote("VI_1"));
    run(5000);
    await cluster.settle(lb02.daemon!.release("VI_1"));
    run(10_000);
  }
  assert.deepEqual([changes(lb01), changes(lb02)], before);
});

Deno.test("a partition is contested within five seconds of the second master", () => {
  const { cluster, lb01, lb02, run, pairOf } = pair();
  cluster.network.partition(["lb01"], ["lb02"]);
  run(9000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "contested");
  cluster.network.heal();
  run(6000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "protected");
});
