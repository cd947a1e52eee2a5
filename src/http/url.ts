/**
 * Interprets a URL for a request.
 *
 * @module
 */

import type { Destination } from "../runtime/connection.ts";

/** The server that an http or https URL names. */
export function destinationOf(
  url: URL,
  tls: { readonly name?: string; readonly caCerts?: readonly string[] } = {},
): Destination {
  const secure = url.protocol === "https:";
  const host = withoutBrackets(url.hostname);
  return {
    kind: "tcp",
    host,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    tls: secure ? { name: host, ...tls } : null,
  };
}

/** `[::1]` without its brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
