/**
 * One request over HTTP/1.1 on a new connection, and of its answer as much as is wanted.
 *
 * HTTP is spoken here directly, because `fetch` reads what a server sends as long as it likes, looks names up in threads
 * without a bound, obeys the environment's proxies, keeps connections and guards the Host header.
 *
 * @module
 */

import { Connection, type ConnectionOptions, type Destination } from "../runtime/connection.ts";
import { turns } from "../runtime/turns.ts";
import { concatenate } from "../wire/octets.ts";
import { HttpResponseReader } from "./response.ts";

const READ_OCTETS = 16 * 1024;

export interface HttpRequest {
  readonly destination: Destination;
  /** @default {"GET"} */
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  /** `Host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sees the answer as it comes, and the text of the body that came last. What it returns ends the request; `null` goes on.
 */
export type Judge<T> = (answer: HttpResponseReader, text: string) => T | null;

/**
 * Sends a request and reads its answer until `judge` has seen enough. Redirects are not followed. When it settles, the
 * connection is closed.
 *
 * @returns what `judge` returned; `null` when the answer came to its end before that.
 * @throws {HttpSyntaxError} when the answer is no HTTP, or none that ends, or is cut.
 * @throws {Error} when there is no connection, and when the signal aborts.
 */
export async function request<T>(
  wanted: HttpRequest,
  judge: Judge<T>,
  options: ConnectionOptions,
): Promise<T | null> {
  using connection = await Connection.open(wanted.destination, options);
  await connection.write(requestOctets(wanted));
  const answer = new HttpResponseReader();
  const buffer = new Uint8Array(READ_OCTETS);
  for (;;) {
    const count = await connection.read(buffer);
    const text = count === null ? "" : answer.push(buffer.subarray(0, count));
    if (count === null) answer.end();
    const verdict = judge(answer, text);
    if (verdict !== null || answer.complete) return verdict;
    await turns.next();
  }
}

/** The head, and the body whole: it is short. */
function requestOctets({ method = "GET", path, headers, body }: HttpRequest): Uint8Array {
  const encoder = new TextEncoder();
  const content = encoder.encode(body);
  const fields = {
    ...headers,
    "User-Agent": "vipd",
    "Accept-Encoding": "identity",
    "Connection": "close",
    ...(body !== undefined && { "Content-Length": `${content.length}` }),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = encoder.encode(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return concatenate([head, content]);
}
