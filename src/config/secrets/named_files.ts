/**
 * The files that a configuration names and whose content it needs.
 *
 * @module
 */

import { type KeyFiles, readKeyFiles } from "./key_files.ts";
import { readTlsFiles, type TlsFiles } from "./tls_files.ts";

export interface NamedFiles {
  /** Without one of these, only what needs it does not work. */
  readonly tls: TlsFiles;
  /** Without one of these there is no configuration. */
  readonly keys: KeyFiles;
}

/** Reads all that the data of a configuration names, whatever else is wrong with it. */
export function readNamedFiles(data: unknown): NamedFiles {
  return { tls: readTlsFiles(data), keys: readKeyFiles(data) };
}
