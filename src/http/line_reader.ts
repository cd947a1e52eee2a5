/**
 * Reads lines from octets that come in pieces of any size. It copies and decodes each octet once.
 *
 * @module
 */

import { HttpSyntaxError } from "./syntax_error.ts";

const LINE_FEED = 0x0a;
const DECODER = new TextDecoder("latin1");
/** Up to this length a decoder takes longer than converting the characters one by one. */
const SHORT_OCTETS = 32;

export interface LineLimits {
  /** Octets of one line. */
  readonly lineOctets: number;
  /** Octets of all lines together. */
  readonly allOctets: number;
  /** The error's message for more. */
  readonly excess: string;
}

export class LineReader {
  readonly #limits: LineLimits;
  /** The beginning of a line whose end has not come. */
  #partial = new Uint8Array(256);
  #partialOctets = 0;
  #allOctets = 0;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  /** The first characters of the incomplete line, without its end. */
  beginning(characters: number): string {
    const octets = this.#partial.subarray(0, Math.min(this.#partialOctets, characters));
    return textOf(octets);
  }

  /**
   * Takes one line, or the part of it that has come.
   *
   * @returns the line without its end, which is LF or CRLF, and the octets after it; `null` while it is not complete.
   * @throws {HttpSyntaxError} beyond the limits.
   */
  take(octets: Uint8Array): { readonly line: string; readonly rest: Uint8Array } | null {
    const end = octets.indexOf(LINE_FEED);
    const length = end < 0 ? octets.length : end;
    this.#allOctets += end < 0 ? length : length + 1;
    const { lineOctets, allOctets, excess } = this.#limits;
    if (this.#partialOctets + length > lineOctets || this.#allOctets > allOctets) {
      throw new HttpSyntaxError(excess);
    }
    const piece = octets.subarray(0, length);
    if (end < 0) {
      this.#keep(piece);
      return null;
    }
    const line = this.#partialOctets === 0 ? textOf(piece) : this.#complete(piece);
    return { line: line.endsWith("\r") ? line.slice(0, -1) : line, rest: octets.subarray(end + 1) };
  }

  #complete(piece: Uint8Array): string {
    this.#keep(piece);
    const line = textOf(this.#partial.subarray(0, this.#partialOctets));
    this.#partialOctets = 0;
    return line;
  }

  #keep(piece: Uint8Array): void {
    const needed = this.#partialOctets + piece.length;
    if (needed > this.#partial.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#partial.length));
      larger.set(this.#partial.subarray(0, this.#partialOctets));
      this.#partial = larger;
    }
    this.#partial.set(piece, this.#partialOctets);
    this.#partialOctets = needed;
  }
}

/** One character for each octet, up to 0x7f those of ASCII. */
function textOf(octets: Uint8Array): string {
  return octets.length <= SHORT_OCTETS ? String.fromCharCode(...octets) : DECODER.decode(octets);
}
