/**
 * Sends requests to an API, again and again, each on a new connection and without a token; a line of JSON (an
 * `ApiAsked`) for each request.
 *
 * Usage: `deno run --allow-net api_watch_process.ts HOST PORT EVERY_MILLISECONDS TIMEOUT_MILLISECONDS`
 *
 * @module
 */

import type { ApiAsked } from "./api_watch.ts";
import { clockMs, sleep } from "./wait.ts";

const [hostname = "", port, every, timeout] = Deno.args;
const encoder = new TextEncoder();
const request = encoder.encode(
  `GET /healthz HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`,
);

while (true) {
  const askedAtMs = clockMs();
  const answered = await ask();
  const line: ApiAsked = { askedAtMs, tookMs: clockMs() - askedAtMs, answered };
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
  await sleep(Number(every));
}

/** Whether any HTTP answer came. */
async function ask(): Promise<boolean> {
  const limit = AbortSignal.timeout(Number(timeout));
  try {
    using connection = await Deno.connect({ hostname, port: Number(port), signal: limit });
    const late = Promise.withResolvers<null>();
    limit.addEventListener("abort", () => late.resolve(null));
    await connection.write(request);
    const buffer = new Uint8Array(1024);
    const length = await Promise.race([connection.read(buffer), late.promise]);
    return length !== null &&
      new TextDecoder().decode(buffer.subarray(0, length)).startsWith("HTTP/1.1 ");
  } catch {
    return false;
  }
}
