/**
 * The configuration with which an engine starts: the one of its file, or the one before if that file's was on probation
 * and nobody kept it. A crash or a reboot in the probation is no reason to keep it.
 *
 * @module
 */

import { compareDiagnostics } from "../../config/diagnostics.ts";
import { DEFAULT_STATE_DIR } from "../../config/model.ts";
import {
  loadAny,
  type LoadAnyOptions,
  type LoadContext,
  type LoadedText,
  loadRead,
} from "./load.ts";
import { findProbation } from "./probation_record.ts";
import { wentBackText } from "./reloader.ts";

/** The configuration of a start. */
export interface StartConfig {
  readonly loaded: LoadedText;
  /** Why it is the configuration before the one in the file; absent if it is not. */
  readonly wentBack?: string;
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
  const stateDir = loaded.ok ? loaded.config.stateDir : DEFAULT_STATE_DIR;
  const record = await findProbation(stateDir, path, loaded.text);
  if (record === null) return { loaded };
  const file = { text: record.earlier, mode: null };
  const earlier = await loadRead(path, file, context, options);
  if (earlier.ok) {
    const why = `it was on probation until ${record.until}, and nobody kept it before vipd ended`;
    return { loaded: earlier, wentBack: wentBackText(path, why) };
  }
  // Better the one that nobody kept than none.
  if (!loaded.ok) return { loaded };
  const diagnostics = earlier.diagnostics.map((one) => ({ ...one, severity: "warning" as const }));
  const warnings = [...loaded.warnings, ...diagnostics].sort(compareDiagnostics);
  return { loaded: { ...loaded, warnings } };
}
