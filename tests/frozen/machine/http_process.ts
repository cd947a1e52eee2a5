/**
 * Sends requests, octet by octet as they are given, and prints what comes back: JSON on standard input and output. Runs
 * inside a lab host.
 *
 * @module
 */

/** One connection. */
export interface RawCall {
  readonly to: { readonly host: string; readonly port: number } | { readonly path: string };
  /** What is sent, the rest of it later where there is more than one part. */
  readonly parts: readonly string[];
  /** Between the parts, in milliseconds. */
  readonly pauseMs?: number;
  /** Before the connection is made, in milliseconds. */
  readonly delayMs?: number;
  /** After so long the connection is closed from here, in milliseconds. @default {10_000} */
  readonly limitMs?: number;
}

const LIMIT_MS = 10_000;

async function answerOf(call: RawCall): Promise<string> {
  const { to, parts, pauseMs = 0, delayMs = 0, limitMs = LIMIT_MS } = call;
  if (delayMs > 0) await sleep(delayMs);
  const connection = "path" in to
    ? await Deno.connect({ transport: "unix", path: to.path })
    : await Deno.connect({ hostname: to.host, port: to.port });
  const timer = setTimeout(() => connection.close(), limitMs);
  const decoder = new TextDecoder();
  let answer = "";
  const reading = (async () => {
    const octets = new Uint8Array(65_536);
    for (let length; (length = await connection.read(octets)) !== null;) {
      answer += decoder.decode(octets.subarray(0, length), { stream: true });
    }
  })();
  const writing = (async () => {
    for (const [index, part] of parts.entries()) {
      if (index > 0) await sleep(pauseMs);
      await writeAll(connection, new TextEncoder().encode(part));
    }
  })();
  // A server may refuse before it has all, and it or the limit ends the connection in the middle of something.
  await Promise.allSettled([reading, writing]);
  clearTimeout(timer);
  try {
    connection.close();
  } catch {
    // The limit has closed it.
  }
  return answer;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function writeAll(connection: Deno.Conn, octets: Uint8Array): Promise<void> {
  for (let rest = octets; rest.length > 0;) {
    rest = rest.subarray(await connection.write(rest));
  }
}

if (import.meta.main) {
  const { groups }: { groups: readonly (readonly RawCall[])[] } = await new Response(
    Deno.stdin.readable,
  ).json();
  const answers: string[][] = [];
  // The calls of a group at the same time, one group after the other.
  for (const group of groups) answers.push(await Promise.all(group.map(answerOf)));
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(answers)));
}
