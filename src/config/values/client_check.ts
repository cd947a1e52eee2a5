/**
 * An instance's `client_check`, as the file writes it in short, and the parts of an HTTP request in the mapping.
 *
 * @module
 */

import type { ClientQuestion } from "../model.ts";
import { failed, ok, quote, type Result } from "./result.ts";

const HINT = "write auto, off, tcp:443, http:80, https:443, or a mapping with type and port";

/** `auto`, `off`, or protocol and port: `tcp:443`. */
export function readClientCheck(text: string): Result<"auto" | "off" | ClientQuestion> {
  if (text === "auto" || text === "off") return ok(text);
  const [, type, digits] = /^(tcp|http|https):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (type === undefined || port < 1 || port > 65_535) {
    return failed("invalid_client_check", `${quote(text)} is no question of a client`, HINT);
  }
  return ok({ type: type as ClientQuestion["type"], port, path: "/" });
}

/** Path and query of a request: `/health?deep=1`. */
export function readRequestPath(text: string): Result<string> {
  if (/^\/[\x21-\x7e]{0,1000}$/.test(text)) return ok(text);
  return failed(
    "invalid_client_check",
    `${quote(text)} is no path of a request`,
    "write a path that begins with /, in printable ASCII without blanks",
  );
}

/** The value of a Host header: a name, with a port if it has one. */
export function readHostHeader(text: string): Result<string> {
  if (/^[\x21-\x7e]{1,255}$/.test(text)) return ok(text);
  return failed(
    "invalid_client_check",
    `${quote(text)} is no name of a host`,
    "write a name such as www.example.com",
  );
}
