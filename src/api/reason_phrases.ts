/**
 * Reason phrases of HTTP.
 *
 * @module
 */

/** Of the statuses that the API and its server answer with (RFC 9110 section 15, RFC 6585). */
const REASON_PHRASES = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
} as const satisfies Readonly<Record<number, string>>;

/** A status that has a phrase here. */
export type KnownStatus = keyof typeof REASON_PHRASES;

export function reasonPhrase(status: KnownStatus): string;
export function reasonPhrase(status: number): string | undefined;
export function reasonPhrase(status: number): string | undefined {
  return (REASON_PHRASES as Readonly<Record<number, string>>)[status];
}
