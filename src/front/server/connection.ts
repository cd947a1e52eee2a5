/**
 * The life of one connection: handshake, requests in sequence, the end.
 *
 * @module
 */

import type { Connections, Place } from "./connections.ts";
import { type Rejection, rejection, rejectionResponse } from "./http1/rejection.ts";
import { RequestBody } from "./http1/request_body.ts";
import type { RequestHead } from "./http1/request_head.ts";
import { RequestParser } from "./http1/request_parser.ts";
import { RequestReader } from "./http1/request_reader.ts";
import type { Endpoint } from "./http1/request_target.ts";
import { CONTINUE } from "./http1/response_head.ts";
import { type ResponseSink, writeResponse } from "./http1/response_writer.ts";
import type { HttpLimits } from "./limits.ts";
import { type Shutdown, Socket } from "./socket.ts";
import { clientAddress, sourceOf } from "./source.ts";
import type { RequestTurns } from "./request_turns.ts";

/** The client that sent a request. */
export interface Client {
  /** Absent without one, as on a unix socket. */
  readonly address?: string;
  /** The user at the other end of a unix socket; absent if the kernel does not say. */
  readonly uid?: number;
  /** True for root and for vipd's user on a unix socket; absent for others. */
  readonly isOwner?: true;
  /** The request has shown a valid token: the server does not give up its connection for others. */
  trusted(): void;
  /** Whether it has closed its side of the connection by now, and does not wait for an answer. */
  hasGone(): Promise<boolean>;
}

/** The user that has opened a connection to a unix socket. */
export interface UnixUser {
  readonly uid: number;
  /** Root, or the user that vipd runs as: the server does not give up the connection for others. */
  readonly isOwner: boolean;
}

/** Answers a request. */
export type Handler = (request: Request, client: Client) => Response | Promise<Response>;

/** The context that all connections of a listener share. */
export interface ConnectionContext {
  readonly limits: HttpLimits;
  readonly connections: Connections;
  readonly turns: RequestTurns;
  readonly endpoint: Endpoint;
  readonly handler: Handler;
  readonly shutdown: Shutdown;
  /** The user at the other end of a unix socket; `null` if the kernel does not say. */
  readonly unixUser: (conn: Deno.Conn) => UnixUser | null;
  /** The handler threw this, which it must not do; the answer is 500. */
  failed(error: unknown): void;
}

export class Connection implements ResponseSink {
  readonly #context: ConnectionContext;
  readonly #socket: Socket;
  readonly #place: Place;
  readonly #parser: RequestParser;
  readonly #reader: RequestReader;
  readonly #client: Client;
  /** True while it waits for the head of a request. */
  #waits = true;
  #draining = false;

