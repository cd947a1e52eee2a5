/**
 * Reads an HTTP/1.x response (RFC 9112) as it arrives, from a server that may send anything. It examines every octet
 * once, and bounds all that is not content.
 *
 * @module
 */

import { concatenate } from "../wire/octets.ts";
import { type Framing, HeadFields } from "./framing.ts";
import { LineReader } from "./line_reader.ts";
import { HttpSyntaxError } from "./syntax_error.ts";

/** Limit for all heads together. */
const HEAD_OCTETS = 64 * 1024;
/** Servers send one or two (100, 103). */
const INTERIM_HEADS = 5;
/** Limit for a chunk's size and extensions. */
const CHUNK_LINE_OCTETS = 4096;
/** Limit for all lines between chunks together. */
const CHUNK_LINES_OCTETS = 64 * 1024;
/** How much of a line that is no HTTP the error shows. */
const SHOWN_CHARACTERS = 40;

const BEGINNING = "HTTP/1.";

/** The meaning of the next octets. */
type Part =
  | { readonly kind: "status_line" }
  | { readonly kind: "fields"; readonly status: number; readonly fields: HeadFields }
  | { readonly kind: "chunk"; left: number }
  | { readonly kind: "chunk_end" }
  | Framing;

/** The result of pushing octets. */
export interface Pushed {
  /** The text of the body in these octets, read as UTF-8. */
  readonly text: string;
  /** Octets that this call did not take. */
  readonly rest: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Takes the octets of one response in pieces of any size. */
export class HttpResponseReader {
  #part: Part = { kind: "status_line" };
  #status: number | null = null;
  #headComplete = false;
  #interimHeads = 0;
  #contentOctets = 0;
  readonly #head = new LineReader({
    lineOctets: HEAD_OCTETS,
    allOctets: HEAD_OCTETS,
    excess: "the HTTP head does not end",
  });
  readonly #chunkLines = new LineReader({
    lineOctets: CHUNK_LINE_OCTETS,
    allOctets: CHUNK_LINES_OCTETS,
    excess: "the HTTP body has a malformed chunk",
  });
  readonly #decoder = new TextDecoder();
  #date: string | null = null;

  /** The status code of the final response; `null` until its status line is complete. Ignores interim responses. */
  get status(): number | null {
    return this.#status;
  }

  /** True if the head of the final response is complete. */
  get headComplete(): boolean {
    return this.#headComplete;
  }

  /** The text of the final response's Date; `null` until its head is complete, or if it has none. */
  get date(): string | null {
    return this.#date;
  }

  /** True if the response is complete. A body without length or chunks ends with the connection. */
  get complete(): boolean {
    return this.#part.kind === "done";
  }

  /** How much of the body has come, without the chunk delimiters. */
  get contentOctets(): number {
    return this.#contentOctets;
  }

  /**
   * Takes the next octets: those of the head and, in a separate call, those after it, so that a head counts whatever
   * comes after it.
   *
   * @throws {HttpSyntaxError} if this is no HTTP response, or none that ends.
   */
  push(octets: Uint8Array): Pushed {
    const ofHead = !this.#headComplete;
    const contents: Uint8Array[] = [];
    let rest = octets;
    while (rest.length > 0 && !this.complete && ofHead !== this.#headComplete) {
      const part = this.#part;
      if (part.kind === "content" || part.kind === "chunk") {
        const content = rest.subarray(0, part.left);
        contents.push(content);
        this.#count(part, content.length);
        rest = rest.subarray(content.length);
      } else {
        rest = this.#takeLine(part, rest);
      }
    }
    return { text: this.#decode(contents), rest: this.complete ? NOTHING : rest };
  }

  /**
   * Takes the end of the connection.
   *
   * @throws {HttpSyntaxError} if the response is not complete.
   */
  end(): void {
    if (this.#status === null) throw new HttpSyntaxError("connection closed without an answer");
    const part = this.#part;
    if (part.kind === "content" && part.left === Infinity) this.#part = { kind: "done" };
    if (!this.complete) throw new HttpSyntaxError("connection closed within the answer");
  }

  #count(part: { readonly kind: "content" | "chunk"; left: number }, octets: number): void {
    part.left -= octets;
    this.#contentOctets += octets;
    if (part.left === 0) this.#part = { kind: part.kind === "chunk" ? "chunk_end" : "done" };
  }

  #decode(contents: readonly Uint8Array[]): string {
    const [content = NOTHING, ...more] = contents;
    const whole = more.length === 0 ? content : concatenate(contents);
    return whole.length === 0 ? "" : this.#decoder.decode(whole, { stream: true });
  }

  /** Takes the next line, or the part of it that has come; returns the octets after it. */
  #takeLine(part: Part, octets: Uint8Array): Uint8Array {
    const ofHead = part.kind === "status_line" || part.kind === "fields";
    const taken = (ofHead ? this.#head : this.#chunkLines).take(octets);
    if (taken === null) {
      if (part.kind === "status_line") mustBegin(this.#head.beginning(SHOWN_CHARACTERS));
      return NOTHING;
    }
    this.#part = this.#after(part, taken.line);
    return taken.rest;
  }

  /** The part that follows a line. */
  #after(part: Part, line: string): Part {
    switch (part.kind) {
      case "status_line": {
        const status = statusOf(line);
        if (isInterim(status)) this.#countInterim();
        else this.#status = status;
        return { kind: "fields", status, fields: new HeadFields() };
      }
      case "fields": {
        if (line !== "") {
          part.fields.add(line);
          return part;
        }
        if (isInterim(part.status)) return { kind: "status_line" };
        this.#headComplete = true;
        this.#date = part.fields.date;
        return part.fields.framing(part.status);
      }
      case "chunk_size": {
        const left = chunkSize(line);
        // Ignores trailers after the last chunk.
        return left === 0 ? { kind: "done" } : { kind: "chunk", left };
      }
      default:
        return { kind: "chunk_size" };
    }
  }

  #countInterim(): void {
    if (++this.#interimHeads > INTERIM_HEADS) {
      throw new HttpSyntaxError(`more than ${INTERIM_HEADS} interim HTTP answers (1xx)`);
    }
  }
}

/** Interim responses precede the final one (RFC 9110 section 15.2); 101 is the last response of HTTP. */
function isInterim(status: number): boolean {
  return status < 200 && status !== 101;
}

function statusOf(line: string): number {
  mustBegin(line);
  const status = /^HTTP\/1\.\d ([1-9]\d\d)(?: |$)/.exec(line)?.[1];
  if (status === undefined) throw notHttp(line);
  return Number(status);
}

/** Checks the first octets, because a server that uses another protocol may never end its line. */
function mustBegin(line: string): void {
  if (!BEGINNING.startsWith(line.slice(0, BEGINNING.length))) throw notHttp(line);
}

function notHttp(line: string): HttpSyntaxError {
  const shown = line.split("\r")[0]!.slice(0, SHOWN_CHARACTERS);
  return new HttpSyntaxError(`not an HTTP answer: ${JSON.stringify(shown)}`);
}

function chunkSize(line: string): number {
  const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(line)?.[1];
  if (size === undefined) throw new HttpSyntaxError("the HTTP body has a malformed chunk");
  return parseInt(size, 16);
}
