/**
 * Entity tags (RFC 9110 section 8.8.3): a client that has an answer already gets no body again.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { jsonText, jsonTextResponse } from "../../api/problem.ts";

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

/** JSON with its tag: that of every octet; or a weak one of `fingerprint`, if more than that may differ. */
export function taggedJson(
  value: unknown,
  ifNoneMatch: string | undefined,
  fingerprint?: string,
): Response {
  const text = jsonText(value);
  const tag = fingerprint === undefined ? entityTag(text) : entityTag(fingerprint, "weak");
  return tagged(jsonTextResponse(text), tag, ifNoneMatch);
}

/** The weak comparison of section 8.8.3.2. */
function matches(tag: string, ifNoneMatch: string | undefined): boolean {
  const wanted = (ifNoneMatch ?? "").split(",").map((part) => part.trim().replace(/^W\//, ""));
  return wanted.includes("*") || wanted.includes(tag.replace(/^W\//, ""));
}
