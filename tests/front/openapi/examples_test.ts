/** The examples of the OpenAPI document say what vipd says: their texts come from a simulated pair. */

import assert from "node:assert/strict";
import { endedText } from "../../../src/daemon/front/front_child.ts";
import { EventCounts } from "../../../src/front/metrics/event_counts.ts";
import { metricsText } from "../../../src/front/metrics/metrics.ts";
import {
  ENTRIES_EXAMPLE,
  INSTANCE_EXAMPLE,
  METRICS_EXAMPLE,
  NOT_READY_EXAMPLE,
  PAIR_EXAMPLE,
  READY_EXAMPLE,
  STATUS_EXAMPLE,
} from "../../../src/front/openapi/examples.ts";
import { readPeerAnswer } from "../peers/read_peer_answer.ts";
import type { ProbeResult } from "../../../src/health/check.ts";
import { openProber } from "../../../src/health/probers.ts";
import { NGINX_CHECK, SimCluster, type SimNode, tracked } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { pairOfNodes } from "../../../src/status/pair/answer.ts";
import { readiness } from "../../../src/status/readiness.ts";
import type { PairReason } from "../../../src/status/status.ts";
import { NOTHING_THERE } from "../../health/probing.ts";

const [PEER] = STATUS_EXAMPLE.peers;

/** The pair of the examples: lb01 is master, and its nginx is down. */
function pair(): { readonly cluster: SimCluster; readonly lb01: SimNode } {
  const { priority: { configured } } = INSTANCE_EXAMPLE;
  const track = [tracked({ kind: "check", check: NGINX_CHECK.name, weight: -60 })];
  const cluster = new SimCluster([
    { priority: configured, track },
    { priority: PEER!.instances[0]!.priority.configured },
  ]);
  const [lb01] = cluster.nodes as [SimNode];
  lb01.reload({ ...lb01.config, peers: [{ name: PEER!.name, url: PEER!.url }] });
  cluster.start();
  cluster.run(10_000);
  lb01.host.setCheck(NGINX_CHECK.name, false);
  cluster.run(10_000);
  return { cluster, lb01 };
}

Deno.test("the example of an instance is what a simulated pair comes to", () => {
  const { status } = pair().lb01;
  const example = INSTANCE_EXAMPLE;
  for (const key of Object.keys(example) as (keyof typeof example)[]) {
    // These count, or are times; the verdict needs the peer's word, as in the next test.
    if (key === "since" || key === "counters" || key === "pair") continue;
    if (key === "lease") assert.equal(status.lease?.seconds, example.lease?.seconds);
    else assert.deepEqual(status[key], example[key], key);
  }
});

Deno.test("the example of the pair is what the simulated one comes to once its peer has answered", () => {
  const { cluster, lb01 } = pair();
  const [, lb02] = cluster.nodes as [SimNode, SimNode];
  for (let second = 0; second < 10; second++) {
    const answer = readPeerAnswer(JSON.stringify(lb02.daemon!.status()));
    if ("problem" in answer) assert.fail(answer.problem);
    lb01.daemon!.peerReported(PEER!.name, { ok: true, answer });
    cluster.run(1000);
  }
  const { verdict, sentence, instances } = pairOfNodes(lb01.daemon!.status());
  assert.deepEqual([verdict, sentence], [PAIR_EXAMPLE.verdict, PAIR_EXAMPLE.sentence]);
  assert.deepEqual(instances[0]!.nodes, PAIR_EXAMPLE.instances[0]!.nodes);
  const words = ({ code, node, message, hint }: PairReason) => ({ code, node, message, hint });
  assert.deepEqual(
    instances[0]!.reasons.map(words),
    PAIR_EXAMPLE.instances[0]!.reasons.map(words),
  );
});

Deno.test("the example of the journal is what the pair writes", () => {
  const [example] = ENTRIES_EXAMPLE;
  const entry = pair().lb01.daemon!.journal.since()
    .find(({ transition }) => transition?.to === "master");
  assert.deepEqual({ ...entry, id: example!.id, time: example!.time }, example);
});

Deno.test("the examples of readiness are what the pair answers", () => {
  const { cluster, lb01 } = pair();
  assert.deepEqual(readiness(lb01.daemon!.status()), READY_EXAMPLE);
  lb01.host.setLink(false);
  cluster.run(1000);
  assert.deepEqual(readiness(lb01.daemon!.status()), NOT_READY_EXAMPLE);
});

Deno.test("the example of a check is what a probe says of a closed port", async () => {
  const [example] = STATUS_EXAMPLE.checks;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const result = await new Promise<ProbeResult>((resolve) => {
    const times = { intervalMs: 2000, timeoutMs: 1000, rise: 2, fall: 2 };
    const url = `http://127.0.0.1:${port}/`;
    const status = { from: 200, to: 399 };
    openProber({ ...times, name: "nginx", type: "http", url, status }, NOTHING_THERE, resolve)
      .probe();
  });
  assert.deepEqual([result.ok, result.detail], [example!.last!.ok, example!.last!.detail]);
});

Deno.test("the example of a front that was killed has the words of its engine", () => {
  const { last_exit } = STATUS_EXAMPLE.processes.front;
  assert.equal(endedText({ success: false, code: 137, signal: "SIGKILL" }), last_exit!.reason);
});

Deno.test("the example of the metrics is a part of what the example of the status gives", async () => {
  const sources = {
    events: new EventCounts(new Journal(Date.now)),
    figures: null,
    openStreams: () => 0,
  };
  const text = await metricsText(STATUS_EXAMPLE, sources);
  const lines = text.split("\n");
  const missing = METRICS_EXAMPLE.split("\n").filter((line) => !lines.includes(line));
  assert.deepEqual(missing, []);
});
