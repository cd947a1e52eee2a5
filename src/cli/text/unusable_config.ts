/**
 * The error of a command that needs a configuration which is not valid, or which its user may not read.
 *
 * @module
 */

import { type Diagnostic, formatDiagnostic } from "../../config/diagnostics.ts";
import { CliError, EXIT } from "../../exit.ts";

/** The files, if all that is wrong is that this user may not read them; then nothing is known of the configuration. */
export function deniedFiles(diagnostics: readonly Diagnostic[]): readonly string[] | null {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const files = errors.flatMap(({ unreadable }) => unreadable ?? []);
  return files.length > 0 && files.length === errors.length ? files : null;
}

/** @param remark a further line */
export function unusableConfig(diagnostics: readonly Diagnostic[], remark?: string): CliError {
  const denied = deniedFiles(diagnostics) !== null;
  const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic));
  return new CliError(
    denied ? EXIT.notPermitted : EXIT.configInvalid,
    [...lines, ...(remark === undefined ? [] : [remark])].join("\n"),
  );
}
