/**
 * Reads an HTTP/1.x response (RFC 9112) as it arrives: the status, and as much of the body as is wanted.
 *
 * @module
 */

import { concatenate } from "../../wire/octets.ts";

/** What cannot be part of an HTTP response, in words for a person. */
export class HttpSyntaxError extends SyntaxError {
  override readonly name = "HttpSyntaxError";
}

const HEAD_LIMIT_OCTETS = 64 * 1024;
/** A chunk's size line, extensions included. */
const CHUNK_LINE_LIMIT_OCTETS = 4096;

type BodyState =
  /** Until the connection closes, or so many octets. */
  | { readonly kind: "raw"; left: number }
  | { readonly kind: "chunk_size" }
  | { readonly kind: "chunk"; left: number }
  /** The line end after a chunk. */
  | { readonly kind: "chunk_end" }
  | { readonly kind: "done" };

/** Takes the octets of one response in pieces of any size. */
export class HttpResponseReader {
  #pending = new Uint8Array();
  #status: number | null = null;
  #body: BodyState = { kind: "done" };
  readonly #decoder = new TextDecoder();

  /** The status code of the final response; `null` until its head is complete. 1xx responses are passed over. */
  get status(): number | null {
    return this.#status;
  }

  /** True when the response is complete. A body without length or chunks ends with the connection. */
  get complete(): boolean {
    return this.#status !== null && this.#body.kind === "done";
  }

  /**
   * Takes the next octets.
   *
   * @returns the text of the body that they brought, read as UTF-8.
   * @throws {HttpSyntaxError} when this is no HTTP response.
   */
  push(octets: Uint8Array): string {
    this.#pending = concatenate([this.#pending, octets]);
    while (this.#status === null) {
      if (!this.#readHead()) return "";
    }
    return this.#readBody();
  }

  /** One head off the pending octets; false while it is incomplete. */
  #readHead(): boolean {
    const text = latin1(this.#pending);
    if (!"HTTP/1.".startsWith(text.slice(0, 7))) {
      const line = text.split(/[\r\n]/)[0]!.slice(0, 40);
      throw new HttpSyntaxError(`not an HTTP answer: ${JSON.stringify(line)}`);
    }
    const end = /\r?\n\r?\n/.exec(text);
    if (!end) {
      if (text.length > HEAD_LIMIT_OCTETS) throw new HttpSyntaxError("HTTP head does not end");
      return false;
    }
    this.#pending = this.#pending.subarray(end.index + end[0].length);
    const [statusLine, ...fields] = text.slice(0, end.index).split(/\r?\n/);
    const status = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(statusLine!)?.[1];
    if (status === undefined) {
      throw new HttpSyntaxError(`not an HTTP answer: ${JSON.stringify(statusLine!.slice(0, 40))}`);
    }
    // Interim responses come before the final one (RFC 9110 section 15.2).
    if (!status.startsWith("1")) {
      this.#status = Number(status);
      this.#body = bodyFraming(this.#status, fields);
    }
    return true;
  }

  #readBody(): string {
    let text = "";
    while (this.#pending.length > 0) {
      const body = this.#body;
      switch (body.kind) {
        case "done":
          return text;
        case "raw":
        case "chunk": {
          const taken = this.#pending.subarray(0, body.left);
          this.#pending = this.#pending.subarray(taken.length);
          body.left -= taken.length;
          text += this.#decoder.decode(taken, { stream: true });
          if (body.left === 0) {
            this.#body = { kind: body.kind === "chunk" ? "chunk_end" : "done" };
          }
          break;
        }
        case "chunk_end": {
          if (this.#takeLine() === null) return text;
          this.#body = { kind: "chunk_size" };
          break;
        }
        case "chunk_size": {
          const line = this.#takeLine();
          if (line === null) return text;
          const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(line)?.[1];
          if (size === undefined) throw new HttpSyntaxError("HTTP body has a malformed chunk");
          const left = parseInt(size, 16);
          // Trailers after the last chunk are of no interest.
          this.#body = left === 0 ? { kind: "done" } : { kind: "chunk", left };
          break;
        }
      }
    }
    return text;
  }

  /** One line off the pending octets, without its end; `null` while it is incomplete. */
  #takeLine(): string | null {
    const end = this.#pending.indexOf(0x0a);
    if (end < 0) {
      if (this.#pending.length > CHUNK_LINE_LIMIT_OCTETS) {
        throw new HttpSyntaxError("HTTP body has a malformed chunk");
      }
      return null;
    }
    const line = latin1(this.#pending.subarray(0, end)).replace(/\r$/, "");
    this.#pending = this.#pending.subarray(end + 1);
    return line;
  }
}

/** How the body is delimited (RFC 9112 section 6.3). */
function bodyFraming(status: number, fields: readonly string[]): BodyState {
  if (status === 204 || status === 304) return { kind: "done" };
  const value = (name: string) =>
    fields.find((field) => field.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1).trim().toLowerCase();
  if (value("transfer-encoding")?.endsWith("chunked")) return { kind: "chunk_size" };
  const length = value("content-length");
  if (length === undefined) return { kind: "raw", left: Infinity };
  if (!/^\d+$/.test(length)) throw new HttpSyntaxError("HTTP head has a malformed Content-Length");
  return Number(length) === 0 ? { kind: "done" } : { kind: "raw", left: Number(length) };
}

/** One character an octet, so that positions in the text are positions in the octets. */
function latin1(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}
