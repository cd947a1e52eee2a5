/**
 * The configuration with which an engine starts: the one of its file, or the one before if that file's was on probation
 * and nobody kept it. A crash or a reboot in the probation is no reason to keep it. A file that somebody has edited since
 * counts if it is valid, and ends the probation.
 *
 * @module
 */

import { compareDiagnostics, type Diagnostic, formatDiagnostic } from "../../config/diagnostics.ts";
import { DEFAULT_STATE_DIR } from "../../config/model.ts";
import {
  loadAny,
  type LoadAnyOptions,
  type LoadContext,
  type LoadedText,
  loadRead,
} from "./load.ts";
import { digestOf, findProbation, type ProbationRecord } from "./probation_record.ts";
import { type StartAfterProbation, wentBackText } from "./reloader.ts";

/** The configuration of a start. */
export interface StartConfig extends StartAfterProbation {
  readonly loaded: LoadedText;
}

/** Loads what an engine of the file at `path` starts with. */
export async function loadToStart(
  path: string,
  context: LoadContext,
  ofImport: Omit<LoadAnyOptions, "lenient"> = {},
): Promise<StartConfig> {
  // Trouble of the API keeps no engine from starting: it serves without one.
  const options = { lenient: true, ...ofImport };
  const loaded = await loadAny(path, context, options);
  if (path === "-" || loaded.text === undefined) return { loaded };
  const stateDir = loaded.ok ? loaded.config.stateDir : stateDirIn(loaded.text);
  const record = await findProbation(stateDir, path);
  if (record === null) return { loaded };
  const isEdited = record.tried !== digestOf(loaded.text);
  if (isEdited && loaded.ok) return { loaded, probationEnded: endOf(record, path, loaded.text) };
  const file = { text: record.earlier, mode: null };
  const earlier = await loadRead(path, file, context, options);
  if (earlier.ok) {
    const why = `it was on probation until ${record.until}, ` +
      (isEdited ? "and somebody edited it" : "and nobody kept it before vipd ended");
    const error = loaded.ok ? "" : `; that file is not valid: ${firstError(loaded.diagnostics)}`;
    const wentBack = { message: wentBackText(path, why) + error, isFileValid: loaded.ok };
    return { loaded: earlier, wentBack };
  }
  // Better the one that nobody kept than none.
  if (!loaded.ok) return { loaded };
  const diagnostics = earlier.diagnostics.map((one) => ({ ...one, severity: "warning" as const }));
  const warnings = [...loaded.warnings, ...diagnostics].sort(compareDiagnostics);
  return { loaded: { ...loaded, warnings } };
}

/** How a start with an edited file ends the probation of what the file had before. */
function endOf(
  { earlier, until }: ProbationRecord,
  path: string,
  text: string,
): NonNullable<StartAfterProbation["probationEnded"]> {
  if (text === earlier) {
    const message = `${path} has what was in use before the probation again: nothing is on ` +
      "probation any more";
    return { message, isUnkept: false };
  }
  const message = `vipd runs with ${path} as it is, although nobody kept it: somebody edited the ` +
    `file while it was on probation until ${until}, and nothing is on probation any more`;
  return { message, isUnkept: true };
}

/** The `state_dir` of a file with errors elsewhere. */
function stateDirIn(text: string): string {
  return /^state_dir:[ \t]+(["']?)([^\s"']+)\1[ \t]*(?:#.*)?$/m.exec(text)?.[2] ??
    DEFAULT_STATE_DIR;
}

function firstError(diagnostics: readonly Diagnostic[]): string {
  return formatDiagnostic(diagnostics.find(({ severity }) => severity === "error")!);
}
