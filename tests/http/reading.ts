/**
 * Helper of tests that read a response from octets.
 *
 * @module
 */

import type { HttpResponseReader } from "../../src/http/response.ts";

/** Gives all of `octets` to the reader; the text of the body that they brought. */
export function pushAll(reader: HttpResponseReader, octets: Uint8Array): string {
  let text = "";
  let rest = octets;
  do {
    const pushed = reader.push(rest);
    text += pushed.text;
    rest = pushed.rest;
  } while (rest.length > 0);
  return text;
}
