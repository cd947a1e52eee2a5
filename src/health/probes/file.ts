/**
 * The `file` check: the number in a file, with which other programs change the priority, as with keepalived's
 * `track_file`.
 *
 * @module
 */

import { PooledOperation } from "../../runtime/pooled_operation.ts";
import type { FileCheckConfig } from "../check_config.ts";
import { failed, type Finding, type Probe, reasonOf } from "../probe.ts";

/** Longest content of a file, in octets: a number and blanks. */
const FILE_OCTETS = 64;
/** keepalived's numbers are C's `int`. */
const NUMBER_MAX = 2 ** 31 - 1;

/** Reads files that may have become something else, such as a pipe, since they were looked at. */
export interface FileReader {
  /**
   * At most so many octets from the beginning of a file, as text; `null` if it cannot be opened or read. Never waits
   * for the other end of a pipe. Uses one thread of the runtime at a time, which its caller has reserved in the pool.
   */
  read(path: string, octets: number): Promise<string | null>;
}

export function fileProbe({ path, timeoutMs }: FileCheckConfig, files: FileReader): Probe {
  const reading = new PooledOperation("program", () => readNumber(path, files));
  return {
    late: `the file system does not answer within ${timeoutMs} ms`,
    async run(signal) {
      const turn = await reading.run(signal);
      return turn.ok ? turn.value : failed("the file systems of other checks do not answer");
    },
  };
}

/**
 * A missing file means 0, as for keepalived: a program that writes the file only on a problem need not create it
 * before.
 */
async function readNumber(path: string, files: FileReader): Promise<Finding> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (!isFile) return failed(isDirectory ? "it is a folder" : "it is not a regular file");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return failed(reasonOf(error));
    return { ok: true, detail: "no such file, which counts as 0", number: 0 };
  }
  const text = await files.read(path, FILE_OCTETS + 1);
  if (text === null) return failed("vipd's user cannot read it");
  if (text.length > FILE_OCTETS) return failed(`it is longer than ${FILE_OCTETS} octets`);
  const word = text.trim();
  const number = /^[+-]?\d+$/.test(word) ? Number(word) : NaN;
  if (Math.abs(number) <= NUMBER_MAX) {
    // Converts -0 to 0.
    return { ok: true, detail: `holds ${number || 0}`, number: number || 0 };
  }
  return failed(word === "" ? "it is empty" : `it holds no whole number: ${JSON.stringify(word)}`);
}
