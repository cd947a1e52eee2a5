/** The client check of a simulated standby: what it makes of the verdict on both nodes, and what it never does. */

import assert from "node:assert/strict";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { SimCluster, type SimNode, VIP } from "../../../src/sim/cluster.ts";
import { CLIENT_EVERY_MS, CLIENT_RETRY_MS } from "../../../src/status/reports/client_report.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";

const STEP_MS = 500;
const TARGET = "http://192.168.31.5:80/";
const SILENT = { ok: false, detail: "no answer within 1.5 s" };
const WELL = { ok: true, detail: "HTTP 200" };

type Outcome = typeof WELL | null;

/** A pair whose fronts ask each other's API and the address; `answer` is what the address answers, `null` for no front. */
function pair(changes: Partial<InstanceConfig> = {}, answer: Outcome = WELL) {
  const cluster = new SimCluster([{ priority: 150, ...changes }, { priority: 100, ...changes }]);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  for (const [node, other] of [[lb01, lb02], [lb02, lb01]] as const) {
    const peers = [{ name: other.name, url: `http://${other.name}:9112` }];
    Object.assign(node.config, { peers });
  }
  const world = { answer, target: TARGET, offsetMs: 0 };
  const due = new Map<SimNode, number>();
  const learn = (node: SimNode, other: SimNode) => {
    if (!node.daemon || !other.daemon) return;
    const answer = readPeerAnswer(JSON.stringify(other.daemon.status()));
    if ("problem" in answer) assert.fail(answer.problem);
    node.daemon.peerReported(other.name, { ok: true, answer }, world.offsetMs);
  };
  const askAsClient = (node: SimNode, nowMs: number) => {
    const { daemon } = node;
    if (!daemon || world.answer === null || nowMs < (due.get(node) ?? 0)) return;
    for (const instance of daemon.clientsWanted) {
      daemon.clientAnswered({ instance, target: world.target, ...world.answer });
    }
    due.set(node, nowMs + (world.answer.ok ? CLIENT_EVERY_MS : CLIENT_RETRY_MS));
  };
  let nowMs = 0;
  const run = (ms: number) => {
    for (const untilMs = nowMs + ms; nowMs < untilMs; nowMs += STEP_MS) {
      for (const node of [lb01, lb02]) askAsClient(node, nowMs);
      if (nowMs % 1000 === 0) {
        for (const nodes of [[lb01, lb02], [lb02, lb01]] as const) learn(...nodes);
      }
      cluster.run(STEP_MS);
    }
  };
  cluster.start();
  run(20_000);
  const pairOf = (node: SimNode) => node.daemon!.status().instances[0]!.pair!;
  const checkOf = (node: SimNode) => node.daemon!.status().instances[0]!.client_check;
  const verdicts = () => [lb01, lb02].map((node) => pairOf(node).verdict);
  const changesOf = (node: SimNode) =>
    node.daemon!.journal.since().filter(({ code }) => code === "verdict_changed").length;
  return { cluster, lb01, lb02, world, run, pairOf, checkOf, verdicts, changesOf };
}

Deno.test("only a backup asks, and its status has the answer with its time", () => {
  const { lb01, lb02, checkOf, verdicts } = pair();
  assert.deepEqual(verdicts(), ["protected", "protected"]);
  assert.deepEqual([lb01.daemon!.clientsWanted, lb02.daemon!.clientsWanted], [[], ["VI_1"]]);
  assert.equal(checkOf(lb01), null);
  const { at, ...outcome } = checkOf(lb02)!;
  assert.deepEqual(outcome, { target: TARGET, ...WELL });
  assert.ok(Date.parse(at) > 0);
});

Deno.test("what is not asked of late is what the last reload has to be asked", () => {
  const { lb02, run } = pair({ clientCheck: { type: "tcp", port: 80, path: "/" } }, null);
  const unknown = () => lb02.status.client_check_unknown ?? "";
  run(60_000);
  assert.match(unknown(), /:80 of late$/);
  const clientCheck = { type: "tcp", port: 8080, path: "/" } as const;
  const instances = lb02.config.instances.map((instance) => ({ ...instance, clientCheck }));
  lb02.reload({ ...lb02.config, instances });
  run(60_000);
  assert.match(unknown(), /:8080 of late$/);
});

