/**
 * The errors that a client of the API gets instead of an answer.
 *
 * @module
 */

import type { Diagnostic } from "../config/diagnostics.ts";
import { STATUS_OF } from "../status/remedies/remedies.ts";
import { printable } from "../wire/printable.ts";
import { reasonOf } from "./exchange.ts";
import type { ProblemDocument } from "./problem.ts";

/** How an answer failed to come. */
export interface Unanswered {
  /** A few words: `nobody listens there`. */
  readonly reason: string;
  /**
   * The connection could not be made, or ended before the answer: the next process that listens there may know the
   * answer.
   */
  readonly broken: boolean;
  /** A process listens there, and the connection ended before the answer. */
  readonly cut: boolean;
  /** The answer did not come in time. */
  readonly late: boolean;
}

/** Nothing answers there, or another program than vipd does. */
export class DaemonUnreachableError extends Error implements Unanswered {
  override readonly name = "DaemonUnreachableError";
  readonly reason: string;
  readonly broken: boolean;
  readonly cut: boolean;
  readonly late: boolean;

  /** `message` has the remedy. */
  constructor(
    message: string,
    { reason = message, broken = false, cut = false, late = false }: Partial<Unanswered> = {},
  ) {
    super(message);
    this.reason = reason;
    this.broken = broken;
    this.cut = cut;
    this.late = late;
  }
}

/** The daemon answered with a problem. */
export class DaemonRefusedError extends Error {
  override readonly name = "DaemonRefusedError";
  readonly status: number;
  readonly code: string;
  /** The problems of a configuration that should have been reloaded. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(problem: Pick<ProblemDocument, "status" | "code" | "detail" | "diagnostics">) {
    super(printable(problem.detail));
    this.status = problem.status;
    this.code = problem.code;
    this.diagnostics = problem.diagnostics ?? [];
  }

  /** The front answers and has no engine: not yet, or not any more. */
  get withoutEngine(): boolean {
    return this.code === "engine_unreachable";
  }
}

/**
 * The error for a request to `where` that threw `error`.
 *
 * @param known any other knowledge about that daemon, with the remedy; `null` for none.
 */
export function unreachable(
  where: string,
  error: unknown,
  timeoutMs: number,
  known: string | null,
): DaemonUnreachableError {
  const said = reasonOf(error);
  if (error instanceof DOMException && error.name === "TimeoutError") {
    const remedy = known ??
      "a command may still be carried out: see vipd status, and the log of vipd";
    const reason = `no answer within ${timeoutMs / 1000} s`;
    return new DaemonUnreachableError(
      `no answer from vipd at ${where} within ${timeoutMs / 1000} s; ${remedy}`,
      { reason, late: true },
    );
  }
  // errno(3): EPERM 1, ENOENT 2, EACCES 13, ECONNREFUSED 111.
  if (/os error (1|13)\)/.test(said)) {
    return new DaemonUnreachableError(
      `not permitted to talk to ${where}; run as root or join the group of the socket`,
    );
  }
  const reason = /os error (2|111)\)/.test(said)
    ? NOBODY_LISTENS
    // The place is named already.
    : said.replace(/^error sending request .*?: client error \(\w+\): /, "");
  const remedy = known ?? IS_IT_THERE;
  return new DaemonUnreachableError(`cannot reach vipd at ${where}: ${reason}; ${remedy}`, {
    reason,
    broken: true,
    cut: reason !== NOBODY_LISTENS,
  });
}

export const NOBODY_LISTENS = "nobody listens there";
/** Hints for a target where no process answers. */
export const IS_IT_THERE = `is vipd running (${STATUS_OF.engine}), and is this its api.listen?`;
