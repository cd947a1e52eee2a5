/**
 * Reads the files that a configuration names.
 *
 * @module
 */

import { readKeyFiles } from "./key_files.ts";
import type { NamedFiles } from "./named_files.ts";
import { readTlsFiles } from "./tls_files.ts";

/** Reads all that the data of a configuration names, whatever else is wrong with it. */
export function readNamedFiles(data: unknown): NamedFiles {
  return { tls: readTlsFiles(data), keys: readKeyFiles(data) };
}
