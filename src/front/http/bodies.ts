/**
 * Request bodies: read within bounds of size and time, and checked strictly.
 *
 * @module
 */

import type * as z from "zod";
import { type BodyError, Problem } from "../../api/problem.ts";
import { within } from "../../runtime/waiting.ts";

/** Largest body that the server reads, in octets. */
const BODY_MAX_OCTETS = 16 * 1024;
/** How long a body may take to arrive. */
const BODY_TIMEOUT_MS = 5000;

/**
 * The body of `request` in the form of `schema`; an absent body counts as `{}`. Throws the problems `content_type`,
 * `body_too_large`, `body_timeout`, `json_invalid`, `body_unknown_key` and `body_invalid`.
 */
export async function readBody<T>(
  request: Request,
  schema: z.ZodType<T>,
  timeoutMs = BODY_TIMEOUT_MS,
): Promise<T> {
  const text = await readText(request, timeoutMs);
  if (text.trim() !== "") requireJson(request.headers.get("content-type"));
  const parsed = schema.safeParse(parseJson(text), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw bodyProblem(parsed.error.issues);
}

function requireJson(contentType: string | null): void {
  if (/^application\/json\s*(;|$)/i.test(contentType?.trim() ?? "")) return;
  throw new Problem(
    "content_type",
    "The body must be JSON and say so: send the header 'Content-Type: application/json'",
    { headers: { accept: "application/json" } },
  );
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem("json_invalid", `The body is not JSON: ${(error as SyntaxError).message}`);
  }
}

/** Gives up on a body that grows too large or does not end; leaves the unread rest to the server. */
async function readText(request: Request, timeoutMs: number): Promise<string> {
  if (!request.body) return "";
  const tooLarge = new Problem(
    "body_too_large",
    `The body is larger than ${BODY_MAX_OCTETS} octets`,
  );
  if (Number(request.headers.get("content-length") ?? 0) > BODY_MAX_OCTETS) throw tooLarge;
  const reader = request.body.getReader();
  const late = () => new Problem("body_timeout", `The body did not arrive within ${timeoutMs} ms`);
  try {
    return await within(collect(reader, tooLarge), timeoutMs, late);
  } finally {
    // Not awaited, because cancelling waits for a sender that may never send again.
    reader.cancel().catch(() => {});
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  tooLarge: Problem,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let octets = 0;
  while (true) {
    const { done, value } = await reader.read().catch(brokenOff);
    if (done) return text + decoder.decode();
    octets += value.byteLength;
    if (octets > BODY_MAX_OCTETS) throw tooLarge;
    text += decoder.decode(value, { stream: true });
  }
}

function brokenOff(): never {
  throw new Problem("body_invalid", "The body broke off before its end");
}

function bodyProblem(issues: readonly z.core.$ZodIssue[]): Problem {
  const unknown = issues.find((issue) => issue.code === "unrecognized_keys");
  const errors = issues.flatMap(describeIssue);
  const detail = `The body is not understood: ${
    errors.map(({ pointer, detail }) => pointer === "" ? detail : `${pointer} ${detail}`).join("; ")
  }`;
  return new Problem(unknown ? "body_unknown_key" : "body_invalid", detail, { errors });
}

/** vipd's own words for zod's issues. */
function describeIssue(issue: z.core.$ZodIssue): BodyError[] {
  const pointer = jsonPointer(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: jsonPointer([...issue.path, key]),
      detail: "is not a key of this call",
    }));
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ pointer, detail: "is missing" }];
  }
  if (pointer === "" && issue.code === "invalid_type") {
    return [{ pointer, detail: "it must be a JSON object" }];
  }
  if (issue.code === "invalid_union") {
    return [{ pointer, detail: 'must be a duration such as "90s", "10m" or "2h"' }];
  }
  return [{ pointer, detail: issue.message }];
}

/** RFC 6901 section 3: `~` and `/` inside a key are escaped. */
function jsonPointer(path: readonly PropertyKey[]): string {
  const escaped = path.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1"));
  return escaped.map((key) => `/${key}`).join("");
}
