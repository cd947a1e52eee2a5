/**
 * The API's errors: `application/problem+json` (RFC 9457) with a stable code.
 *
 * @module
 */

import type { Diagnostic } from "../config/diagnostics.ts";
import type { CommandErrorCode } from "../status/commands/commands.ts";
import { reasonPhrase } from "./reason_phrases.ts";

/** Every error code of the API with its HTTP status. The codes are stable: scripts may rely on them. */
export const PROBLEM_STATUS = {
  /** The body is not JSON. */
  json_invalid: 400,
  /** The body lacks a key, or a value is out of range. */
  body_invalid: 400,
  /** The body has a key that the call does not know. */
  body_unknown_key: 400,
  /** The query string is not valid. */
  query_invalid: 400,
  /** The Idempotency-Key header is empty, too long or not printable. */
  order_id_invalid: 400,
  /** The client of a command has closed its side of the connection; vipd does not carry out the command. */
  client_gone: 400,
  /** A changing call without `Authorization: Bearer <token>`. */
  token_missing: 401,
  /** The token is not the one in the token file. */
  token_wrong: 401,
  /** The Host header names something that this API does not answer for (DNS rebinding). */
  host_refused: 403,
  /** A browser sent the request for a page of another site. */
  origin_refused: 403,
  route_unknown: 404,
  code_unknown: 404,
  method_not_allowed: 405,
  /** The body did not arrive in time. */
  body_timeout: 408,
  body_too_large: 413,
  /** The body's content type is not `application/json`. */
  content_type: 415,
  /** The configuration file is not valid, or needs a restart. */
  reload_failed: 422,
  /** Too many wrong tokens from one source; `Retry-After` says when to try again. */
  too_many_failures: 429,
  /** A defect of vipd; the log has the details. */
  internal: 500,
  /** The engine, which knows the state and carries out commands, does not answer. */
  engine_unreachable: 503,
  /** An engine that is older than its front does not say its configuration. */
  config_unknown: 503,
  /** The command reached the engine too late, and was not carried out. */
  order_late: 503,
  /** The number of clients that follow the events has reached its limit. */
  too_many_streams: 503,
  /** The token file cannot be read, so vipd cannot accept any token. */
  token_unavailable: 503,
  instance_unknown: 404,
  /** The configuration names no such peer. */
  peer_unknown: 404,
  /** The peer's API does not answer, or not with what was asked for. */
  peer_journal_unknown: 503,
  /** This node has not rehearsed yet. */
  not_rehearsed: 404,
  instance_not_ready: 409,
  master_not_outbid: 409,
  no_other_master: 409,
  /** No configuration is on probation, or the disk does not take that it is kept. */
  not_kept: 409,
  superseded: 409,
  /** A demote with `unless_worse`, while the other node would serve less than this one. */
  rehearsal_failed: 409,
  /** The Idempotency-Key was used for another command. */
  order_id_reused: 409,
} as const satisfies Record<string, number> & Record<CommandErrorCode, number>;

/** The media type of RFC 9457 section 3. */
export const PROBLEM_TYPE = "application/problem+json";

export type ProblemCode = keyof typeof PROBLEM_STATUS;

type ProblemStatus = (typeof PROBLEM_STATUS)[ProblemCode];

/** RFC 9457 section 4.2.1 wants the reason phrase of the status as title of `about:blank`. */
export const PROBLEM_TITLE = Object.fromEntries(
  Object.values(PROBLEM_STATUS).map((status) => [status, reasonPhrase(status)]),
) as Readonly<Record<ProblemStatus, string>>;

/** One problem of a body. */
export interface BodyError {
  /** JSON pointer (RFC 6901) to the value; empty for the whole body. */
  readonly pointer: string;
  readonly detail: string;
}

/** The body of an error response. */
export interface ProblemDocument {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  readonly code: ProblemCode;
  readonly errors?: readonly BodyError[];
  /** With `reload_failed`: all problems of the configuration. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** Ends a request with an error response; thrown by middleware and handlers, rendered in one place. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly BodyError[];
  readonly diagnostics: readonly Diagnostic[];

  /** `detail`: the problem and its remedy, for a person. */
  constructor(
    code: ProblemCode,
    detail: string,
    extra: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly errors?: readonly BodyError[];
      readonly diagnostics?: readonly Diagnostic[];
    } = {},
  ) {
    super(detail);
    this.code = code;
    this.headers = extra.headers ?? {};
    this.errors = extra.errors ?? [];
    this.diagnostics = extra.diagnostics ?? [];
  }
}

/** The response for a problem that occurred at `path`. */
export function problemResponse(problem: Problem, path: string): Response {
  const status = PROBLEM_STATUS[problem.code];
  const document: ProblemDocument = {
    type: "about:blank",
    title: PROBLEM_TITLE[status],
    status,
    detail: problem.message,
    instance: path,
    code: problem.code,
    ...(problem.errors.length === 0 ? {} : { errors: problem.errors }),
    ...(problem.diagnostics.length === 0 ? {} : { diagnostics: problem.diagnostics }),
  };
  return jsonResponse(document, status, {
    ...problem.headers,
    "content-type": PROBLEM_TYPE,
  });
}

/** JSON for people in a terminal: indented, with a newline at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The value as {@link jsonText}. */
export function jsonResponse(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonTextResponse(jsonText(value), status, headers);
}

/** JSON that is already text. */
export function jsonTextResponse(
  text: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}
