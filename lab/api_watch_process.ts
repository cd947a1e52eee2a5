/**
 * Sends requests to an API, again and again, each on a new connection and without a token; a line of JSON (an
 * `ApiAsked`) for each request.
 *
 * Usage: `deno run --allow-net api_watch_process.ts SCHEME HOST PORT EVERY_MILLISECONDS TIMEOUT_MILLISECONDS`
 *
 * @module
 */

import type { ApiAsked } from "./api_watch.ts";
import { clockMs, sleep } from "./wait.ts";

const [scheme, hostname = "", port, every, timeout] = Deno.args;
const encoder = new TextEncoder();
const request = encoder.encode(
  `GET /healthz HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`,
);
const ANSWER = "HTTP/1.1 200 ";

while (true) {
  const askedAtMs = clockMs();
  const answered = await ask();
  const line: ApiAsked = { askedAtMs, tookMs: clockMs() - askedAtMs, answered };
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
  await sleep(Number(every));
}

/** Whether the answer came that there is while all is well. */
async function ask(): Promise<boolean> {
  const limit = AbortSignal.timeout(Number(timeout));
  const late = Promise.withResolvers<boolean>();
  limit.addEventListener("abort", () => late.resolve(false));
  try {
    using connection = await open(limit);
    return await Promise.race([late.promise, exchange(connection)]);
  } catch {
    return false;
  }
}

/** With TLS, the handshake comes before the first octets. */
async function open(signal: AbortSignal): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname, port: Number(port), signal });
  return scheme === "https" ? await Deno.startTls(connection, { hostname }) : connection;
}

async function exchange(connection: Deno.Conn): Promise<boolean> {
  await connection.write(request);
  const buffer = new Uint8Array(1024);
  const length = await connection.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).startsWith(ANSWER);
}
