/** The floods are HTTP/2 that a server understands: what it would refuse at once would load nobody. */

import assert from "node:assert/strict";
import { clientPreface, flood, type Http2Flood } from "../../lab/hostile/http2_frames.ts";
import { writeAll } from "../../lab/hostile/streams.ts";

const TYPE = { rstStream: 3, settings: 4, ping: 6, goAway: 7 } as const;
const ACK = 1;

interface Frame {
  readonly type: number;
  readonly flags: number;
}

/** The frames that `octets` begin with; the last one may not be whole. */
function framesIn(octets: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + 9 <= octets.length;) {
    const view = new DataView(octets.buffer, octets.byteOffset + at, 9);
    frames.push({ type: view.getUint8(3), flags: view.getUint8(4) });
    at += 9 + (view.getUint8(0) << 16 | view.getUint16(1));
  }
  return frames;
}

/** Sends the beginning of a flood to a server of this runtime; what that answers, and how many requests it took. */
async function attacked(kind: Http2Flood): Promise<{ answers: Frame[]; requests: number }> {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    requests++;
    return new Response(request.body);
  });
  try {
    const { port } = server.addr;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const next = flood(kind, `127.0.0.1:${port}`, false);
    await writeAll(connection, clientPreface());
    await writeAll(connection, next());
    if (kind === "empty_data") await writeAll(connection, next());
    return { answers: framesIn(await readFor(connection, 500)), requests };
  } finally {
    await server.shutdown();
  }
}

async function readFor(connection: Deno.Conn, limitMs: number): Promise<Uint8Array> {
  const octets: number[] = [];
  const buffer = new Uint8Array(64 * 1024);
  const timer = setTimeout(() => connection.close(), limitMs);
  try {
    for (let length; (length = await connection.read(buffer)) !== null;) {
      octets.push(...buffer.subarray(0, length));
    }
  } catch {
    // The time is over.
  } finally {
    clearTimeout(timer);
  }
  return Uint8Array.from(octets);
}

function count(frames: readonly Frame[], type: number, flags: number): number {
  return frames.filter((it) => it.type === type && (it.flags & flags) === flags).length;
}

Deno.test("every PING is answered", async () => {
  const { answers } = await attacked("ping");
  assert.ok(count(answers, TYPE.ping, ACK) > 900, JSON.stringify(answers.slice(0, 5)));
});

Deno.test("every SETTINGS is acknowledged", async () => {
  const { answers } = await attacked("settings");
  assert.ok(count(answers, TYPE.settings, ACK) > 1500, JSON.stringify(answers.slice(0, 5)));
});

Deno.test("a request with empty DATA goes on and on", async () => {
  const { answers, requests } = await attacked("empty_data");
  assert.equal(requests, 1);
  assert.equal(count(answers, TYPE.goAway, 0) + count(answers, TYPE.rstStream, 0), 0);
});

Deno.test("requests are taken before they are cancelled", async () => {
  const { requests } = await attacked("rapid_reset");
  assert.ok(requests > 0);
});
