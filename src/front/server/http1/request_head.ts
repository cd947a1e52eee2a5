/**
 * The server's requirements for a request's head beyond the grammar (RFC 9110, RFC 9112).
 *
 * @module
 */

import type { RequestLine } from "./llhttp.ts";
import { type Rejection, rejection } from "./rejection.ts";
import { type Endpoint, requestUrl } from "./request_target.ts";

export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly version: "1.0" | "1.1";
  /** Names as they were sent, values without surrounding blanks. */
  readonly fields: readonly HeaderField[];
  /** Whether the client keeps the connection open after the answer. */
  readonly keepAlive: boolean;
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1). */
  readonly expectsContinue: boolean;
}

export type HeaderField = [name: string, value: string];

/** The methods that a `Request` can have and an application may know. Others, TRACE and CONNECT too, are unknown. */
const METHODS: ReadonlySet<string> = new Set(
  ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
);

/** The head of a parsed request, or why it is refused. */
export function requestHead(
  line: RequestLine,
  target: string,
  fields: readonly HeaderField[],
  endpoint: Endpoint,
): RequestHead | Rejection {
  if (line.major !== 1) return rejection(505, "This server speaks HTTP/1.1");
  if (!METHODS.has(line.method)) {
    return rejection(501, `This server does not know the method ${line.method}`);
  }
  const version = line.minor === 0 ? "1.0" : "1.1";
  const values = singleFields(fields);
  const wrong = framingProblem(values, version) ?? hostProblem(values, version);
  if (wrong !== null) return rejection(wrong.status, wrong.detail);
  const expect = version === "1.1" ? values.expect?.[0]?.toLowerCase() : undefined;
  if (expect !== undefined && expect !== "100-continue") {
    return rejection(417, "This server knows no expectation but 100-continue");
  }
  const url = requestUrl(target, values.host?.[0], endpoint);
  if (url === null) return rejection(400, "The target and Host of the request make no URL");
  const { method, keepAlive } = line;
  return { method, url, version, fields, keepAlive, expectsContinue: expect !== undefined };
}

/** The values of the fields that this file examines. */
type Values = { readonly [name in "host" | "expect" | "transfer-encoding"]?: string[] };

function singleFields(fields: readonly HeaderField[]): Values {
  const values: Record<string, string[]> = {};
  for (const [name, value] of fields) {
    const known = KNOWN.get(name.length)?.find((known) => known === name.toLowerCase());
    if (known !== undefined) (values[known] ??= []).push(value.trim());
  }
  return values;
}

/** By length, so that most names need no comparison. */
const KNOWN = Map.groupBy(["host", "expect", "transfer-encoding"], (name) => name.length);

/** The server supports one coding; HTTP/1.0 has none (RFC 9112 section 6.1). */
function framingProblem(values: Values, version: RequestHead["version"]): Rejection | null {
  const codings = values["transfer-encoding"];
  if (codings === undefined) return null;
  if (version === "1.0") return rejection(400, "HTTP/1.0 has no Transfer-Encoding");
  if (codings.length === 1 && codings[0]!.toLowerCase() === "chunked") return null;
  return rejection(501, "This server knows no transfer coding but chunked");
}

/** RFC 9112 section 3.2: exactly one, in HTTP/1.0 at most one. */
function hostProblem({ host = [] }: Values, version: RequestHead["version"]): Rejection | null {
  if (host.length > 1) return rejection(400, "The request has several Host fields");
  return host.length === 0 && version === "1.1"
    ? rejection(400, "The request has no Host field")
    : null;
}
