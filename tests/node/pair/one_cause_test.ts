/** One cause, one alarm: what a node shows while one thing is wrong, and after it. */

import assert from "node:assert/strict";
import { NGINX_CHECK, type SimNode, tracked, VIP } from "../../../src/sim/cluster.ts";
import { knownPair } from "./known_pair.ts";

const CHECK = { kind: "check", check: NGINX_CHECK.name } as const;

function alarms({ daemon }: SimNode) {
  return daemon!.status().alarms.map(({ code, evidence = [] }) => [code, ...evidence]);
}

/** The alarms that begin from now on. */
function raisedFrom({ daemon }: SimNode) {
  const { lastId } = daemon!.journal;
  return () =>
    daemon!.journal.since(lastId).flatMap(({ code, alarm }) =>
      code === "alarm_raised" ? [alarm] : []
    );
}

Deno.test("a standby whose vipd does not run is one alarm, with the silent API as evidence", () => {
  const { lb01, lb02, contact, run } = knownPair();
  const raised = raisedFrom(lb01);
  contact.set(lb02, "refused");
  run(20_000);
  assert.deepEqual(alarms(lb01), [[
    "unprotected",
    "lb02 (http://lb02:9112) does not answer: nobody listens there",
  ]]);
  assert.match(lb01.daemon!.status().alarms[0]!.hint, /systemctl start vipd/);
  contact.delete(lb02);
  run(20_000);
  assert.deepEqual(alarms(lb01), []);
  assert.deepEqual(raised(), ["unprotected"]);
});

Deno.test("a standby that turns from stopped to silent goes on as the alarm that fits", () => {
  const { lb01, lb02, contact, run } = knownPair();
  contact.set(lb02, "refused");
  run(20_000);
  contact.set(lb02, "silent");
  run(15_000);
  assert.deepEqual(alarms(lb01).map(([code]) => code), ["peer_unreachable"]);
});

for (const way of ["one way", "both ways"]) {
  Deno.test(`a split brain, ${way}, is one alarm, which stays withdrawn once it is healed`, () => {
    const { cluster: { network }, lb01, lb02, run } = knownPair();
    if (way === "one way") network.filterVrrp("lb01", "lb02");
    else network.partition(["lb01"], ["lb02"]);
    for (let atMs = 0; atMs < 20_000; atMs += 250) {
      run(250);
      // At no time are there two: the first becomes evidence of the one that takes its place.
      if (way === "one way") {
        for (const node of [lb01, lb02]) assert.ok(alarms(node).length <= 1, `after ${atMs} ms`);
      }
    }
    for (const node of [lb01, lb02]) {
      assert.equal(alarms(node).length, 1);
      assert.match(alarms(node)[0]![0]!, /^split_brain_/);
    }
    const raised = [lb01, lb02].map(raisedFrom);
    network.heal();
    run(5000);
    for (const node of [lb01, lb02]) assert.deepEqual(alarms(node), []);
    run(30_000);
    assert.deepEqual(raised.map((it) => it()), [[], []]);
  });
}

Deno.test("a standby in fault is one alarm there, with the verdict as evidence", () => {
  const { lb01, lb02, run } = knownPair({ track: [tracked(CHECK)] });
  lb02.host.checks.set(NGINX_CHECK.name, false);
  run(20_000);
  assert.deepEqual(alarms(lb02).map(([code, ...evidence]) => [code, evidence.length]), [
    ["fault", 1],
  ]);
  assert.deepEqual(alarms(lb01).map(([code]) => code), ["unprotected"]);
});

Deno.test("only an alarm that is the cause swallows the verdict's", () => {
  const { lb02, run } = knownPair({ track: [tracked({ ...CHECK, weight: -60 })] });
  lb02.host.plantAddress(VIP);
  run(10_000);
  lb02.host.checks.set(NGINX_CHECK.name, false);
  run(20_000);
  const codes = alarms(lb02).map(([code]) => code);
  assert.ok(codes.includes("address_on_backup") && codes.includes("unprotected"), `${codes}`);
  assert.ok(!codes.includes("own_address"), "that is the same address");
});

Deno.test("an alarm begins with its cause, not with the one before", () => {
  const { cluster, lb01, lb02, altered, contact, run } = knownPair();
  const begun = () => lb01.daemon!.status().alarms.map(({ since }) => Date.parse(since));
  altered.set(lb02, (instance) => ({ ...instance, state: "fault", faults: ["eth1 is down"] }));
  run(20_000);
  const [first = 0] = begun();
  altered.delete(lb02);
  contact.set(lb02, "refused");
  run(20_000);
  const [second = 0, ...more] = begun();
  assert.deepEqual(more, []);
  assert.ok(second - first > 15_000, `${second - first} ms at ${cluster.time.nowMs}`);
});
