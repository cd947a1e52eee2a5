/**
 * Reads an HTTP/1.x response (RFC 9112) as it arrives, from a server that may send anything: every octet is looked at
 * once, and all that is not content is bounded.
 *
 * @module
 */

import { type Framing, HeadFields } from "./framing.ts";
import { LineReader } from "./line_reader.ts";
import { HttpSyntaxError } from "./syntax_error.ts";

/** Of all heads together. */
const HEAD_OCTETS = 64 * 1024;
/** Servers send one or two (100, 103). */
const INTERIM_HEADS = 5;
/** Of a chunk's size and extensions. */
const CHUNK_LINE_OCTETS = 4096;
/** Of all lines between chunks together. */
const CHUNK_LINES_OCTETS = 64 * 1024;
/** As much as is shown of a line that is no HTTP. */
const SHOWN_CHARACTERS = 40;

const BEGINNING = "HTTP/1.";

/** What the next octets are. */
type Part =
  | { readonly kind: "status_line" }
  | { readonly kind: "fields"; readonly status: number; readonly fields: HeadFields }
  | { readonly kind: "chunk"; left: number }
  | { readonly kind: "chunk_end" }
  | Framing;

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

  /** The status code of the final response; `null` until its status line is complete. Interim responses are passed over. */
  get status(): number | null {
    return this.#status;
  }

  /** True when the head of the final response is complete. */
  get headComplete(): boolean {
    return this.#headComplete;
  }

  /** True when the response is complete. A body without length or chunks ends with the connection. */
  get complete(): boolean {
    return this.#part.kind === "done";
  }

  /** How much of the body has come, without what delimits chunks. */
  get contentOctets(): number {
    return this.#contentOctets;
  }

  /**
   * Takes the next octets.
   *
   * @returns the text of the body that they brought, read as UTF-8.
   * @throws {HttpSyntaxError} when this is no HTTP response, or none that ends.
   */
  push(octets: Uint8Array): string {
    let text = "";
    let rest: Uint8Array | null = octets;
    while (rest !== null && rest.length > 0 && !this.complete) {
      const part = this.#part;
      if (part.kind === "content" || part.kind === "chunk") {
        const taken = rest.subarray(0, part.left);
        text += this.#takeContent(part, taken);
        rest = rest.subarray(taken.length);
      } else {
        rest = this.#takeLine(part, rest);
      }
    }
    return text;
  }

  /**
   * Takes the end of the connection.
   *
   * @throws {HttpSyntaxError} when the response is not complete.
   */
  end(): void {
    if (this.#status === null) throw new HttpSyntaxError("connection closed without an answer");
    const part = this.#part;
    if (part.kind === "content" && part.left === Infinity) this.#part = { kind: "done" };
    if (!this.complete) throw new HttpSyntaxError("connection closed within the answer");
  }

  #takeContent(
    part: { readonly kind: "content" | "chunk"; left: number },
    octets: Uint8Array,
  ): string {
    part.left -= octets.length;
    this.#contentOctets += octets.length;
    if (part.left === 0) this.#part = { kind: part.kind === "chunk" ? "chunk_end" : "done" };
    return this.#decoder.decode(octets, { stream: true });
  }

  /** What comes after the next line; `null` while it is not complete. */
  #takeLine(part: Part, octets: Uint8Array): Uint8Array | null {
    const ofHead = part.kind === "status_line" || part.kind === "fields";
    const taken = (ofHead ? this.#head : this.#chunkLines).take(octets);
    if (taken === null) {
      if (part.kind === "status_line") mustBegin(this.#head.beginning(SHOWN_CHARACTERS));
      return null;
    }
    this.#part = this.#after(part, taken.line);
    return taken.rest;
  }

  /** What comes after a line. */
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
        return part.fields.framing(part.status);
      }
      case "chunk_size": {
        const left = chunkSize(line);
        // Trailers after the last chunk are of no interest.
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

/** Interim responses come before the final one (RFC 9110 section 15.2); 101 is the last of HTTP. */
function isInterim(status: number): boolean {
  return status < 200 && status !== 101;
}

function statusOf(line: string): number {
  mustBegin(line);
  const status = /^HTTP\/1\.\d ([1-9]\d\d)(?: |$)/.exec(line)?.[1];
  if (status === undefined) throw notHttp(line);
  return Number(status);
}

/** Known from its first octets: who speaks another protocol may never end its line. */
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
