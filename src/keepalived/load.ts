/**
 * A keepalived.conf as the configuration itself: the result of an import, if the import loses nothing.
 *
 * @module
 */

import type { Diagnostic, DiagnosticCode } from "../config/diagnostics.ts";
import { checkText, type LoadResult } from "../config/check_text.ts";
import type { CheckOptions } from "../config/judge.ts";
import { printable } from "../wire/printable.ts";
import { type Finding, isLoss } from "./finding.ts";
import { importKeepalived, type ImportOptions } from "./import.ts";
import { type LossOptions, programDiagnostics, type ProgramMachine } from "./programs.ts";
import type { SourceFiles } from "./syntax/lines.ts";

type KeepalivedOptions = ImportOptions & CheckOptions & LossOptions & {
  /** Absent if the file is another machine's. */
  readonly programs?: ProgramMachine;
};

/**
 * Loads the file at `path`. A loss is an error unless it is accepted,
 * because nobody reads a warning at boot.
 */
export async function loadKeepalived(
  path: string,
  source: SourceFiles,
  options: KeepalivedOptions,
): Promise<LoadResult> {
  const result = await importKeepalived(path, source, options);
  const { yaml, findings } = result;
  const diagnostics = findings.map((finding) => toDiagnostic(finding, options.acceptLoss ?? false));
  const failed = diagnostics.some(({ severity }) => severity === "error");
  if (yaml === null || failed) {
    return { ok: false, diagnostics: [...diagnostics, ...advice(path, findings)] };
  }
  const loaded = checkText(yaml, path, options);
  if (!loaded.ok) throw new Error(`The import of ${path} is not a valid configuration`);
  // The findings include the others, with places in the source.
  const readable = loaded.warnings.filter(({ code }) => code === "config_readable");
  const programs = options.programs
    ? await programDiagnostics(loaded.config, result, options.programs, options)
    : [];
  const warnings = [
    ...diagnostics,
    ...programs,
    ...readable.map((warning) => ({ ...warning, ...NOWHERE })),
  ];
  return programs.some(({ severity }) => severity === "error")
    ? { ok: false, diagnostics: [...warnings, refusal(path, { balances: false, others: true })] }
    : { ok: true, config: loaded.config, warnings };
}

const NOWHERE = { line: null, column: null, key: null, excerpt: null } as const;

/** A finding among the problems of a configuration. No excerpt: the line may hold a password. */
function toDiagnostic(finding: Finding, acceptLoss: boolean): Diagnostic {
  const { severity, file, line, keyword, message, remedy } = finding;
  const lost = isLoss(finding);
  const code: DiagnosticCode = severity === "error"
    ? "keepalived_error"
    : lost
    ? "keepalived_not_carried"
    : "keepalived_carried";
  return {
    severity: severity === "error" || (lost && !acceptLoss) ? "error" : "warning",
    code,
    file,
    line,
    column: 1,
    key: keyword === "" ? null : printable(keyword),
    message: printable(message),
    hint: printable(remedy),
    excerpt: null,
  };
}

/** The remedies if the file asks for more than vipd does. */
function advice(path: string, findings: readonly Finding[]): Diagnostic[] {
  const lost = findings.filter(isLoss);
  if (lost.length === 0) return [];
  const failed = findings.some(({ severity }) => severity === "error");
  const balances = !failed && lost.some(({ kind }) => kind === "out_of_scope");
  const others = failed || lost.some(({ kind }) => kind !== "out_of_scope");
  return [refusal(path, { balances, others })];
}

function refusal(
  path: string,
  { balances, others }: { readonly balances: boolean; readonly others: boolean },
): Diagnostic {
  const ways = [
    ...(others ? ["remove what is named above", "run without it: --accept-loss"] : []),
    ...(balances
      ? [`run its VRRP without the balancing: vipd run --config ${path} --vrrp-only`]
      : []),
  ];
  return {
    severity: "error",
    code: "keepalived_not_carried",
    file: path,
    ...NOWHERE,
    message: "a keepalived.conf is used as it is only where nothing in it is lost",
    hint: `${ways.join(", ")}, or write a configuration: ` +
      `vipd import ${path} --output /etc/vipd/vipd.yaml`,
  };
}
