/**
 * Names and paths that a rehearsal asks for.
 *
 * @module
 */

import { failed, ok, quote, type Result } from "./result.ts";

const NAME =
  /^(?=.{1,253}(?::|$))[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*(?::(?<port>\d{1,5}))?$/;

/** `www.example.com`, `www.example.com:8443`; in small letters. */
export function readRehearsedName(text: string): Result<string> {
  const name = text.toLowerCase();
  const found = NAME.exec(name);
  const port = Number(found?.groups?.["port"] ?? 443);
  if (found && port >= 1 && port <= 65535) return ok(name);
  return failed(
    "invalid_name",
    `${quote(text)} is no name of a host`,
    "write a name such as www.example.com, or www.example.com:8443",
  );
}

/** Path and query, as they stand in a request. */
export function readRehearsedPath(text: string): Result<string> {
  if (/^\/[\x21-\x7e]{0,1000}$/.test(text)) return ok(text);
  return failed(
    "invalid_path",
    `${quote(text)} is no path of a URL`,
    "write a path that begins with /, such as /health",
  );
}
