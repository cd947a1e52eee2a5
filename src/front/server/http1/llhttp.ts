/**
 * The parser of HTTP/1 that Node.js uses, as the WebAssembly that undici carries, in its strict mode.
 *
 * Checks: methods, versions, field syntax, line ends (no bare CR or LF, no folding), Content-Length and
 * Transfer-Encoding and their conflicts, chunked bodies. Does not check: Host, the transfer coding's name beyond its
 * last word, the target beyond its characters, any amount. {@link RequestParser} does.
 *
 * @module
 */

import { LLHTTP_WASM } from "./llhttp_wasm.ts";

/** The beginning of a request (RFC 9112 section 3), without its target. */
export interface RequestLine {
  readonly method: string;
  readonly major: number;
  readonly minor: number;
  /** Whether the connection may continue after this request (RFC 9112 section 9.3). */
  readonly keepAlive: boolean;
}

/**
 * The parser calls these in the order of the request. Texts are Latin-1 and may come in parts. `false` ends the
 * parsing: the rest of this connection cannot be parsed.
 */
export interface ParserEvents {
  target(part: string): boolean;
  fieldName(part: string): boolean;
  fieldValue(part: string): boolean;
  head(line: RequestLine): boolean;
  content(octets: Uint8Array<ArrayBuffer>): boolean;
  end(): void;
}

export type Parsed =
  /** The parser took all octets and needs more. */
  | { readonly kind: "more" }
  /** The request has ended after this many octets; the others belong to the next. */
  | { readonly kind: "ended"; readonly taken: number }
  /** Not HTTP/1, or an event returned `false`. `code` is a name of llhttp, such as `HPE_INVALID_METHOD`. */
  | { readonly kind: "error"; readonly code: string; readonly reason: string };

/** Most octets for one call. */
export const PARSE_OCTETS = 4096;

/** llhttp.h: HTTP_REQUEST, and the codes that callbacks and llhttp_execute() return. */
const HTTP_REQUEST = 1;
const HPE_OK = 0;
const HPE_PAUSED = 21;
const HPE_PAUSED_UPGRADE = 22;
const HPE_USER = 24;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  malloc(octets: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, at: number, octets: number): number;
  llhttp_resume(parser: number): void;
  llhttp_resume_after_upgrade(parser: number): void;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
  llhttp_errno_name(code: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_method_name(method: number): number;
  llhttp_get_http_major(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
}

/** One instance with one input buffer serves all parsers, because nothing interrupts parsing. */
class Library {
  readonly exports: Exports;
  readonly #input: number;
  /** Of the parser that runs. */
  #events: ParserEvents | null = null;
  #heap: Uint8Array<ArrayBuffer>;
  /** The input as Latin-1, made for the first text. */
  #text: string | null = null;
  #length = 0;

  constructor() {
    const go = (on: boolean) => on ? HPE_OK : HPE_USER;
    const span = (event: "target" | "fieldName" | "fieldValue") =>
    (
      _parser: number,
      at: number,
      octets: number,
    ) => go(this.#events![event](this.#textAt(at, octets)));
    const env = {
      wasm_on_message_begin: () => HPE_OK,
      wasm_on_status: () => HPE_OK,
      wasm_on_url: span("target"),
      wasm_on_header_field: span("fieldName"),
      wasm_on_header_value: span("fieldValue"),
      wasm_on_headers_complete: (
        parser: number,
        _status: number,
        _upgrade: number,
        keepAlive: number,
      ) => go(this.#events!.head(this.#line(parser, keepAlive === 1))),
      wasm_on_body: (_parser: number, at: number, octets: number) =>
        go(this.#events!.content(this.#heap.slice(at, at + octets))),
      wasm_on_message_complete: () => {
        this.#events!.end();
        return HPE_PAUSED;
      },
    };
    const module = new WebAssembly.Module(Uint8Array.fromBase64(LLHTTP_WASM));
    const { exports } = new WebAssembly.Instance(module, { env });
    // The names and types of llhttp.h, which WebAssembly does not carry.
    this.exports = exports as unknown as Exports;
    this.exports._initialize();
    this.#input = this.exports.malloc(PARSE_OCTETS);
    this.#heap = this.#view();
  }

  execute(parser: number, octets: Uint8Array, events: ParserEvents): Parsed {
    // A memory that has grown has a new buffer.
    if (this.#heap.buffer !== this.exports.memory.buffer) this.#heap = this.#view();
    this.#heap.set(octets, this.#input);
    this.#events = events;
    this.#text = null;
    this.#length = octets.length;
    try {
      return this.#run(parser, 0);
    } finally {
      this.#events = null;
    }
  }

  #run(parser: number, from: number): Parsed {
    const { exports } = this;
    const code = exports.llhttp_execute(parser, this.#input + from, this.#length - from);
    if (code === HPE_OK) return { kind: "more" };
    const taken = exports.llhttp_get_error_pos(parser) - this.#input;
    if (code === HPE_PAUSED) {
      exports.llhttp_resume(parser);
      return { kind: "ended", taken };
    }
    if (code === HPE_PAUSED_UPGRADE) {
      // The server ignores an Upgrade that it does not support (RFC 9110 section 7.8).
      exports.llhttp_resume_after_upgrade(parser);
      return this.#run(parser, taken);
    }
    const reason = this.#name(exports.llhttp_get_error_reason(parser));
    return { kind: "error", code: this.#name(exports.llhttp_errno_name(code)), reason };
  }

  #line(parser: number, keepAlive: boolean): RequestLine {
    const { exports } = this;
    return {
      method: this.#name(exports.llhttp_method_name(exports.llhttp_get_method(parser))),
      major: exports.llhttp_get_http_major(parser),
      minor: exports.llhttp_get_http_minor(parser),
      keepAlive,
    };
  }

  #textAt(at: number, octets: number): string {
    this.#text ??= latin1(this.#heap.subarray(this.#input, this.#input + this.#length));
    return this.#text.substring(at - this.#input, at - this.#input + octets);
  }

  /** A C string. */
  #name(at: number): string {
    return latin1(this.#heap.subarray(at, this.#heap.indexOf(0, at)));
  }

  #view(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer);
  }
}

let library: Library | null = null;

/** The parser of one connection. It occupies memory of the library until it is closed. */
export class LlhttpParser {
  readonly #library: Library;
  readonly #events: ParserEvents;
  #parser: number;

  constructor(events: ParserEvents) {
    this.#library = library ??= new Library();
    this.#events = events;
    this.#parser = this.#library.exports.llhttp_alloc(HTTP_REQUEST);
  }

  /** Parses octets of the connection, at most {@link PARSE_OCTETS}, up to the end of a request. */
  parse(octets: Uint8Array): Parsed {
    return this.#library.execute(this.#parser, octets, this.#events);
  }

  close(): void {
    if (this.#parser !== 0) this.#library.exports.llhttp_free(this.#parser);
    this.#parser = 0;
  }
}

function latin1(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
