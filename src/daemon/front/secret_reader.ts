/**
 * Reads the files with secrets that the front asks for. However often it asks, each file occupies at most one of the
 * runtime's threads, and the reader gives up one that does not answer.
 *
 * @module
 */

import { PooledOperation } from "../../runtime/pooled_operation.ts";
import { readRegular, UnfitFileError } from "../../runtime/regular_file.ts";

/** A longer file contains neither a secret nor certificates. */
const MAX_OCTETS = 1024 * 1024;
/** How long a file system may take to answer, in milliseconds. */
const LIMIT_MS = 1000;

export class SecretReader {
  /** As many as the configuration has named. */
  readonly #readings = new Map<string, PooledOperation<string>>();

  /** The text of a file; rejects if it cannot be read or is no file with a secret. */
  async read(path: string): Promise<string> {
    const turn = await this.#reading(path).run(AbortSignal.timeout(LIMIT_MS));
    if (!turn.ok) throw new Error(`the file system of ${path} does not answer`);
    return turn.value;
  }

  #reading(path: string): PooledOperation<string> {
    const known = this.#readings.get(path);
    if (known) return known;
    const reading = new PooledOperation("file", () => readSecret(path));
    this.#readings.set(path, reading);
    return reading;
  }
}

async function readSecret(path: string): Promise<string> {
  try {
    return await readRegular(path, MAX_OCTETS);
  } catch (error) {
    if (!(error instanceof UnfitFileError)) throw error;
    throw new Error(`${path} is no file with a secret: ${error.message}`);
  }
}
