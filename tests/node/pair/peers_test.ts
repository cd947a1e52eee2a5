/** What is made of the other load balancers' answers, on virtual time. */

import assert from "node:assert/strict";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import { FRESH_MS, Peers } from "../../../src/node/pair/peers.ts";
import { config, instanceConfig, SimCluster } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { electedPair } from "../elected_pair.ts";
import type { PeerReport } from "../../../src/status/reports/peer_answer.ts";

const PEERS = [{ name: "peer", url: "http://192.168.31.12:9112" }];
const DEAD: PeerReport = { ok: false, error: "nobody listens there" };

/** One node that has a peer. */
function lonely() {
  const cluster = new SimCluster([{}]);
  const [lb01] = cluster.nodes;
  lb01!.reload({ ...config("lb01", {}), peers: PEERS });
  cluster.start();
  const node = lb01!.daemon!;
  const told = (report: PeerReport) => node.peerReported("peer", report);
  const alarms = () => node.status().alarms.map(({ code }) => code);
  return { cluster, node, told, alarms };
}

const alive = (node = "lb02"): PeerReport => ({
  ok: true,
  answer: { node, version: "0.1.0", instances: [] },
});

Deno.test("a peer that answers is asked every second, and is not reachable when its answer is old", () => {
  const { cluster, node, told } = lonely();
  assert.equal(told(alive()), 1000);
  const [seen] = node.status().peers;
  assert.deepEqual([seen!.reachable, seen!.node, seen!.error], [true, "lb02", null]);
  assert.match(seen!.last_seen!, /^\d{4}-/);
  cluster.run(2000);
  assert.equal(node.status().peers[0]!.reachable, true);
  cluster.run(600);
  const [lost] = node.status().peers;
  assert.deepEqual([lost!.reachable, lost!.instances, lost!.node], [false, [], "lb02"]);
});

