/**
 * The steady client: a new connection and one request at a fixed rate, one line of JSON for each (a
 * `ClientRecord`). Runs inside the client's host.
 *
 * Usage: `deno run --allow-net client_process.ts ADDRESS REQUESTS_PER_SECOND TIMEOUT_MS`
 *
 * @module
 */

import type { ClientRecord } from "./client_record.ts";
import type { Answer } from "./nginx.ts";
import { clockMs } from "./wait.ts";

const [address, rate, timeout] = Deno.args as [string, string, string];
const intervalMs = 1000 / Number(rate);
const timeoutMs = Number(timeout);

const open = new Set<number>();
const encoder = new TextEncoder();

await beat();

/** Sends at the given rate whatever happens to the requests; it catches up after a late timer, so the rate holds. */
async function beat(): Promise<never> {
  let nextMs = performance.now();
  while (true) {
    request();
    nextMs += intervalMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
  }
}

async function request(): Promise<void> {
  const sentAtMs = clockMs();
  open.add(sentAtMs);
  const outcome = await answered().then(
    (answer) => ({ answer, error: null }),
    (error) => ({ answer: null, error: nameOf(error) }),
  );
  const tookMs = clockMs() - sentAtMs;
  open.delete(sentAtMs);
  // Set iterates in the order of insertion: the first is the oldest.
  const [oldest] = open;
  const record: ClientRecord = {
    sentAtMs,
    tookMs,
    ...outcome,
    completeUntilMs: oldest ?? clockMs(),
  };
  Deno.stdout.writeSync(encoder.encode(JSON.stringify(record) + "\n"));
}

async function answered(): Promise<ClientRecord["answer"]> {
  const timeUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeUp.reject(new Error("no answer in time")), timeoutMs);
  const connecting = Deno.connect({ hostname: address, port: 80 });
  try {
    const connection = await Promise.race([connecting, timeUp.promise]);
    return await Promise.race([ask(connection), timeUp.promise]);
  } finally {
    clearTimeout(timer);
    connecting.then((connection) => connection.close()).catch(() => {});
  }
}

async function ask(connection: Deno.Conn): Promise<ClientRecord["answer"]> {
  const head = `GET / HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`;
  await connection.write(encoder.encode(head));
  const response = await new Response(untilClosed(connection)).text();
  const status = response.split(" ", 2)[1];
  if (status !== "200") throw new Error(status === undefined ? "empty answer" : `status ${status}`);
  const body = JSON.parse(response.slice(response.indexOf("{"), response.lastIndexOf("}") + 1));
  const { backend, load_balancer } = body as Answer;
  return { backend, loadBalancer: load_balancer };
}

/** A connection's bytes; the caller must close the connection. */
function untilClosed(connection: Deno.Conn): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const chunk = new Uint8Array(4096);
      const count = await connection.read(chunk);
      if (count === null) controller.close();
      else controller.enqueue(chunk.subarray(0, count));
    },
  });
}

function nameOf(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  if (error instanceof Deno.errors.ConnectionReset) return "reset";
  return error instanceof Error ? error.message : String(error);
}
