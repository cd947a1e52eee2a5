/** What a node's process tells it is recorded, and reaches the node. */

import assert from "node:assert/strict";
import {
  decodeLine,
  type Heard,
  NO_SECRETS,
  RECORDING_FORMAT,
  type Turn,
} from "../../src/recording/line.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { RecordingNode } from "../../src/recording/recording_node.ts";
import { config, SimCluster } from "../../src/sim/cluster.ts";

/** A recorded node that has not started. */
function made() {
  const cluster = new SimCluster([{ priority: 100 }]);
  const { host } = cluster.nodes[0]!;
  const lines: string[] = [];
  const head = { format: RECORDING_FORMAT, version: 1, secrets: NO_SECRETS, vipd: "x" } as const;
  const recorder = new Recorder(host, head, (line) => lines.push(line));
  const own = { ...config("lb01", { priority: 100 }), peers: [{ name: "lb02", url: "https://x" }] };
  const node = new RecordingNode(own, host, {
    ...{ version: "x", store: host.openStore(), thirdRouters: host.openRoutersStore() },
  }, recorder);
  /** What is written since the last look. */
  const turns = () => {
    recorder.seal();
    return lines.splice(0).map((line) => decodeLine(line) as Turn);
  };
  return { cluster, node, turns };
}

/** A recorded node that runs, and what is written of it from now on. */
function recorded() {
  const { cluster, node, turns } = made();
  node.start();
  cluster.run(5000);
  turns();
  return { node, turns };
}

type Case = readonly [
  what: string,
  call: (node: RecordingNode) => unknown,
  heard: Heard | null,
  raises?: string,
];

const FULL = { code: "ENOSPC", message: "full" };
const SILENT = { ok: false, error: "SECRET" } as const;

/** One after the other, of one node. */
const CASES: readonly Case[] = [
  ["that all is well is no news", (node) => node.journalFile(null), null],
  [
    "a journal that cannot be written",
    (node) => node.journalFile(FULL),
    { kind: "journal_file", problem: FULL },
    "journal_unwritable",
  ],
  [
    "that it can be written is news then",
    (node) => node.journalFile(null),
    { kind: "journal_file", problem: null },
  ],
  ["but only once", (node) => node.journalFile(null), null],
  [
    "notifications that fail",
    (node) => node.notificationsFail("SECRET"),
    { kind: "notifications_fail", fails: true },
    "notification_failed",
  ],
  [
    "notifications that arrive again",
    (node) => node.notificationsFail(null),
    { kind: "notifications_fail", fails: false },
  ],
  [
    "an API that is down",
    (node) => node.apiDown("SECRET"),
    { kind: "api_down", fails: true },
    "api_down",
  ],
  ["an API that answers", (node) => node.apiDown(null), { kind: "api_down", fails: false }],
  [
    "a certificate that ends",
    (node) => node.certificateEnds({ message: "SECRET", hint: "renew it" }),
    { kind: "certificate_ends", fails: true },
    "api_certificate_ends",
  ],
  [
    "a certificate that is renewed",
    (node) => node.certificateEnds(null),
    { kind: "certificate_ends", fails: false },
  ],
  [
    "a reload that failed",
    (node) => node.reloadFailed(["SECRET", "SECRET"], { hint: "correct it" }),
    { kind: "reload_failed", problems: 2 },
    "reload_failed",
  ],
  ["an outline", (node) => node.outline(), null],
  ["the head of a status", (node) => node.statusParts().head(), null],
  [
    "a peer, and how far its clock is off",
    (node) => node.peerReported("lb02", SILENT, 12),
    {
      ...{ kind: "peer", name: "lb02", clockOffsetMs: 12 },
      report: { ok: false, error: "it did not answer" },
    },
  ],
  [
    "a peer whose clock is not known",
    (node) => node.peerReported("lb02", SILENT, null),
    { kind: "peer", name: "lb02", report: { ok: false, error: "it did not answer" } },
  ],
  [
    "a priority",
    (node) => node.command({ kind: "set_priority", instance: "VI_1", priority: 7 }),
    { kind: "set_priority", instance: "VI_1", priority: 7 },
  ],
  [
    "the end of that",
    (node) => node.command({ kind: "clear_priority", instance: "VI_1" }),
    { kind: "clear_priority", instance: "VI_1" },
  ],
  [
    "an order for a time",
    (node) => node.command({ kind: "demote", instance: "VI_1", forMs: 1000 }, { user: "SECRET" }),
    { kind: "demote", instance: "VI_1", options: { forMs: 1000 } },
  ],
  [
    "an order for good",
    (node) => node.command({ kind: "promote", instance: "VI_1" }),
    { kind: "promote", instance: "VI_1", options: {} },
  ],
];

Deno.test("the words of its process to a node are recorded without secrets, and reach it", () => {
  const { node, turns } = recorded();
  for (const [what, call, heard, raises] of CASES) {
    call(node);
    const written = turns();
    assert.deepEqual(written.map((turn) => turn.heard), heard === null ? [] : [heard], what);
    const raised = written.flatMap(({ did = [] }) => did)
      .filter((it) => it.do === "journal").map((it) => it.with);
    const alarm = [{ code: "alarm_raised", alarm: raises }];
    assert.deepEqual(raised, raises === undefined ? [] : [alarm], what);
  }
  node.abandon();
  const [{ heard, did = [] } = assert.fail()] = turns();
  assert.equal(heard.kind, "abandon");
  assert.ok(did.some((it) => it.do === "removeAddress"));
});

Deno.test("a start is recorded with the moves of earlier runs, and with nothing else of the journal", () => {
  const { node, turns } = made();
  const transition = { from: "backup", to: "master", reason: "election_won" };
  const details = { transition, priority: 100, trial: true } as const;
  node.journal.record("notice", "state_changed", "a text", "VI_1", details);
  node.journal.record("notice", "started", "a text");
  node.journal.record("notice", "reloaded", "a text");
  node.start();
  const heard = turns().at(-1)?.heard;
  assert.ok(heard?.kind === "start");
  const [moved, began] = heard.journal;
  assert.deepEqual(moved, {
    ...{ time: moved!.time, code: "state_changed", subject: "VI_1" },
    ...details,
  });
  assert.deepEqual(began, { time: began!.time, code: "started" });
  assert.equal(heard.journal.length, 2);
  node.abandon();
});
