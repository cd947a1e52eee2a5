/**
 * Writes answers: content that is complete at once in one piece with its length, other content as it comes.
 *
 * @module
 */

import type { RequestHead } from "./request_head.ts";
import {
  chunkOctets,
  type Framing,
  headOctets,
  httpDate,
  LAST_CHUNK,
  responseHead,
} from "./response_head.ts";

/** The destination of an answer. */
export interface ResponseSink {
  /** False if the client is gone. */
  write(octets: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** The server now waits for the application. */
  waiting(): void;
  /** Calls `act` when the client goes away. */
  whenGone(act: () => void): void;
}

/** The request of an answer. */
export type Asked = Pick<RequestHead, "method" | "version">;

type ContentReader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
type Chunk = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

const NOTHING = new Uint8Array(0);

/** Writes an answer to its end; true if the connection can continue. */
export async function writeResponse(
  response: Response,
  asked: Asked,
  keepAlive: boolean,
  sink: ResponseSink,
): Promise<boolean> {
  const content = response.body;
  const send = (framing: Framing, first: Uint8Array = NOTHING) =>
    sink.write(opening(response, framing, first, asked, keepAlive));
  if (content === null || asked.method === "HEAD" || hasNoContent(response.status)) {
    await content?.cancel();
    const none = asked.method === "HEAD" || hasNoContent(response.status);
    return await send(none ? { kind: "none" } : { kind: "length", octets: 0 }) && keepAlive;
  }
  const reader = content.getReader();
  const first = reader.read();
  const early = await soon(first);
  if (early?.done) return await send({ kind: "length", octets: 0 }) && keepAlive;
  const second = early === null ? first : reader.read();
  const end = early === null ? null : await soon(second);
  if (early !== null && end?.done) {
    return await send({ kind: "length", octets: early.value!.length }, early.value) && keepAlive;
  }
  const chunked = asked.version === "1.1";
  const begun = await send({ kind: chunked ? "chunked" : "close" }, early?.value);
  return begun && await stream(reader, second, chunked, sink) && keepAlive && chunked;
}

/** The head and the known part of the content, in one piece. */
function opening(
  response: Response,
  framing: Framing,
  first: Uint8Array,
  { version }: Asked,
  keepAlive: boolean,
): Uint8Array<ArrayBuffer> {
  const lasts = keepAlive && framing.kind !== "close";
  const connection = lasts ? (version === "1.0" ? "keep-alive" : null) : "close";
  const text = responseHead(response, framing, connection, httpDate(Date.now()));
  const body = framing.kind === "chunked" && first.length > 0 ? chunkOctets(first) : first;
  const octets = headOctets(text, body.length);
  octets.set(body, text.length);
  return octets;
}

/** RFC 9110 sections 15.3.5 and 15.4.5. */
function hasNoContent(status: number): boolean {
  return status === 204 || status === 304;
}

/** Writes each chunk as it comes; false if the client is gone or the application broke off. */
async function stream(
  reader: ContentReader,
  next: Promise<Chunk>,
  chunked: boolean,
  sink: ResponseSink,
): Promise<boolean> {
  const cancel = () => void reader.cancel().catch(() => {});
  sink.whenGone(cancel);
  try {
    for (let chunk = await next; !chunk.done; chunk = await reader.read()) {
      if (chunk.value.length > 0) {
        const { value } = chunk;
        if (!await sink.write(chunked ? chunkOctets(value) : value)) return false;
      }
      sink.waiting();
    }
    return !chunked || await sink.write(LAST_CHUNK);
  } catch {
    // The application broke off. The missing end shows the client that content is missing.
    return false;
  } finally {
    sink.whenGone(() => {});
    cancel();
  }
}

/** Turns of the microtask queue in which a source that has its content ready yields it. */
const SOON_TURNS = 8;

/** The promise's value, if it resolves without waiting for anything outside; else `null`. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let value: T | null = null;
  promise.then((it) => value = it, () => {});
  for (let turn = 0; turn < SOON_TURNS && value === null; turn++) await null;
  return value;
}
