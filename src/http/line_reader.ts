/**
 * Lines off octets that come in pieces of any size; each octet is copied and decoded once.
 *
 * @module
 */

import { HttpSyntaxError } from "./syntax_error.ts";

const LINE_FEED = 0x0a;
/** One character an octet, up to 0x7f those of ASCII. */
const DECODER = new TextDecoder("latin1");

export interface LineLimits {
  /** Octets of one line. */
  readonly lineOctets: number;
  /** Octets of all lines together. */
  readonly allOctets: number;
  /** What is said of more. */
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

  /** The first characters of the line that is not complete, without its end. */
  beginning(characters: number): string {
    const octets = this.#partial.subarray(0, Math.min(this.#partialOctets, characters));
    return DECODER.decode(octets);
  }

  /**
   * Takes one line, or as much of it as has come.
   *
   * @returns the line without its end, which is LF or CRLF, and what comes after it; `null` while it is not complete.
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
    const line = this.#partialOctets === 0 ? DECODER.decode(piece) : this.#complete(piece);
    return { line: line.endsWith("\r") ? line.slice(0, -1) : line, rest: octets.subarray(end + 1) };
  }

  #complete(piece: Uint8Array): string {
    this.#keep(piece);
    const line = DECODER.decode(this.#partial.subarray(0, this.#partialOctets));
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
