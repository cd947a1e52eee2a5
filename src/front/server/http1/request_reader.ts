/**
 * Reads requests from a connection only as far as the server asks, but notices at any time if the client goes away.
 *
 * @module
 */

import type { Socket } from "../socket.ts";
import { PARSE_OCTETS } from "./llhttp.ts";
import type { RequestParser } from "./request_parser.ts";

/** How often the runtime checks its sockets until it knows of one that has ended. */
const LOOKS = 2;

export class RequestReader {
  readonly #socket: Socket;
  readonly #parser: RequestParser;
  readonly #buffer = new Uint8Array(PARSE_OCTETS);
  /** The part of the buffer that is not parsed yet. */
  #unread = this.#buffer.subarray(0, 0);
  #reading: Promise<void> | null = null;
  #gone = false;
  #whenGone = () => {};

  constructor(socket: Socket, parser: RequestParser) {
    this.#socket = socket;
    this.#parser = parser;
  }

  /** Parses the octets that have arrived, or that arrive next; false if none will come. */
  async more(): Promise<boolean> {
    this.readAhead();
    if (this.#reading !== null) await this.#reading;
    if (this.#unread.length === 0) return !this.#gone;
    this.#unread = this.#unread.subarray(this.#parser.feed(this.#unread));
    return true;
  }

  /** Reads without a request for it, to notice if the client goes away. */
  readAhead(): void {
    if (this.#unread.length > 0 || this.#gone) return;
    this.#reading ??= this.#read();
  }

  /** Sets the action for a client that goes away during a read ahead; one action at a time. */
  whenGone(act: () => void): void {
    this.#whenGone = act;
    if (this.#gone) act();
  }

  /**
   * Whether the client has closed its side by now. Its last octets and its close may have arrived together, so the
   * runtime checks once more.
   */
  async hasGone(): Promise<boolean> {
    this.readAhead();
    for (let look = 0; look < LOOKS && !this.#gone && this.#unread.length === 0; look++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return this.#gone;
  }

  /** Discards what comes, until nothing comes any more. */
  async discard(maxOctets: number): Promise<void> {
    for (let octets = 0; octets < maxOctets && !this.#gone;) {
      octets += this.#unread.length;
      this.#unread = this.#unread.subarray(this.#unread.length);
      this.readAhead();
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    const octets = await this.#socket.read(this.#buffer);
    this.#reading = null;
    if (octets !== null) {
      this.#unread = this.#buffer.subarray(0, octets);
      return;
    }
    this.#gone = true;
    this.#whenGone();
  }
}
