/**
 * A compromised front: connects to the engine as the front does and sends it anything that the engine has to read, as
 * fast as it can. Sends a new hello at once if the engine ends the connection.
 *
 * Usage: `deno run --allow-all engine_flood_process.ts MILLISECONDS SOCKET KIND CONNECTIONS`, where KIND is an
 * `EngineFlood`.
 *
 * @module
 */

import { encodeFrame, FrameReader } from "../../src/ipc/framing.ts";
import type { EngineMessage } from "../../src/ipc/messages.ts";
import { concatenate } from "../../src/wire/octets.ts";
import { sleep } from "../wait.ts";
import { attackFor } from "./attacker.ts";
import { ENGINE_FLOODS, type EngineFlood, hello } from "./engine_messages.ts";
import { writeAll } from "./streams.ts";

const AGAIN_MS = 5;
const READ_OCTETS = 64 * 1024;

const [duration, path = "", kind = "", connections] = Deno.args;
/**
 * `messages` fill the socket's buffer at least; the engine's answers prove what it has read. `welcomed`: taken for the
 * front; `turned_away`: not, with a reason.
 */
const counts = {
  ...{ tried: 0, connected: 0, ended: 0, refused: 0, messages: 0 },
  ...{
    welcomed: 0,
    turned_away: 0,
    refreshed: 0,
    judged: 0,
    outcomes: 0,
    secrets: 0,
    ask_again: 0,
  },
};
/** The engine's answers that count, by type. */
const ANSWERS: Partial<Record<EngineMessage["type"], keyof typeof counts>> = {
  welcome: "welcomed",
  refused: "turned_away",
  refreshed: "refreshed",
  judged: "judged",
  outcome: "outcomes",
  secret: "secrets",
  ask_again: "ask_again",
};

if (!Object.hasOwn(ENGINE_FLOODS, kind)) {
  throw new RangeError(`There is no kind of flood "${kind}"`);
}
const make = ENGINE_FLOODS[kind as EngineFlood];
attackFor(Number(duration), counts);
for (let each = 0; each < Number(connections); each++) void attack(make);

async function attack(next: () => readonly object[]): Promise<never> {
  while (true) {
    counts.tried++;
    try {
      using connection = await Deno.connect({ transport: "unix", path });
      counts.connected++;
      // Reads the engine's messages, so that this never counts as an end that does not read.
      void count(connection);
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
    await writeAll(connection, frame(hello(Deno.pid)));
    while (true) {
      const messages = next();
      await writeAll(connection, concatenate(messages.map(frame)));
      counts.messages += messages.length;
    }
  } catch {
    counts.ended++;
  }
}

async function count(connection: Deno.Conn): Promise<void> {
  const frames = new FrameReader(Infinity);
  const buffer = new Uint8Array(READ_OCTETS);
  try {
    for (let length; (length = await connection.read(buffer)) !== null;) {
      for (const { value } of frames.feed(buffer.subarray(0, length))) {
        const counter = ANSWERS[(value as EngineMessage).type];
        if (counter !== undefined) counts[counter]++;
      }
    }
  } catch {
    // The writing side notices the end, too.
  }
}

function frame(message: object): Uint8Array {
  return encodeFrame(JSON.stringify(message));
}
