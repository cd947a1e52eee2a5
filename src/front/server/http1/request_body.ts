/**
 * The body of a request, read from the connection as the application asks for it.
 *
 * @module
 */

import type { RequestParser } from "./request_parser.ts";
import type { RequestReader } from "./request_reader.ts";

/** The connection's reactions. */
export interface BodyHooks {
  /** The application wants the body: allows a client that waits for that to send it. */
  wanted(): Promise<void>;
  /** The body has ended, or broken off. */
  over(): void;
}

export class RequestBody {
  readonly #parser: RequestParser;
  readonly #reader: RequestReader;
  readonly #hooks: BodyHooks;
  #begun = false;
  #open = true;

  constructor(parser: RequestParser, reader: RequestReader, hooks: BodyHooks) {
    this.#parser = parser;
    this.#reader = reader;
    this.#hooks = hooks;
  }

  /** For a `Request`: `null` if there is no body, octets if all of it has come, a stream otherwise. */
  init(): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#parser.ended) return this.#whole();
    return new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.detach(),
    }, { highWaterMark: 0 });
  }

  /** Stops reading for the application, because it has answered. */
  detach(): void {
    this.#open = false;
  }

  #whole(): Uint8Array<ArrayBuffer> | null {
    const first = this.#parser.takeContent();
    if (first === null) return null;
    const octets = [...first];
    for (let next = this.#parser.takeContent(); next; next = this.#parser.takeContent()) {
      octets.push(...next);
    }
    return Uint8Array.from(octets);
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    if (!this.#begun) await this.#hooks.wanted();
    this.#begun = true;
    const content = await this.#next();
    if (content instanceof Uint8Array) return controller.enqueue(content);
    if (this.#open) this.#hooks.over();
    if (content === "end") controller.close();
    else controller.error(new Error("The body broke off"));
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | "end" | "broken off"> {
    while (this.#open) {
      const content = this.#parser.takeContent();
      if (content !== null) return content;
      if (this.#parser.ended) return "end";
      if (this.#parser.rejection !== null || !await this.#reader.more()) break;
    }
    return "broken off";
  }
}
