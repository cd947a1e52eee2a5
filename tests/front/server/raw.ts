/**
 * Talks to a server in octets, as no client library does.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Handler } from "../../../src/front/server/connection.ts";
import { Connections } from "../../../src/front/server/connections.ts";
import { HttpListener } from "../../../src/front/server/http_listener.ts";
import { type HttpLimits, httpLimits } from "../../../src/front/server/limits.ts";
import { RequestTurns } from "../../../src/front/server/request_turns.ts";

/** Of a process with the usual 1024 descriptors. */
export const LIMITS = httpLimits(1024);

export interface RawServer {
  readonly port: number;
  readonly connections: Connections;
  readonly listener: HttpListener;
  /** What the handler threw. */
  readonly failures: unknown[];
}

/** A server on loopback for the time of `act`. */
export async function serving(
  handler: Handler,
  act: (server: RawServer) => Promise<void>,
  limits: Partial<HttpLimits> = {},
): Promise<void> {
  const all = { ...LIMITS, ...limits };
  const connections = new Connections(all);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const failures: unknown[] = [];
  const http = new HttpListener(listener, {
    limits: all,
    connections,
    turns: new RequestTurns(),
    endpoint: { scheme: "http", authority: `127.0.0.1:${port}` },
    handler,
    shutdown: () => {},
    unixUser: () => null,
    failed: (error) => failures.push(error),
  }, () => {});
  try {
    await act({ port, connections, listener: http, failures });
  } finally {
    http.stop();
    await http.drain(0);
  }
}

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** One connection. Texts are Latin-1. */
export class RawClient implements Disposable {
  readonly #conn: Deno.Conn;
  /** All that has come so far. */
  text = "";
  /** Whether the server has closed the connection. */
  closed = false;
  readonly #reading: Promise<void>;
  #changed = () => {};

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#reading = this.#read();
  }

  static async connect(port: number, hostname = "127.0.0.1"): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname, port }));
  }

  /** Sends a text; with what is too long for the kernel it waits until the server reads. */
  async send(text: string): Promise<void> {
    const octets = latin1(text);
    for (let at = 0; at < octets.length;) at += await this.#conn.write(octets.subarray(at));
  }

  /** Sends nothing more. */
  async finish(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Waits until what has come is as wanted. */
  async until(what: string, wanted: (text: string) => boolean, limitMs = 5000): Promise<void> {
    const endMs = performance.now() + limitMs;
    while (!wanted(this.text)) {
      const leftMs = endMs - performance.now();
      assert.ok(
        leftMs > 0,
        `not within ${limitMs} ms: ${what}; so far ${JSON.stringify(this.text)}, ${
          this.closed ? "closed" : "open"
        }`,
      );
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#changed = resolve;
      const timer = setTimeout(resolve, leftMs);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Waits for the end; how long that took, in milliseconds. */
  async untilClosed(limitMs = 5000): Promise<number> {
    const startMs = performance.now();
    await this.until("the end of the connection", () => this.closed, limitMs);
    return performance.now() - startMs;
  }

  /** Waits for so many answers. */
  async responses(count: number, limitMs = 5000): Promise<RawResponse[]> {
    await this.until(`${count} answers`, (text) => parseResponses(text).length >= count, limitMs);
    return parseResponses(this.text);
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Closed already.
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65536);
    try {
      for (let octets; (octets = await this.#conn.read(buffer)) !== null;) {
        this.text += String.fromCharCode(...buffer.subarray(0, octets));
        this.#changed();
      }
    } catch {
      // Reset.
    }
    this.closed = true;
    this.#changed();
  }
}

/** Sends a text and gives what is answered: so many answers, or all until the end of the connection, and what follows. */
export async function exchange(
  port: number,
  text: string,
  count = 1,
): Promise<{ responses: RawResponse[]; closed: boolean; text: string }> {
  using client = await RawClient.connect(port);
  await client.send(text).catch(() => {});
  const done = (now: string) => client.closed || parseResponses(now).length >= count;
  await client.until(`${count} answers`, done);
  // Time for what should not come, and for the end.
  await delay(QUIET_MS);
  return { responses: parseResponses(client.text), closed: client.closed, text: client.text };
}

const QUIET_MS = 50;

/** The answers in a text, as far as they are complete: HEAD and streams without an end need other means. */
export function parseResponses(text: string): RawResponse[] {
  const responses: RawResponse[] = [];
  for (let rest = text; rest !== "";) {
    const parsed = parseResponse(rest);
    if (parsed === null) break;
    responses.push(parsed.response);
    rest = parsed.rest;
  }
  return responses;
}

function parseResponse(text: string): { response: RawResponse; rest: string } | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [line = "", ...fields] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
  assert.ok(status >= 100, `no status line: ${JSON.stringify(line)}`);
  const headers = new Map(fields.map((field): [string, string] => {
    const colon = field.indexOf(": ");
    assert.ok(colon > 0, `no field: ${JSON.stringify(field)}`);
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)];
  }));
  const content = text.slice(end + 4);
  const none = status < 200 || status === 204 || status === 304;
  const length = none ? 0 : Number(headers.get("content-length") ?? NaN);
  const chunked = headers.get("transfer-encoding") === "chunked";
  const body = chunked ? parseChunked(content) : content.length < length ? null : {
    body: content.slice(0, Number.isNaN(length) ? undefined : length),
    rest: Number.isNaN(length) ? "" : content.slice(length),
  };
  return body && { response: { status, headers, body: body.body }, rest: body.rest };
}

function parseChunked(text: string): { body: string; rest: string } | null {
  let body = "";
  for (let rest = text;;) {
    const size = /^([0-9a-f]+)\r\n/.exec(rest);
    if (size === null) return null;
    const octets = parseInt(size[1]!, 16);
    const from = size[0].length;
    if (rest.length < from + octets + 2) return null;
    assert.equal(rest.slice(from + octets, from + octets + 2), "\r\n");
    body += rest.slice(from, from + octets);
    rest = rest.slice(from + octets + 2);
    if (octets === 0) return { body, rest };
  }
}

export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
