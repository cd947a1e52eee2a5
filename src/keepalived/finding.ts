/**
 * The findings that an import reports in addition to its result.
 *
 * @module
 */

import { printable } from "../wire/printable.ts";
import type { Place, Statement } from "./syntax/statement.ts";

/**
 * How much a finding matters:
 * - `error`: vipd cannot convert the source as it is, and writes nothing.
 * - `not_carried`: vipd has no equivalent (yet), so the result does less.
 * - `out_of_scope`: the job of another program, such as load balancing.
 * - `carried_differently`: the result does it in another way.
 * - `advice`: carried over as it is, but worth a second look.
 */
export type FindingSeverity =
  | "error"
  | "not_carried"
  | "out_of_scope"
  | "carried_differently"
  | "advice";

/** The severities as people read them. */
export const SEVERITY_TEXT: Readonly<Record<FindingSeverity, string>> = {
  error: "error",
  not_carried: "not carried over",
  out_of_scope: "out of scope",
  carried_differently: "carried differently",
  advice: "advice",
};

export interface Finding extends Place {
  readonly severity: FindingSeverity;
  /** The keepalived keyword that it concerns; empty if it is the file itself. */
  readonly keyword: string;
  /** The consequence. Never quotes a password. */
  readonly message: string;
  /** The user's next step. */
  readonly remedy: string;
}

/** True if the result does less than the source. */
export function isLoss({ severity }: Finding): boolean {
  return severity === "not_carried" || severity === "out_of_scope";
}

/** `keepalived.conf:12: not carried over: notify_master: MESSAGE; REMEDY`. */
export function formatFinding(finding: Finding): string {
  const { file, line, severity, keyword, message, remedy } = finding;
  const subject = keyword === "" ? "" : `${keyword}: `;
  return printable(`${file}:${line}: ${SEVERITY_TEXT[severity]}: ${subject}${message}; ${remedy}`);
}

/** Collects findings. */
export class Report {
  readonly #findings: Finding[] = [];

  /** Adds a finding about a statement. */
  add(severity: FindingSeverity, statement: Statement, message: string, remedy: string): void {
    this.addAt(severity, statement, statement.keyword, message, remedy);
  }

  /** Adds a finding about a place. */
  addAt(
    severity: FindingSeverity,
    { file, line }: Place,
    keyword: string,
    message: string,
    remedy: string,
  ): void {
    this.#findings.push({ severity, file, line, keyword, message, remedy });
  }

  /** True if the import must not write a result. */
  get failed(): boolean {
    return this.#findings.some(({ severity }) => severity === "error");
  }

  /** In the order in which the files were read, and by line. */
  sorted(files: readonly string[]): Finding[] {
    const rank = ({ file }: Finding) => files.indexOf(file);
    return this.#findings.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line);
  }
}
