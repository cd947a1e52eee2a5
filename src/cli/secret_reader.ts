/**
 * Reads the files with secrets that the front asks for. However often it asks, each file takes one of the runtime's threads
 * at most, and one that does not answer is given up.
 *
 * @module
 */

import { PooledOperation } from "../runtime/pooled_operation.ts";

/** A longer file is no secret, nor certificates. */
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
  // Also the question whether the file system answers, which opens files as `file_system.ts` says.
  const { size, isFile } = await Deno.stat(path);
  if (!isFile || size > MAX_OCTETS) throw new Error(`${path} is no file with a secret`);
  return await Deno.readTextFile(path);
}
