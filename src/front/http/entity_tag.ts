/**
 * Entity tags (RFC 9110 section 8.8.3): a client that has an answer already gets no body again.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** The tag of a content; weak if the answer may differ in what does not matter. */
export function entityTag(content: string, strength: "strong" | "weak" = "strong"): string {
  const tag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  return strength === "weak" ? `W/${tag}` : tag;
}

/** The response with its tag; 304 without a body if the request's If-None-Match has it (section 13.1.2). */
export function tagged(response: Response, tag: string, ifNoneMatch: string | undefined): Response {
  response.headers.set("etag", tag);
  if (!matches(tag, ifNoneMatch)) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-type");
  return new Response(null, { status: 304, headers });
}

/** The weak comparison of section 8.8.3.2. */
function matches(tag: string, ifNoneMatch: string | undefined): boolean {
  const wanted = (ifNoneMatch ?? "").split(",").map((part) => part.trim().replace(/^W\//, ""));
  return wanted.includes("*") || wanted.includes(tag.replace(/^W\//, ""));
}
