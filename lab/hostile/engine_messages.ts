/**
 * The messages of a front that was taken over: the engine reads all of them but the nonsense, because messages that it
 * refuses at once would load nobody.
 *
 * @module
 */

import { uptimeS } from "../../src/ipc/command_age.ts";
// Types alone: attackers run without the packages that the schemas need.
import type { CommandRequest, FrontMessage, PROTOCOL } from "../../src/ipc/messages.ts";

type PeerInstances = Extract<FrontMessage, { type: "peer_instances" }>["instances"];

/** The peer that the attacked node has to have, or the engine ignores what is said of it. */
export const FLOODED_PEER = "lb02";

const VERSION: typeof PROTOCOL = 1;
/** The longest message that the engine reads, without the envelope of a peer's instances, in octets. */
const INSTANCES_OCTETS = 255 * 1024;

/** The name of a flood. */
export type EngineFlood = "small" | "large" | "names" | "nonsense";

/** By name, some messages to send next. */
export const ENGINE_FLOODS: {
  readonly [Name in EngineFlood]: () => Name extends "nonsense" ? readonly object[]
    : readonly FrontMessage[];
} = {
  small: () => [
    { type: "refresh" },
    judge("x".repeat(1000)),
    command({ kind: "set_priority", instance: "VI_1", priority: 1 }),
    command({ kind: "demote", instance: "VI_1" }),
    command({ kind: "reload" }),
    { type: "record", severity: "error", code: "api_failed", message: "x".repeat(4000) },
    { type: "secret", id: 2, path: "/etc/shadow" },
    { type: "serving", addresses: [], problem: "x".repeat(4000) },
    { type: "notifications", notifications: [], notifiedId: 0, problem: "x".repeat(4000) },
  ],
  /** Each message as long as the engine accepts: half of the report goes before it. */
  large: () => [
    { type: "peer_instances", name: FLOODED_PEER, instances: MANY },
    peer(FLOODED_PEER, MANY),
  ],
  /** The engine would have to remember all of them; what it answers to is the last one. */
  names: () => [
    ...Array.from({ length: 20 }, () => peer(crypto.randomUUID(), FEW)),
    judge("wrong"),
  ],
  nonsense: () => [{ type: "nothing" }, { type: "command" }, {}],
};

/** The first message of a front. */
export function hello(pid: number): FrontMessage {
  return {
    type: "hello",
    protocol: VERSION,
    version: "0.0.0",
    pid,
    user: "nobody",
    folder: "/run",
    startedAt: new Date().toISOString(),
  };
}

function judge(token: string): FrontMessage {
  return { type: "judge", id: 1, token };
}

/** Each with another key, because the engine carries out each key once. */
function command(request: CommandRequest): FrontMessage {
  return {
    type: "command",
    id: 3,
    key: crypto.randomUUID(),
    token: "wrong",
    client: { address: "127.0.0.1" },
    command: request,
    forwardedAtS: uptimeS(),
  };
}

function peer(name: string, instances: PeerInstances): FrontMessage {
  const answer = { node: FLOODED_PEER, version: "0.0.0", instances };
  return { type: "peer", name, report: { ok: true, answer }, clockOffsetMs: null };
}

function instance(index: number): PeerInstances[number] {
  return {
    name: `VI_${index}`,
    interface: "eth1",
    vrid: index % 256,
    family: "ipv4",
    version: 3,
    state: "master",
    handing_over: false,
    priority: { configured: 100, effective: 100 },
    preempt: true,
    authentication: "none",
    advert_interval_ms: 100,
    addresses: ["192.168.31.5/24"],
    master: { address: "192.168.31.12", priority: 100 },
    faults: ["x".repeat(100)],
    override: null,
  };
}

const FEW = Array.from({ length: 10 }, (_, index) => instance(index));
const MANY = Array.from(
  { length: Math.floor(INSTANCES_OCTETS / (JSON.stringify(instance(1000)).length + 1)) },
  (_, index) => instance(index),
);
