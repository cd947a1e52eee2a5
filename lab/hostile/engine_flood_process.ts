/**
 * A compromised front: connects to the engine as the front does and sends it anything that the engine has to read, as
 * fast as it can. Sends a new hello at once if the engine ends the connection.
 *
 * Usage: `deno run --allow-all engine_flood_process.ts MILLISECONDS SOCKET KIND CONNECTIONS`, where KIND is a key of
 * `KINDS`.
 *
 * @module
 */

import { concatenate } from "../../src/wire/octets.ts";
import { sleep } from "../wait.ts";
import { attackFor } from "./attacker.ts";
import { discard, writeAll } from "./streams.ts";

const AGAIN_MS = 5;
/** As many as the longest message that the engine accepts has room for. */
const MANY_INSTANCES = 500;

const [duration, path = "", kind = "", connections] = Deno.args;
const counts = { tried: 0, connected: 0, ended: 0, refused: 0, messages: 0 };

/** Some messages to send next, by kind. */
const KINDS: Readonly<Record<string, () => readonly object[]>> = {
  small: () => [
    { type: "refresh" },
    { type: "judge", id: 1, token: "x".repeat(1000) },
    command({ kind: "set_priority", instance: "VI_1", priority: 1 }),
    command({ kind: "demote", instance: "VI_1" }),
    command({ kind: "reload" }),
    { type: "record", severity: "error", code: "api_failed", message: "x".repeat(4000) },
    { type: "secret", id: 2, path: "/etc/shadow" },
    { type: "serving", addresses: [], problem: "x".repeat(4000) },
    { type: "notifications", notifications: [], notifiedId: 0, problem: "x".repeat(4000) },
  ],
  large: () => [peerInstances("lb02", MANY_INSTANCES), peerReport("lb02", MANY_INSTANCES)],
  /** The engine would have to remember all of them. */
  names: () => Array.from({ length: 20 }, () => peerReport(crypto.randomUUID(), 10)),
  nonsense: () => [{ type: "nothing" }, { type: "command" }, {}],
};

const make = KINDS[kind];
if (make === undefined) throw new RangeError(`There is no kind of flood "${kind}"`);
attackFor(Number(duration), counts);
for (let each = 0; each < Number(connections); each++) void attack(make);

async function attack(next: () => readonly object[]): Promise<never> {
  while (true) {
    counts.tried++;
    try {
      using connection = await Deno.connect({ transport: "unix", path });
      counts.connected++;
      // Reads the engine's messages, so that this never counts as an end that does not read.
      void discard(connection);
      await send(connection, next);
    } catch {
      counts.refused++;
    }
    await sleep(AGAIN_MS);
  }
}

/** Ends when the engine ends the connection. */
async function send(connection: Deno.Conn, next: () => readonly object[]): Promise<void> {
  try {
    await writeAll(connection, frame(hello()));
    while (true) {
      const messages = next();
      await writeAll(connection, concatenate(messages.map(frame)));
      counts.messages += messages.length;
    }
  } catch {
    counts.ended++;
  }
}

function hello(): object {
  return {
    type: "hello",
    protocol: 1,
    version: "0.0.0",
    pid: Deno.pid,
    user: "nobody",
    folder: "/run",
    startedAt: new Date().toISOString(),
  };
}

/** Each with another key, because the engine carries out each key once. */
function command(request: object): object {
  const key = crypto.randomUUID();
  return { type: "command", id: 3, key, token: "wrong", client: "127.0.0.1", command: request };
}

function peerReport(name: string, count: number): object {
  const answer = { node: "lb02", version: "0.0.0", instances: instances(count) };
  return { type: "peer", name, report: { ok: true, answer } };
}

function peerInstances(name: string, count: number): object {
  return { type: "peer_instances", name, instances: instances(count) };
}

function instances(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
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
  }));
}

/** A length of four octets, big-endian, and that many octets of JSON. */
function frame(message: object): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return concatenate([length, body]);
}
