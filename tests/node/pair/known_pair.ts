/** A simulated pair whose nodes know each other's word, as the front brings it. */

import type { InstanceConfig } from "../../../src/config/model.ts";
import type { CheckConfig } from "../../../src/health/check_config.ts";
import { readPeerAnswer } from "../../front/peers/read_peer_answer.ts";
import { ASK_EVERY_MS } from "../../../src/node/pair/peers.ts";
import { SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import type { InstanceStatus } from "../../../src/status/status.ts";
import type { PeerReport, RehearsalReason } from "../../../src/status/reports/peer_answer.ts";

/** How the machine of a node answers questions to its API. */
export type Contact = "open" | "refused" | "silent" | "engine_gone" | "not_asked" | "mismatch";

const FAILURES: Readonly<Record<Exclude<Contact, "open">, PeerReport>> = {
  refused: { ok: false, error: "nobody listens there", cause: "refused" },
  silent: { ok: false, error: "no whole answer within 1 s" },
  engine_gone: {
    ok: false,
    error: "its front answers that its engine does not",
    cause: "engine_gone",
  },
  mismatch: { ok: false, error: "it refuses the token in token_file (401)", cause: "mismatch" },
  not_asked: { ok: false, error: "cannot read the token file /x: EACCES", cause: "not_asked" },
};

/** Changes what a node's API says of its instance. */
type Alter = (instance: InstanceStatus) => InstanceStatus | null;

/** A pair whose nodes ask each other once a second, as the front does. */
export function knownPair(settings: Partial<InstanceConfig> = {}, check?: CheckConfig) {
  const instances = [{ priority: 150, ...settings }, { priority: 100, ...settings }];
  const cluster = new SimCluster(instances, undefined, check);
  const [lb01, lb02] = cluster.nodes as [SimNode, SimNode];
  const contact = new Map<SimNode, Contact>();
  const altered = new Map<SimNode, Alter>();
  /** The engines after the first, as a node's API says: when each started, in milliseconds, and how many died. */
  const engines = new Map<SimNode, { readonly started: number; readonly restarts: number }>();
  /** How far the clock of lb02 is ahead, in milliseconds. */
  const clock = { offsetMs: 0 };
  /** The findings of the comparison of rehearsals, on both nodes. */
  const rehearsal: RehearsalReason[] = [];
  for (const [node, other] of [[lb01, lb02], [lb02, lb01]] as const) {
    const peers = [{ name: other.name, url: `http://${other.name}:9112` }];
    Object.assign(node.config, { peers });
  }
  const report = (of: SimNode): PeerReport => ({ ...answerOf(of), rehearsal: [...rehearsal] });
  const answerOf = (of: SimNode): PeerReport => {
    const how = of.daemon ? contact.get(of) ?? "open" : "refused";
    if (how !== "open") return FAILURES[how];
    const status = of.daemon!.status();
    const alter = altered.get(of) ?? ((instance: InstanceStatus) => instance);
    const instances = status.instances.map(alter).filter((instance) => instance !== null);
    const { started, restarts } = engines.get(of) ?? { started: 0, restarts: 0 };
    const { processes: { engine, front } } = status;
    const started_at = new Date(Date.parse(engine.started_at) + started).toISOString();
    const processes = { front, engine: { ...engine, started_at, restarts } };
    const answer = readPeerAnswer(JSON.stringify({ ...status, processes, instances }));
    return "problem" in answer ? { ok: false, error: answer.problem } : { ok: true, answer };
  };
  let askedMs = 0;
  const run = (ms: number) => {
    for (const untilMs = cluster.time.nowMs + ms; cluster.time.nowMs < untilMs;) {
      if (cluster.time.nowMs >= askedMs) {
        lb01.daemon?.peerReported(lb02.name, report(lb02), clock.offsetMs);
        lb02.daemon?.peerReported(lb01.name, report(lb01), -clock.offsetMs);
        askedMs = cluster.time.nowMs + ASK_EVERY_MS;
      }
      cluster.run(Math.min(askedMs, untilMs) - cluster.time.nowMs);
    }
  };
  cluster.start();
  run(20_000);
  const pairOf = (node: SimNode) => node.daemon!.status().instances[0]!.pair!;
  const changes = (node: SimNode) =>
    node.daemon!.journal.since().filter(({ code }) => code === "verdict_changed")
      .map(({ message }) => message);
  return { cluster, lb01, lb02, contact, altered, engines, clock, rehearsal, run, pairOf, changes };
}
