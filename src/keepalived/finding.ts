/**
 * The findings that an import reports in addition to its result.
 *
 * @module
 */

import { printable } from "../wire/printable.ts";
import { withoutSecretArguments } from "./secret_arguments.ts";
import { ByPlace } from "./syntax/by_place.ts";
import type { Place, Statement } from "./syntax/statement.ts";

/**
 * How much a finding matters:
 * - `error`: the source cannot be run; vipd writes nothing.
 * - `loss`: it runs, but something that changes its behaviour is missing.
 * - `note`: other words, the same behaviour.
 */
export type FindingSeverity = "error" | "loss" | "note";

/**
 * The fate of a part of the source:
 * - `error`: vipd cannot convert the source as it is.
 * - `not_carried`: vipd has no equivalent (yet), so the result does less.
 * - `out_of_scope`: the job of another program, such as load balancing.
 * - `ignored`: keepalived ignores it, and so does the result.
 * - `carried_differently`: the result does it in another way.
 * - `advice`: carried over as it is, but worth a second look.
 */
export type FindingKind =
  | "error"
  | "not_carried"
  | "out_of_scope"
  | "ignored"
  | "carried_differently"
  | "advice";

/** The fates as people read them. */
export const KIND_TEXT: Readonly<Record<FindingKind, string>> = {
  error: "cannot be run",
  not_carried: "not carried over",
  out_of_scope: "out of scope",
  ignored: "without effect in keepalived",
  carried_differently: "carried differently",
  advice: "advice",
};

const SEVERITIES: Readonly<Record<FindingKind, FindingSeverity>> = {
  error: "error",
  not_carried: "loss",
  out_of_scope: "loss",
  ignored: "note",
  carried_differently: "note",
  advice: "note",
};

/** The remedy of a finding that changes no behaviour; such a finding is never a loss. */
export const NOTHING_TO_DO = "there is nothing to do";

export interface Finding extends Place {
  readonly severity: FindingSeverity;
  readonly kind: FindingKind;
  /** The keepalived keyword that it concerns; empty if it is the file itself. */
  readonly keyword: string;
  /** The consequence. Never quotes a password. */
  readonly message: string;
  /** The user's next step. */
  readonly remedy: string;
}

/** True if the result does less than the source. */
export function isLoss({ severity }: Finding): boolean {
  return severity === "loss";
}

/** `keepalived.conf:12: loss: notify_master: MESSAGE; REMEDY`. */
export function formatFinding(finding: Finding): string {
  const { file, line, severity, keyword, message, remedy } = finding;
  const subject = keyword === "" ? "" : `${keyword}: `;
  return printable(`${file}:${line}: ${severity}: ${subject}${message}; ${remedy}`);
}

/** Collects findings. */
export class Report {
  readonly #findings: Finding[] = [];
  readonly #without = new ByPlace<true>();
  /** Lines of which nothing is in the result; how many findings were made before that was known. */
  readonly #outdated = new ByPlace<number>();
  readonly #silenced = new ByPlace<true>();

  /** Adds a finding about a statement. */
  add(kind: FindingKind, statement: Statement, message: string, remedy: string): void {
    this.addAt(kind, statement, statement.keyword, message, remedy);
  }

  /** Adds a finding about a place. */
  addAt(
    kind: FindingKind,
    { file, line }: Place,
    keyword: string,
    message: string,
    remedy: string,
  ): void {
    if (this.#silenced.get({ file, line })) return;
    const severity = kind === "not_carried" && remedy === NOTHING_TO_DO ? "note" : SEVERITIES[kind];
    const shown = withoutSecretArguments(message);
    this.#findings.push({ severity, kind, file, line, keyword, message: shown, remedy });
  }

  /**
   * Leaves out a block of which nothing is in the result, and says why. How it would be carried over matters to nobody;
   * its mistakes may be the reason.
   */
  leaveOut(kind: FindingKind, block: Statement, message: string, remedy: string): void {
    this.#outdate(block);
    this.markLeftOut(block);
    this.add(kind, block, message, remedy);
  }

  /** Marks the lines in a block of which nothing is in the result; why stands in a finding. */
  markLeftOut(block: Statement): void {
    for (const inside of block.block ?? []) this.#markWithout(inside);
  }

  #outdate(statement: Statement): void {
    this.#outdated.set(statement, this.#findings.length);
    for (const inside of statement.block ?? []) this.#outdate(inside);
  }

  /** Marks a line of which nothing is in the result; why stands in a finding about another line. */
  markLine(place: Place): void {
    this.#without.set(place, true);
  }

  #markWithout(statement: Statement): void {
    this.#without.set(statement, true);
    for (const inside of statement.block ?? []) this.#markWithout(inside);
  }

  /** Takes no more findings about a line: all of them would have one cause. */
  silence(place: Place): void {
    this.#silenced.set(place, true);
  }

  /** The lines in blocks that were left out. */
  get leftOut(): ByPlace<true> {
    return this.#without;
  }

  /** True if the import must not write a result. */
  get failed(): boolean {
    return this.#findings.some(({ severity }) => severity === "error");
  }

  /** Makes notes of what is another program's job: only VRRP is wanted. */
  vrrpOnly(): void {
    for (const [index, finding] of this.#findings.entries()) {
      if (finding.kind === "out_of_scope") this.#findings[index] = { ...finding, severity: "note" };
    }
  }

  /** In the order in which the files were read, and by line. */
  sorted(files: readonly string[]): Finding[] {
    const rank = ({ file }: Finding) => files.indexOf(file);
    const current = this.#findings.filter((finding, index) =>
      finding.kind === "error" || finding.kind === "ignored" ||
      index >= (this.#outdated.get(finding) ?? 0)
    );
    return current.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line);
  }
}
