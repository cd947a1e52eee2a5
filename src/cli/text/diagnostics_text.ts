/**
 * The findings about a configuration, as commands print them.
 *
 * @module
 */

import { type Diagnostic, formatDiagnostic } from "../../config/diagnostics.ts";

/** Each diagnostic with its line of the file; empty if there is none. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((diagnostic) => `${formatDiagnostic(diagnostic, { excerpt: true })}\n`)
    .join("");
}