Deno.test("a peer that does not answer is an alarm after ten seconds, and is asked more seldom then", () => {
  const SILENT = { ok: false, error: "no whole answer within 1 s" } as const;
  const { cluster, node, told, alarms } = lonely();
  told(alive());
  for (let seconds = 0; seconds < 10; seconds++) {
    assert.equal(told(SILENT), 1000, `after ${seconds} s`);
    assert.ok(!alarms().includes("peer_unreachable"));
    cluster.run(1000);
  }
  assert.equal(told(SILENT), 3000);
  assert.deepEqual(alarms(), ["peer_unreachable"]);
  assert.match(node.status().alarms[0]!.message, /^peer \(http:.*no whole answer within 1 s$/);
  cluster.run(60_000);
  told(alive());
  cluster.run(9000);
  told(alive());
  assert.deepEqual(alarms(), ["peer_unreachable"], "one that comes and goes is one alarm");
  cluster.run(1500);
  assert.deepEqual(alarms(), []);
});

Deno.test("what keeps this node from asking is not blamed on the peer", () => {
  const { cluster, node, told, alarms } = lonely();
  const error = "cannot read the token file /etc/vipd/peer.token: EACCES";
  for (let seconds = 0; seconds < 11; seconds++) {
    told({ ok: false, error, cause: "not_asked" });
    cluster.run(1000);
  }
  told({ ok: false, error, cause: "not_asked" });
  const status = node.status();
  assert.deepEqual(alarms(), ["peer_unreachable"]);
  assert.match(status.alarms[0]!.message, /^this node cannot ask peer \(http:.*EACCES$/);
  assert.match(status.alarms[0]!.hint, /^correct that here/);
  const { verdict, reasons: [reason] } = status.instances[0]!.pair;
  assert.deepEqual([verdict, reason?.code, reason?.node], [
    "unverified",
    "peer_not_asked",
    status.node,
  ]);
  assert.equal(status.peers[0]!.error_cause, "not_asked");
  told(alive());
  assert.equal(node.status().peers[0]!.error_cause, undefined);
});

Deno.test("an API that answers and does not fit is not said to be silent", () => {
  const { cluster, node, told } = lonely();
  const error = "it refuses the token in token_file (401)";
  for (let seconds = 0; seconds < 12; seconds++) {
    told({ ok: false, error, cause: "mismatch" });
    cluster.run(1000);
  }
  const { alarms: [alarm], instances } = node.status();
  assert.match(alarm!.message, /^this node gets no status of peer \(http:.*refuses the token in/);
  assert.match(alarm!.hint, /vipd pair on both again/);
  const [reason] = instances[0]!.pair.reasons;
  assert.equal(
    reason?.message,
    "lb01 gets no status of peer: it refuses the token in token_file (401)",
  );
  assert.equal(reason?.hint, alarm!.hint);
});

Deno.test("a peer that nobody asks is not said to be silent: the remedy is this node's front", () => {
  const { cluster, node, told } = lonely();
  const [lb01] = cluster.nodes;
  const alarm = () => node.status().alarms.find(({ code }) => code === "peer_unreachable");
  const hint = /^does the front of vipd, which asks it, run here \(systemctl status vipd-front/;
  cluster.run(11_000);
  lb01!.reload({ ...lb01!.config, instances: [instanceConfig({ priority: 120 })] });
  assert.match(alarm()!.message, /^this node does not ask peer \(http:\S+, so nothing is known/);
  assert.match(alarm()!.hint, hint);

  told(DEAD);
  assert.match(alarm()!.message, /^peer \(http:.* does not answer: nobody listens there$/);
  assert.equal(node.status().peers[0]!.error, "nobody listens there");
  cluster.run(9000);
  assert.match(alarm()!.message, /does not answer/);
  // The front ends: what it heard last is old.
  cluster.run(2000);
  assert.match(alarm()!.message, /^this node does not ask peer/);
  assert.match(alarm()!.hint, hint);
  assert.equal(node.status().peers[0]!.error, null);
  cluster.run(5000);
  const [reason] = node.status().instances[0]!.pair.reasons;
  assert.deepEqual([reason?.code, reason?.node], ["peer_not_asked", "lb01"]);

  node.apiDown("the front has ended");
  lb01!.reload({ ...lb01!.config, instances: [instanceConfig({ priority: 110 })] });
  assert.deepEqual(node.status().alarms.map(({ code }) => code), ["api_down"]);
});

Deno.test("a node that asks itself by mistake says so and believes nothing", () => {
  const { node, told } = lonely();
  assert.equal(told(alive("lb01")), 1000);
  const [peer] = node.status().peers;
  assert.equal(peer!.reachable, false);
  assert.match(peer!.error!, /calls itself lb01, as this node does/);
});

Deno.test("a reload keeps what is known of a peer, and forgets one that is gone or elsewhere", () => {
  const { cluster, node, told, alarms } = lonely();
  const [lb01] = cluster.nodes;
  const before = lb01!.config;
  told(alive());
  lb01!.reload({ ...before, peers: [{ ...PEERS[0]!, tokenFile: "/etc/vipd/token" }] });
  assert.equal(node.status().peers[0]!.reachable, true);
  lb01!.reload({ ...before, peers: [{ name: "peer", url: "http://192.168.31.13:9112" }] });
  assert.equal(node.status().peers[0]!.last_seen, null);
  cluster.run(11_000);
  told(DEAD);
  assert.deepEqual(alarms(), ["peer_unreachable"]);
  lb01!.reload({ ...before, peers: [] });
  cluster.run(10_500);
  assert.deepEqual([alarms(), node.status().peers], [[], []]);
  assert.equal(told(alive()), 1000, "an answer that comes too late is nothing");
});

Deno.test("what a peer said of an instance counts until it is old", () => {
  const { cluster, lb01: { config, host }, lb02 } = electedPair();
  const alarms = new Alarms(host, new Journal(() => host.wallClockMs()));
  const peers = new Peers({ ...config, peers: PEERS }, host, alarms, () => [], () => null);
  const said = readPeerAnswer(JSON.stringify(lb02.daemon!.status()));
  if ("problem" in said) assert.fail(said.problem);
  const adverts_dropped_by = { rule: "nft, table inet cut", command: "nft insert" };
  const instances = said.instances.map((instance) => ({ ...instance, adverts_dropped_by }));
  peers.reported("peer", { ok: true, answer: { ...said, instances } });
  const instance = { config: config.instances[0]! };
  const known = () => [peers.haveBetter(instance), peers.dropping(instance).length];
  cluster.run(FRESH_MS - 1);
  assert.deepEqual(known(), [true, 1]);
  cluster.run(1);
  assert.deepEqual(known(), [false, 0]);
  peers.close();
});
