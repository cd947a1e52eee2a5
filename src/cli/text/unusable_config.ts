/**
 * The error of a command that needs a configuration which is not valid, or which its user may not read.
 *
 * @module
 */

import { type Diagnostic, formatDiagnostic } from "../../config/diagnostics.ts";
import { CliError, EXIT, type ExitCode } from "../../exit.ts";

/** The files, if all that is wrong is that this user may not read them; then nothing is known of the configuration. */
export function deniedFiles(diagnostics: readonly Diagnostic[]): readonly string[] | null {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const files = errors.flatMap(({ unreadable }) => unreadable ?? []);
  return files.length > 0 && files.length === errors.length ? files : null;
}

/** How a command ends that needs this configuration. */
export function unusableCode(diagnostics: readonly Diagnostic[]): ExitCode {
  return deniedFiles(diagnostics) === null ? EXIT.configInvalid : EXIT.notPermitted;
}

/** @param remark a further line */
export function unusableConfig(diagnostics: readonly Diagnostic[], remark?: string): CliError {
  const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
  return new CliError(
    unusableCode(diagnostics),
    [...lines, ...(remark === undefined ? [] : [remark])].join("\n"),
  );
}
