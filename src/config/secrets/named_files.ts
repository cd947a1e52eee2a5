/**
 * The files that a configuration names and whose content it needs.
 *
 * @module
 */

import { type KeyFiles, readKeyFiles } from "./key_files.ts";
import { readTlsFiles, TlsFiles } from "./tls_files.ts";

export interface NamedFiles {
  /** Without one of these, only what needs it does not work. */
  readonly tls: TlsFiles;
  /** Without one of these there is no configuration. */
  readonly keys: KeyFiles;
}

/** Those of another machine. */
export const NO_NAMED_FILES: NamedFiles = {
  tls: new TlsFiles([], new Map()),
  keys: { findings: [], keyAt: () => undefined },
};

/** Reads all that the data of a configuration names, whatever else is wrong with it. */
export function readNamedFiles(data: unknown): NamedFiles {
  return { tls: readTlsFiles(data), keys: readKeyFiles(data) };
}
