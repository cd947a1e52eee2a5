/**
 * From a file to a configuration, or to all that is wrong with it.
 *
 * @module
 */

import { checkText, fileDiagnostic, type LoadResult } from "./check_text.ts";
import type { CheckOptions } from "./judge.ts";
import { readNamedFiles } from "./secrets/read_named_files.ts";
import type { Problem } from "./values/result.ts";
import { readConfigFile } from "./yaml/read_file.ts";

/** The machine's contribution. */
export interface LoadOptions extends Omit<CheckOptions, "readNamed"> {
  /** The file is another machine's: what it names is not read, and nothing is said about it. */
  readonly elsewhere?: boolean;
}

/** Loads the file at `path`. Never throws for what a person can do wrong: that is a diagnostic. */
export async function loadConfig(path: string, options: LoadOptions): Promise<LoadResult> {
  const file = await readConfigFile(path);
  if (!file.ok) return notRead(path, file.problem);
  return parseConfig(file.value.text, path, { mode: file.value.mode, ...options });
}

/** The result for a file that could not be read. */
export function notRead(path: string, problem: Problem): LoadResult {
  const { code, message, hint, unreadable } = problem;
  const found = fileDiagnostic(path, code, message, hint);
  return {
    ok: false,
    diagnostics: [{ ...found, ...(unreadable !== undefined && { unreadable }) }],
  };
}

/** The configuration in `text`, with what it names; `fileName` is only named in diagnostics. */
export function parseConfig(text: string, fileName: string, options: LoadOptions): LoadResult {
  const { elsewhere = false, ...known } = options;
  return checkText(text, fileName, elsewhere ? known : { ...known, readNamed: readNamedFiles });
}