Deno.test("a master that does not answer is unserved on both nodes within five seconds, and back", () => {
  const { lb01, lb02, world, run, pairOf, verdicts } = pair();
  world.answer = SILENT;
  run(3500);
  assert.deepEqual(verdicts(), ["unserved", "unserved"]);
  for (const node of [lb01, lb02]) {
    assert.equal(
      pairOf(node).sentence,
      `VI_1 is not served: lb01 has the addresses but does not answer lb02 at ${TARGET}: ` +
        "no answer within 1.5 s",
    );
    assert.deepEqual(pairOf(node).reasons.map(({ code }) => code), ["holder_silent"]);
  }
  world.answer = WELL;
  run(5000);
  assert.deepEqual(verdicts(), ["protected", "protected"]);
});

Deno.test("a failure that the next question does not confirm is no news", () => {
  const { lb01, lb02, world, run, changesOf } = pair();
  const before = [lb01, lb02].map(changesOf);
  for (let round = 0; round < 5; round++) {
    world.answer = SILENT;
    run(STEP_MS);
    world.answer = WELL;
    run(6000);
  }
  assert.deepEqual([lb01, lb02].map(changesOf), before);
});

Deno.test("what vipd derived counts once it has been answered; what is configured counts at once", () => {
  const question = { type: "http", port: 80, path: "/" } as const;
  for (const [clientCheck, verdict] of [["auto", "unverified"], [question, "unserved"]] as const) {
    const { lb01, lb02, world, run, pairOf, verdicts, checkOf } = pair({ clientCheck }, SILENT);
    assert.deepEqual(verdicts(), [verdict, verdict]);
    assert.equal(checkOf(lb02)?.ok, clientCheck === "auto" ? undefined : false);
    if (clientCheck === "auto") {
      assert.equal(
        pairOf(lb01).sentence,
        `VI_1 is served by lb01; lb02 does not know whether lb01 answers clients: ${TARGET} has ` +
          "not answered once: no answer within 1.5 s",
      );
    }
    // Another question has not been answered yet.
    world.answer = WELL;
    run(3000);
    world.answer = SILENT;
    world.target = "http://192.168.31.5:81/";
    run(8000);
    assert.deepEqual(verdicts(), [verdict, verdict]);
  }
});

Deno.test("with `off` nobody asks", () => {
  const { lb02, checkOf } = pair({ clientCheck: "off" });
  assert.deepEqual([lb02.daemon!.clientsWanted, checkOf(lb02)], [[], null]);
  lb02.daemon!.clientAnswered({ instance: "VI_1", target: TARGET, ...SILENT });
  lb02.daemon!.clientAnswered({ instance: "VI_unknown", target: TARGET, ...SILENT });
  assert.equal(checkOf(lb02), null);
});

Deno.test("a front that does not ask is unverified, and one that is started again is no news", () => {
  const question = { type: "http", port: 80, path: "/" } as const;
  const { lb01, lb02, world, run, pairOf, verdicts, changesOf } = pair({ clientCheck: question });
  const before = [lb01, lb02].map(changesOf);
  for (let round = 0; round < 3; round++) {
    world.answer = null;
    run(5000);
    world.answer = WELL;
    run(5000);
  }
  assert.deepEqual([lb01, lb02].map(changesOf), before);
  world.answer = null;
  run(12_000);
  assert.deepEqual(verdicts(), ["unverified", "unverified"]);
  for (const node of [lb01, lb02]) {
    assert.match(pairOf(node).sentence, /: vipd-front has not asked http:\S+:80\/ of late$/);
  }
  world.answer = WELL;
  run(5000);
  assert.deepEqual(verdicts(), ["protected", "protected"]);
});

