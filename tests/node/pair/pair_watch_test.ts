/** Verdicts over time, in the simulator: each bad one comes within five seconds, and nothing planned brings one. */

import assert from "node:assert/strict";
import { NGINX_CHECK, tracked } from "../../../src/sim/cluster.ts";
import { knownPair } from "./known_pair.ts";

Deno.test("a healthy pair is protected on both nodes", () => {
  const { lb01, lb02, pairOf } = knownPair();
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
    const { lb01, lb02, contact: contacts, run, pairOf } = knownPair();
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
    const { lb01, lb02, contact: contacts, run, changes } = knownPair();
    const before = changes(lb01);
    contacts.set(lb02, contact);
    run(2000);
    contacts.set(lb02, "open");
    run(10_000);
    assert.deepEqual(changes(lb01), before);
  });
}

Deno.test("planned hand-overs bring no verdict but protected, if the order ends", async () => {
  const { cluster, lb01, lb02, run, changes } = knownPair();
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
  const { cluster, lb01, lb02, run, pairOf } = knownPair();
  cluster.network.partition(["lb01"], ["lb02"]);
  run(9000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "contested");
  cluster.network.heal();
  run(6000);
  for (const node of [lb01, lb02]) assert.equal(pairOf(node).verdict, "protected");
});

Deno.test("a command's answer has the verdict and the client check, as the status has them", async () => {
  const { cluster, lb01, lb02 } = knownPair();
  for (const node of [lb01, lb02]) {
    const result = await cluster.settle(node.daemon!.setPriority("VI_1", 120));
    assert.ok(result.ok);
    const { pair, client_check: check } = result.instance;
    assert.deepEqual([pair, check], [node.status.pair, node.status.client_check]);
    assert.equal(pair.verdict, "protected");
  }
});

Deno.test("nobody is protected until somebody serves", () => {
  const track = [tracked({ kind: "check", check: NGINX_CHECK.name })];
  const { lb01, lb02, run, pairOf } = knownPair({ track });
  const nginx = (up: boolean) => {
    for (const { host } of [lb01, lb02]) host.checks.set(NGINX_CHECK.name, up);
  };
  nginx(false);
  run(15_000);
  assert.deepEqual([lb01, lb02].map((node) => pairOf(node).verdict), ["unserved", "unserved"]);
  nginx(true);
  for (let ms = 0; ms < 15_000; ms += 250) {
    run(250);
    for (const { verdict, served_by: server } of [lb01, lb02].map(pairOf)) {
      assert.ok(verdict !== "protected" || server !== null);
    }
  }
  assert.deepEqual([lb01, lb02].map((node) => pairOf(node).verdict), ["protected", "protected"]);
});
