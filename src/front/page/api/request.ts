/**
 * One request of the page to its vipd: an answer, or why there is none.
 *
 * @module
 */

import type { ProblemDocument } from "../../../api/problem.ts";

/** Why a request failed. */
export interface Problem {
  /** The answer's status; `null` if no answer came. */
  readonly status: number | null;
  /** The problem's code; `unreachable` if no answer came. */
  readonly code: string;
  readonly message: string;
  /** How long to wait before the next attempt, if vipd says so; in milliseconds. */
  readonly waitMs: number | null;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** Never throws; `token` goes into the Authorization header (RFC 6750 section 2.1). */
export async function request(
  path: string,
  token: string | null,
  init: RequestInit = {},
): Promise<Answer<Response>> {
  try {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    // A redirect would carry the token elsewhere.
    const response = await fetch(path, { ...init, headers, redirect: "error" });
    if (response.ok) return { ok: true, value: response };
    return { ok: false, problem: await problemOf(response) };
  } catch (error) {
    return unreachable(error);
  }
}

/** The same with its JSON. */
export async function requestJson<T>(
  path: string,
  token: string | null,
  init: RequestInit = {},
): Promise<Answer<T>> {
  const answer = await request(path, token, init);
  if (!answer.ok) return answer;
  try {
    return { ok: true, value: await answer.value.json() };
  } catch (error) {
    return unreachable(error);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  // A program between the page and vipd may answer with anything.
  const body: Partial<ProblemDocument> = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("retry-after"));
  return {
    status,
    code: body.code ?? "unknown",
    message: body.detail ?? `The answer was ${status}`,
    waitMs: seconds > 0 ? seconds * 1000 : null,
  };
}

function unreachable(error: unknown): { readonly ok: false; readonly problem: Problem } {
  const message = `No answer from vipd: ${(error as Error).message}`;
  return { ok: false, problem: { status: null, code: "unreachable", message, waitMs: null } };
}