  constructor(conn: Deno.Conn, context: ConnectionContext) {
    const { limits, connections, endpoint, shutdown, unixUser } = context;
    this.#context = context;
    this.#socket = new Socket(conn, shutdown);
    const address = clientAddress(conn.remoteAddr);
    const user = address === undefined ? unixUser(conn) : null;
    const source = sourceOf({ address, user: user?.uid ?? null }, endpoint);
    this.#place = connections.admit(source, () => this.#socket.close());
    if (user?.isOwner) this.#place.trust();
    this.#parser = new RequestParser(limits, endpoint);
    this.#reader = new RequestReader(this.#socket, this.#parser);
    this.#client = {
      ...(address === undefined ? {} : { address }),
      ...(user === null ? {} : { uid: user.uid }),
      ...(user?.isOwner && { isOwner: true }),
      trusted: () => this.#place.trust(),
      hasGone: () => this.#reader.hasGone(),
    };
  }

  /** Resolves when the connection is closed. */
  async serve(): Promise<void> {
    const { handshakeMs, headMs, requests } = this.#context.limits;
    try {
      this.#place.enter("handshake", handshakeMs);
      if (!await this.#socket.handshake()) return;
      // The first request is due at once, the others may take long to come.
      this.#place.enter("head", headMs);
      let left = requests;
      while (await this.#serveRequest(--left === 0));
    } finally {
      this.end();
      this.#parser.close();
    }
  }

  /** Lets the request that has begun end, and no other one begin. */
  drain(): void {
    this.#draining = true;
    if (this.#waits) this.end();
  }

  /** Closes it at once. */
  end(): void {
    this.#place.end();
  }

  async write(octets: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const { sliceMs, sliceOctets } = this.#context.limits;
    this.#place.wait(octets.length);
    try {
      for (let from = 0; from < octets.length; from += sliceOctets) {
        this.#place.enter("writing", sliceMs);
        if (!await this.#writeAll(octets.subarray(from, from + sliceOctets))) return false;
      }
      return true;
    } finally {
      this.#place.wait(-octets.length);
    }
  }

  waiting(): void {
    this.#place.enter("handling");
  }

  whenGone(act: () => void): void {
    this.#reader.whenGone(act);
  }

  async #writeAll(octets: Uint8Array): Promise<boolean> {
    for (let at = 0; at < octets.length;) {
      const written = await this.#socket.write(octets.subarray(at));
      if (written === null) return false;
      at += written;
    }
    return true;
  }

  /** True if another request can follow. */
  async #serveRequest(last: boolean): Promise<boolean> {
    const head = await this.#nextHead();
    if (head === null) return false;
    this.#waits = false;
    await this.#turn("fields" in head && hasToken(head));
    if (this.#socket.closed) return false;
    const goesOn = "status" in head ? await this.#refuse(head) : await this.#answer(head, last);
    if (!goesOn || this.#draining) {
      await this.#linger();
      return false;
    }
    this.#parser.next();
    this.#waits = true;
    this.#place.enter("idle", this.#context.limits.idleMs);
    return true;
  }

  /** The head of the next request, or why it is refused; `null` if none will come. */
  async #nextHead(): Promise<RequestHead | Rejection | null> {
    const parser = this.#parser;
    while (parser.head === null && parser.rejection === null) {
      if (!await this.#reader.more()) return null;
      if (this.#place.phase === "idle") this.#place.enter("head", this.#context.limits.headMs);
    }
    return parser.rejection ?? parser.head;
  }

  /** Waits until it is this request's turn; a client that has shown a valid token need not wait. */
  async #turn(withToken: boolean): Promise<void> {
    if (this.#place.trusted) return;
    const turn = this.#context.turns.begin(this.#place.source.name, withToken);
    if (turn === null) return;
    this.#place.enter(withToken ? "handling" : "queued");
    await turn;
  }

  async #answer(head: RequestHead, last: boolean): Promise<boolean> {
    this.#place.enter("handling");
    const body = new RequestBody(this.#parser, this.#reader, {
      wanted: () => this.#bodyWanted(head),
      over: () => this.#place.enter("handling"),
    });
    // Notices a client that goes away; reads a body only when the application wants it.
    if (this.#parser.ended) this.#reader.readAhead();
    const response = await this.#handle(head, body);
    body.detach();
    const keepAlive = head.keepAlive && this.#parser.ended && !last && !this.#draining;
    return await writeResponse(response, head, keepAlive, this);
  }

  async #handle({ method, url, fields }: RequestHead, body: RequestBody): Promise<Response> {
    const { handler, failed } = this.#context;
    try {
      const withoutBody = method === "GET" || method === "HEAD";
      const request = new Request(url, {
        method,
        headers: fields,
        ...(withoutBody ? {} : { body: body.init() }),
      });
      return await handler(request, this.#client);
    } catch (error) {
      failed(error);
      return rejectionResponse(rejection(500, "The request could not be answered"));
    }
  }

  async #bodyWanted({ expectsContinue }: RequestHead): Promise<void> {
    if (expectsContinue && !this.#parser.bodyBegun) await this.write(CONTINUE);
    this.#place.enter("body", this.#context.limits.bodyMs);
  }

  async #refuse(why: Rejection): Promise<false> {
    await writeResponse(rejectionResponse(why), { method: "GET", version: "1.1" }, false, this);
    return false;
  }

  /**
   * Closes such that the client sees the answer: it continues to read, so that the kernel sends no reset (RFC 9112
   * section 9.6).
   */
  async #linger(): Promise<void> {
    this.#place.enter("lingering", this.#context.limits.lingerMs);
    await this.#socket.finish();
    await this.#reader.discard(LINGER_OCTETS);
  }
}

function hasToken({ fields }: RequestHead): boolean {
  return fields.some(([name]) => name.toLowerCase() === "authorization");
}

/** How much more the server reads of a request that is answered already. */
const LINGER_OCTETS = 256 * 1024;
