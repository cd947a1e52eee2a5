/**
 * One request over HTTP/1.1 on a new connection, and as much of its answer as the caller wants.
 *
 * This does not use `fetch`, because that reads as long as the server sends, resolves names in threads without a bound,
 * obeys the environment's proxies, keeps connections and does not allow a Host header.
 *
 * @module
 */

import { Connection, type ConnectionOptions, type Destination } from "../runtime/connection.ts";
import { turns } from "../runtime/turns.ts";
import { concatenate } from "../wire/octets.ts";
import { HttpResponseReader } from "./response.ts";

const READ_OCTETS = 16 * 1024;
/** The reader examines this much in one step; the smallest chunks take a hundred times as long as plain content. */
const STEP_OCTETS = 1024;
/**
 * After this many reads, the reader pauses after one that brings little: octet by octet an answer would cost a thousand
 * times as much.
 */
const HASTY_READS = 16;
const LITTLE_OCTETS = 4096;
const PAUSE_MS = 5;

export interface HttpRequest {
  readonly destination: Destination;
  /** @default {"GET"} */
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  /** Includes `Host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sees the answer as it comes, and the latest text of the body. Its return value ends the request; `null` continues.
 */
export type Judge<T> = (answer: HttpResponseReader, text: string) => T | null;

/**
 * Sends a request and reads its answer until `judge` has seen enough. Follows no redirects. When the promise settles,
 * the connection is closed.
 *
 * @returns what `judge` returned; `null` if the answer ended before that.
 * @throws {HttpSyntaxError} if the answer is no HTTP, or does not end, or is cut.
 * @throws {Error} if there is no connection, or if the signal aborts.
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
  for (let reads = 1;; reads++) {
    const count = await connection.read(buffer);
    if (count === null) {
      answer.end();
      return judge(answer, "");
    }
    for (let at = 0; at < count;) {
      const step = buffer.subarray(at, Math.min(count, at + STEP_OCTETS));
      const { text, rest } = answer.push(step);
      const verdict = judge(answer, text);
      if (verdict !== null || answer.complete) return verdict;
      at += step.length - rest.length;
      await turns.next();
    }
    if (reads > HASTY_READS && count < LITTLE_OCTETS) await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** The head and the whole body, which is short. */
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

/** The server that an http or https URL names. */
export function destinationOf(
  url: URL,
  tls: { readonly name?: string; readonly caCerts?: readonly string[] } = {},
): Destination {
  const secure = url.protocol === "https:";
  const host = withoutBrackets(url.hostname);
  return {
    kind: "tcp",
    host,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    tls: secure ? { name: host, ...tls } : null,
  };
}

/** `[::1]` without its brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
