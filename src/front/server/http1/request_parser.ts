/**
 * Parses octets into requests, in sequence, within limits.
 *
 * @module
 */

import type { HttpLimits } from "../limits.ts";
import { LlhttpParser, PARSE_OCTETS, type ParserEvents, type RequestLine } from "./llhttp.ts";
import { type Rejection, rejection } from "./rejection.ts";
import { type HeaderField, type RequestHead, requestHead } from "./request_head.ts";
import type { Endpoint } from "./request_target.ts";

type ParserLimits = Pick<
  HttpLimits,
  "headOctets" | "headFields" | "bodyOctets" | "chunkingOctets"
>;

/** The requests of one connection. Holds one request at a time: feed, take its parts, {@link RequestParser.next}. */
export class RequestParser {
  readonly #limits: ParserLimits;
  readonly #endpoint: Endpoint;
  readonly #parser: LlhttpParser;
  #closed = false;
  #head: RequestHead | null = null;
  #rejection: Rejection | null = null;
  #ended = false;
  #target = "";
  #fields: HeaderField[] = [];
  #inValue = false;
  #content: Uint8Array<ArrayBuffer>[] = [];
  /** Octets of the present request, of its head or its body. */
  #octets = 0;
  #contentOctets = 0;

  constructor(limits: ParserLimits, endpoint: Endpoint) {
    this.#limits = limits;
    this.#endpoint = endpoint;
    this.#parser = new LlhttpParser(this.#events());
  }

  /** The request's head; `null` until it is complete. */
  get head(): RequestHead | null {
    return this.#head;
  }

  /** Why the rest of the connection cannot be parsed. */
  get rejection(): Rejection | null {
    return this.#rejection;
  }

  /** Whether the last octet of the request has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether any part of the body has arrived. */
  get bodyBegun(): boolean {
    return this.#ended || this.#contentOctets > 0;
  }

  /** Takes octets up to the end of the request; returns how many it has taken. */
  feed(octets: Uint8Array): number {
    if (this.#closed || this.#ended || this.#rejection !== null) return 0;
    const piece = octets.subarray(0, PARSE_OCTETS);
    const parsed = this.#parser.parse(piece);
    const taken = parsed.kind === "ended" ? parsed.taken : piece.length;
    this.#octets += taken;
    if (parsed.kind === "error") this.#rejection ??= syntaxRejection(parsed.code, parsed.reason);
    else this.#rejection ??= this.#excess();
    this.#ended = parsed.kind === "ended" && this.#rejection === null;
    return taken;
  }

  /** The next part of the body that has arrived. */
  takeContent(): Uint8Array<ArrayBuffer> | null {
    return this.#content.shift() ?? null;
  }

  /** Begins the next request, after the present one has ended. */
  next(): void {
    this.#head = null;
    this.#ended = false;
    this.#target = "";
    this.#fields = [];
    this.#content = [];
    this.#octets = 0;
    this.#contentOctets = 0;
  }

  close(): void {
    this.#closed = true;
    this.#parser.close();
  }

  #events(): ParserEvents {
    return {
      target: (part) => {
        this.#target += part;
        return true;
      },
      fieldName: (part) => {
        if (this.#inValue || this.#fields.length === 0) this.#fields.push([part, ""]);
        else this.#fields.at(-1)![0] += part;
        this.#inValue = false;
        return this.#fields.length <= this.#limits.headFields || this.#refuse(TOO_MANY_FIELDS);
      },
      fieldValue: (part) => {
        this.#fields.at(-1)![1] += part;
        this.#inValue = true;
        return true;
      },
      head: (line) => this.#headEnds(line),
      content: (octets) => {
        // The library counts trailers separately.
        this.#contentOctets += octets.length;
        this.#content.push(octets);
        return true;
      },
      end: () => {},
    };
  }

  #headEnds(line: RequestLine): boolean {
    const head = requestHead(line, this.#target, this.#fields, this.#endpoint);
    this.#fields = [];
    this.#inValue = false;
    if ("status" in head) return this.#refuse(head);
    this.#head = head;
    // From here on the counter counts the body, and the rest of the same read.
    this.#octets = -PARSE_OCTETS;
    return true;
  }

  #refuse(why: Rejection): false {
    this.#rejection = why;
    return false;
  }

  /** The part of the request that exceeds its limit. */
  #excess(): Rejection | null {
    const { headOctets, bodyOctets, chunkingOctets } = this.#limits;
    if (this.#head === null) {
      return this.#octets > headOctets
        ? rejection(431, "The head of the request is too long")
        : null;
    }
    if (this.#contentOctets > bodyOctets) return rejection(413, "The body is too long");
    return this.#octets - this.#contentOctets > chunkingOctets
      ? rejection(413, "The body has too much next to its content")
      : null;
  }
}

const TOO_MANY_FIELDS = rejection(431, "The request has too many header fields");

function syntaxRejection(code: string, reason: string): Rejection {
  if (code === "HPE_PAUSED_H2_UPGRADE" || reason === "Invalid HTTP version") {
    return rejection(505, "This server speaks HTTP/1.1");
  }
  return rejection(400, `This is not HTTP/1.1: ${reason}`);
}
