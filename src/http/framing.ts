/**
 * Finds the end of the body of an HTTP/1.x response (RFC 9112 section 6.3).
 *
 * @module
 */

import { HttpSyntaxError } from "./syntax_error.ts";

/** More than any server sends. */
const FIELD_LIMIT = 256;

/** How the reader reads a body, from its first octet. */
export type Framing =
  /** The number of octets; Infinity if the end of the connection ends it. */
  | { readonly kind: "content"; left: number }
  | { readonly kind: "chunk_size" }
  | { readonly kind: "done" };

/** The fields of one head. It keeps those that delimit the body, and the server's time. */
export class HeadFields {
  #count = 0;
  readonly #lengths: string[] = [];
  readonly #codings: string[] = [];
  #date: string | null = null;

  /** The text of Date (RFC 9110 section 6.6.1). */
  get date(): string | null {
    return this.#date;
  }

  /** @throws {HttpSyntaxError} if there are too many. */
  add(line: string): void {
    if (++this.#count > FIELD_LIMIT) {
      throw new HttpSyntaxError(`the HTTP head has more than ${FIELD_LIMIT} lines`);
    }
    const colon = line.indexOf(":");
    if (colon < 0) return;
    const values = () =>
      line.slice(colon + 1).split(",").map((value) => value.trim().toLowerCase());
    switch (line.slice(0, colon).toLowerCase()) {
      case "content-length":
        this.#lengths.push(...values());
        break;
      case "transfer-encoding":
        this.#codings.push(...values());
        break;
      case "date":
        this.#date = line.slice(colon + 1).trim();
    }
  }

  /** @throws {HttpSyntaxError} if the fields do not define the end of the body. */
  framing(status: number): Framing {
    // 101 has no body: another protocol follows it, which vipd did not ask for.
    if (status < 200 || status === 204 || status === 304) return { kind: "done" };
    if (this.#codings.at(-1) === "chunked") return { kind: "chunk_size" };
    const [length, ...others] = this.#lengths;
    if (length === undefined || this.#codings.length > 0) {
      return { kind: "content", left: Infinity };
    }
    if (!/^\d+$/.test(length) || others.some((other) => other !== length)) {
      throw new HttpSyntaxError("the HTTP head has a malformed Content-Length");
    }
    return Number(length) === 0 ? { kind: "done" } : { kind: "content", left: Number(length) };
  }
}
