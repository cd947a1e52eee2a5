/**
 * The machine as an import sees it.
 *
 * @module
 */

import { ok } from "../../config/values/result.ts";
import { FOREIGN_FILE, markedText, readConfigFile } from "../../config/yaml/read_file.ts";
import { findUser } from "../../health/programs/accounts.ts";
import type { SourceFiles } from "../../keepalived/syntax/lines.ts";
import { withKernelFiles } from "../../linux/kernel_reader.ts";
import { threadPool } from "../../runtime/thread_pool.ts";

export const diskFiles: SourceFiles = {
  async readFile(path) {
    const read = await readConfigFile(path, FOREIGN_FILE);
    return read.ok ? ok(markedText(read.value)) : read;
  },
  async listFolder(path) {
    try {
      const turn = await threadPool.run("file", () => namesIn(path));
      return turn.ok ? turn.value : [];
    } catch (error) {
      // A pattern in a folder that does not exist matches nothing.
      if (error instanceof Error && ("code" in error || error instanceof Deno.errors.NotFound)) {
        return [];
      }
      throw error;
    }
  },
  /** From the kernel, because the program may read only some of the variables itself. */
  async readEnvironment() {
    const text = await withKernelFiles((files) => files.readKernelFile("/proc/self/environ")) ?? "";
    const entries = text.split("\0").map((entry) => /^([^=]+)=(.*)$/s.exec(entry));
    return new Map(entries.flatMap((parts) => parts ? [[parts[1]!, parts[2]!]] : []));
  },
  async hasUser(name) {
    return typeof await findUser(name) === "number";
  },
};

async function namesIn(path: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
}