Deno.test("a backup that has the address itself knows nothing of the node that serves, whatever interface it is on", () => {
  for (const device of ["eth1", "lo"]) {
    const { lb01, lb02, world, run, pairOf, checkOf, verdicts } = pair();
    lb02.host.setOther("lo", { enabled: true, up: true });
    lb02.host.plantAddress({ ...VIP, device });
    for (const answer of [WELL, SILENT]) {
      world.answer = answer;
      run(2500);
      assert.equal(checkOf(lb02), null, device);
    }
    run(2000);
    assert.deepEqual(verdicts(), ["contested", "contested"]);
    for (const node of [lb01, lb02]) {
      const { reasons, sentence } = pairOf(node);
      assert.deepEqual(reasons.map(({ code }) => code), ["stray_address"], device);
      assert.match(sentence, new RegExp(`: 192\\.168\\.31\\.5 is on ${device} of lb02 although`));
    }
    world.answer = WELL;
    lb02.host.stealAddress(VIP.address);
    run(5000);
    assert.deepEqual(verdicts(), ["protected", "protected"]);
  }
});

Deno.test("what a backup answered itself is no answer of the node that serves", () => {
  const { lb02, world, run, checkOf, verdicts } = pair({}, SILENT);
  lb02.host.plantAddress(VIP);
  world.answer = WELL;
  run(2000);
  lb02.host.stealAddress(VIP.address);
  world.answer = SILENT;
  run(8000);
  assert.equal(checkOf(lb02), null);
  assert.deepEqual(verdicts(), ["unverified", "unverified"], "it has never answered");
});

Deno.test("a result is forgotten when it is too old, and when the node is no backup any more", async () => {
  const { cluster, lb02, world, run, checkOf } = pair();
  world.answer = null;
  run(3000);
  assert.equal(checkOf(lb02)?.ok, true);
  run(2000);
  assert.equal(checkOf(lb02), null);
  world.answer = WELL;
  run(3000);
  assert.equal(checkOf(lb02)?.ok, true);
  world.answer = null;
  await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
  assert.equal(checkOf(lb02), null);
  assert.deepEqual(lb02.daemon!.clientsWanted, []);
  await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
  run(1000);
  assert.equal(checkOf(lb02), null, "what lb01 answered before is not known to be so still");
});

Deno.test("what the address answered before this node served is forgotten, however recent it is", async () => {
  const { cluster, lb01, lb02, world, run, checkOf } = pair();
  assert.equal(checkOf(lb02)?.ok, true);
  world.answer = null;
  for (const [node, kind] of [[lb02, "promote"], [lb02, "release"], [lb01, "promote"]] as const) {
    await cluster.settle(node.daemon!.command({ kind, instance: "VI_1" }));
    run(1000);
  }
  assert.deepEqual([lb01.status.state, lb02.status.state], ["master", "backup"]);
  assert.equal(checkOf(lb02), null);
});

Deno.test("a master that is gone is replaced: that its address does not answer meanwhile is no news", () => {
  const { lb01, lb02, world, run, pairOf, changesOf } = pair();
  const before = changesOf(lb02);
  world.answer = SILENT;
  lb01.powerOff();
  run(3500);
  assert.equal(pairOf(lb02).verdict, "protected");
  assert.equal(changesOf(lb02), before);
});

Deno.test("planned hand-overs bring no verdict but protected, whatever the address answers in between", async () => {
  const { cluster, lb01, lb02, world, run, changesOf } = pair();
  const before = [lb01, lb02].map(changesOf);
  for (let round = 0; round < 5; round++) {
    world.answer = SILENT;
    await cluster.settle(lb02.daemon!.command({ kind: "promote", instance: "VI_1" }));
    run(STEP_MS);
    world.answer = WELL;
    run(5000);
    await cluster.settle(lb02.daemon!.command({ kind: "release", instance: "VI_1" }));
    run(10_000);
  }
  assert.deepEqual([lb01, lb02].map(changesOf), before);
});

Deno.test("a clock that is an hour off is unverified within five seconds, and back", () => {
  const { lb01, world, run, pairOf, verdicts } = pair();
  world.offsetMs = 3_600_000;
  run(5000);
  assert.deepEqual(verdicts(), ["unverified", "unverified"]);
  assert.match(pairOf(lb01).sentence, /the clock of lb02 is 3600 s ahead of that of lb01$/);
  assert.equal(lb01.daemon!.status().peers[0]!.clock_offset_ms, 3_600_000);
  world.offsetMs = -900;
  run(5000);
  assert.deepEqual(verdicts(), ["protected", "protected"]);
});
