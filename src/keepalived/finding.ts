/**
 * What an import has to tell besides its result.
 *
 * @module
 */

import { printable } from "../wire/printable.ts";
import type { Place, Statement } from "./syntax/statement.ts";

/**
 * How much a finding matters:
 * - `error`: the source cannot be converted as it is; nothing is written.
 * - `not_carried`: vipd has nothing like it (yet), so the result does less.
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

/** How people read the severities. */
export const SEVERITY_TEXT: Readonly<Record<FindingSeverity, string>> = {
  error: "error",
  not_carried: "not carried over",
  out_of_scope: "out of scope",
  carried_differently: "carried differently",
  advice: "advice",
};

export interface Finding extends Place {
  readonly severity: FindingSeverity;
  /** The keepalived keyword that it is about; empty when it is the file itself. */
  readonly keyword: string;
  /** What it means. Never quotes a password. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

/** True when the result does less than the source. */
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

  /** Adds what there is to say about a statement. */
  add(severity: FindingSeverity, statement: Statement, message: string, remedy: string): void {
    this.addAt(severity, statement, statement.keyword, message, remedy);
  }

  /** Adds what there is to say about a place. */
  addAt(
    severity: FindingSeverity,
    { file, line }: Place,
    keyword: string,
    message: string,
    remedy: string,
  ): void {
    this.#findings.push({ severity, file, line, keyword, message, remedy });
  }

  /** True when nothing may be written. */
  get failed(): boolean {
    return this.#findings.some(({ severity }) => severity === "error");
  }

  /** In the order of the files' reading and their lines. */
  sorted(files: readonly string[]): Finding[] {
    const rank = ({ file }: Finding) => files.indexOf(file);
    return this.#findings.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line);
  }
}
