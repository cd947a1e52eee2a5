/**
 * The outcome of reading one value of the file: the value, or a problem with its remedy.
 *
 * @module
 */

import { printable } from "../../wire/printable.ts";
import type { DiagnosticCode } from "../diagnostics.ts";

/** A problem of one value, before anybody knows where in the file it stands. */
export interface Problem {
  readonly code: DiagnosticCode;
  /** The fault, to be read after the key: `300 is not between 1 and 255`. */
  readonly message: string;
  /** The remedy. */
  readonly hint: string;
  /** The file that this user may not read, if that is the fault. */
  readonly unreadable?: string;
  /** The file that is not there, if that is the fault. */
  readonly missing?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(code: DiagnosticCode, message: string, hint: string): Result<never> {
  return { ok: false, problem: { code, message, hint } };
}

/** A failure whose cause is that this user may not read the file. */
export function ofUnreadable(failure: Result<never>, path: string): Result<never> {
  return failure.ok ? failure : { ok: false, problem: { ...failure.problem, unreadable: path } };
}

/** A failure whose cause is that there is no such file. */
export function ofMissing(failure: Result<never>, path: string): Result<never> {
  return failure.ok ? failure : { ok: false, problem: { ...failure.problem, missing: path } };
}

/** A text as a message shows it: in double quotes, control characters escaped, clipped. */
export function quote(text: string): string {
  const limit = 60;
  const clipped = text.length > limit ? `${text.slice(0, limit)}...` : text;
  // JSON escapes only some of what a terminal obeys.
  return printable(JSON.stringify(clipped));
}
