/**
 * Requests that the server refuses by itself, before the application sees them.
 *
 * @module
 */

import { reasonPhrase } from "../../../api/reason_phrases.ts";

/** Why the application does not get a request. The connection ends after the answer. */
export interface Rejection {
  readonly status: 400 | 408 | 413 | 417 | 431 | 500 | 501 | 505;
  /** The problem of the request, for a person. */
  readonly detail: string;
}

export function rejection(status: Rejection["status"], detail: string): Rejection {
  return { status, detail };
}

/** The shortest problem document (RFC 9457). */
export function rejectionResponse({ status, detail }: Rejection): Response {
  const document = { type: "about:blank", title: reasonPhrase(status), status, detail };
  return new Response(`${JSON.stringify(document, null, 2)}\n`, {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}
